// A pod of a large cluster changes, up to the findings of an open file: following the change, over building the world anew.
import { readFile } from '../server/src/core/istio/file.ts'
import { readObject } from '../server/src/core/istio/read.ts'
import type { Resource } from '../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../server/src/core/mesh/build.ts'
import { type KindLists, listOf, listsOf } from '../server/src/core/mesh/lists.ts'
import { check } from '../server/src/core/rules/run.ts'
import { policy } from './corpus.ts'
import { largeMesh, liveKinds } from './largeMesh.ts'
import { type Measure, pairs, timed } from './measure.ts'

export function liveMeasure(rounds: number): Measure {
  const { mesh } = largeMesh({ policies: 1000, pods: 10_000, apps: 2000 })
  const objects: readonly Resource[] = liveKinds.flatMap((kind): readonly Resource[] => mesh.all(kind))
  const file = readFile('file:///policy.yaml', policy(1))
  let lists: KindLists = listsOf(objects)
  let turn = 0
  const changedPods = () => {
    turn++
    const metadata = { name: `new-${turn}`, namespace: `team-${turn % 40}`, labels: { app: `app-${turn}` } }
    const pod = readObject({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } }, { from: 'cluster', context: 'bench' })
    return pod ? (lists.get('Pod')?.all ?? []).toSpliced((turn * 37) % 10_000, 1, pod) : []
  }
  const judge = (cluster: ClusterLayer) => {
    const world = buildMesh({ files: file.resources, cluster, closedWorld: false })
    check(file, world, { severities: {}, structure: 'all' })
    return world.workloads.length
  }
  const complete = () => true
  const ours = () => {
    const pods = changedPods()
    return timed(() => {
      lists = new Map(lists).set('Pod', listOf(pods, lists.get('Pod')))
      judge(new ClusterLayer({ objects, lists, complete }))
    })
  }
  const anew = () => {
    const pods = changedPods()
    const all = [...pods, ...objects.filter(({ kind }) => kind !== 'Pod')]
    return timed(() => judge(new ClusterLayer({ objects: all, complete })))
  }
  for (let warming = 0; warming < 10; warming++) {
    ours()
    anew()
  }
  return pairs('a pod of 10,000 changes → findings', 'the world built anew', rounds * 10, ours, anew)
}
