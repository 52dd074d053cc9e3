// Held against a real istiod: the mode of every server port of 195 meshes, and the policy that decides it.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { effectiveMtls, type MtlsMode, modeOfPort } from '../../server/src/core/decide/mtls.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Labels } from '../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import { jsonLines } from '../support/shared.ts'

interface ServerRow {
  readonly workload: string
  readonly kind?: 'WorkloadEntry'
  readonly port: number
  readonly mode: MtlsMode
  readonly policy: string | null
}

interface MeshCase {
  readonly id: string
  readonly tags: readonly string[]
  readonly rootNamespace: string
  readonly objects: readonly KubernetesObject[]
  readonly servers: readonly ServerRow[]
}

interface KubernetesObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels }
  readonly spec?: { readonly labels?: Labels }
}

/** Rows where istiod is wrong or we decide otherwise on purpose: `mesh workload port`, each with its reason. */
const allowed: ReadonlyMap<string, string> = new Map()

const cases = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/mtls.jsonl.gz')).toString('utf8'))
let agreed = 0
let excused = 0

test.each(cases)('$id: $tags', ({ id, rootNamespace, objects, servers }) => {
  const mesh = buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: objects.flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
    rootNamespace,
  })
  const rows = servers.map(server => `${id} ${server.workload} ${server.port}`)
  const decided = servers.map(({ workload, kind = 'Pod', port }) => {
    const [namespace = '', name] = workload.split('/')
    const { mode, policy } = modeOfPort(effectiveMtls(mesh, { namespace, labels: labelsOf(objects, kind, namespace, name) }), port)
    return { mode, policy: policy ? `${policy.namespace}/${policy.name}` : null }
  })
  const asRow = (row: string, { mode, policy }: Pick<ServerRow, 'mode' | 'policy'>) => `${row}: ${mode} from ${policy}`
  const expected = servers.map((server, index) => asRow(rows[index] ?? '', server))
  const actual = decided.map((server, index) => asRow(rows[index] ?? '', server))
  agreed += actual.filter((row, index) => row === expected[index]).length
  excused += rows.filter(row => allowed.has(row)).length
  const unexcused = (_: string, index: number) => !allowed.has(rows[index] ?? '')
  expect(actual.filter(unexcused)).toEqual(expected.filter(unexcused))
})

afterAll(() => {
  const total = cases.reduce((sum, each) => sum + each.servers.length, 0)
  console.log(`mtls oracle: ${cases.length} meshes, ${total} server ports, ${agreed} agreed, ${excused} allow-listed`)
})

/** A WorkloadEntry is known by the labels of its spec beside its own. */
function labelsOf(objects: readonly KubernetesObject[], kind: string, namespace: string, name: string | undefined): Labels {
  const object = objects.find(each => each.kind === kind && each.metadata.namespace === namespace && each.metadata.name === name)
  if (!object) throw new Error(`no ${kind} ${namespace}/${name}`)
  return { ...object.metadata.labels, ...(kind === 'WorkloadEntry' ? object.spec?.labels : {}) }
}
