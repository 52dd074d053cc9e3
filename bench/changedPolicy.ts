// A policy of a large cluster changes: where it is in force now, over looking at every policy and every pod.
import { workloadsOf } from '../server/src/core/decide/attachment.ts'
import { readObject } from '../server/src/core/istio/read.ts'
import type { AuthorizationPolicy } from '../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../server/src/core/mesh/build.ts'
import { type KindLists, listOf, listsOf } from '../server/src/core/mesh/lists.ts'
import { largeMesh, liveKinds, namespaceOf } from './largeMesh.ts'
import { type Measure, pairs, timed } from './measure.ts'
import { pairsNaively } from './naive.ts'

export function changedPolicyMeasures(rounds: number): readonly Measure[] {
  const large = largeMesh({ policies: 5000, pods: 10_000, apps: 2000 })
  let lists: KindLists = listsOf(liveKinds.flatMap(kind => large.mesh.all(kind)))
  let turn = 0
  /** The policies with one more at the end, which is another one each time. */
  const change = (changed: AuthorizationPolicy) => {
    const policies = lists.get('AuthorizationPolicy')
    lists = new Map(lists).set('AuthorizationPolicy', listOf([...(policies?.all ?? []).slice(0, 5000), changed], policies))
    const cluster = new ClusterLayer({ objects: [], lists, complete: () => true })
    return workloadsOf(changed, buildMesh({ files: [], cluster, closedWorld: false })).length
  }
  const measure = (name: string, goal: number, policy: () => AuthorizationPolicy, reached: number): Measure => {
    const ours = () => {
      const changed = policy()
      return timed(() => {
        if (change(changed) !== reached) throw new Error(`${name}: it is in force elsewhere`)
      })
    }
    const floor = () => timed(() => pairsNaively(large))
    for (let warming = 0; warming < 100; warming++) ours()
    return { ...pairs(name, 'every policy against every pod', rounds * 3, ours, floor), goal }
  }
  return [
    measure('a policy of 5,000 changes', 1 / 1000, () => policyOf(namespaceOf(++turn % 40), `app-${turn % 40}`), 1),
    measure('… that is for the whole mesh', 1 / 50, () => policyOf('istio-system'), 2000),
  ]
}

function policyOf(namespace: string, app?: string): AuthorizationPolicy {
  const spec = { ...(app === undefined ? {} : { selector: { matchLabels: { app } } }), action: 'DENY', rules: [] }
  const object = { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name: 'changed', namespace }, spec }
  const policy = readObject(object, { from: 'cluster', context: 'bench' })
  if (policy?.kind !== 'AuthorizationPolicy') throw new Error('no policy')
  return policy
}
