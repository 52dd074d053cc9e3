// Held against a real istiod: the policies it makes for ztunnel from the PeerAuthentications of 120 ambient meshes, which of them it names at each
// workload, which of those it never publishes, and what that means for plaintext.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { publishedPolicies } from '../../server/src/core/decide/ambient/inForce.ts'
import { ambientMtls, type Plaintext, plaintextAt } from '../../server/src/core/decide/ambient/peerAuthentication.ts'
import { keyOf } from '../../server/src/core/decide/ambient/ztunnelPolicy.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Labels } from '../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import { jsonLines } from '../support/shared.ts'
import { protoJson } from './ztunnelDump.ts'

interface MeshCase {
  readonly id: string
  readonly tags: readonly string[]
  readonly rootNamespace: string
  readonly objects: readonly KubernetesObject[]
  readonly workloads: readonly WorkloadRow[]
  readonly ztunnelPolicies: Readonly<Record<string, unknown>>
}

interface WorkloadRow {
  readonly workload: string
  readonly policies: readonly string[]
  readonly danglingPolicies: readonly string[]
  readonly plaintext: Readonly<Record<string, 'ALLOW' | 'DENY'>>
}

interface KubernetesObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels }
}

/** Rows that are ours on purpose: `mesh workload`, each with its reason. */
const allowed: ReadonlyMap<string, string> = new Map()

const cases = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/mtls-ambient.jsonl.gz')).toString('utf8'))
const words = { refused: 'DENY', accepted: 'ALLOW', unknown: 'unknown' } as const satisfies Record<Plaintext['is'], string>
let agreed = 0
let excused = 0

test.each(cases)('$id: $tags', ({ id, rootNamespace, objects, workloads, ztunnelPolicies }) => {
  const mesh = buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: objects.flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
    rootNamespace,
  })
  expect(Object.fromEntries(publishedPolicies(mesh).map(policy => [keyOf(policy), protoJson(policy)]))).toEqual(ztunnelPolicies)
  const decided = workloads.map(({ workload, plaintext }): WorkloadRow | string => {
    const [namespace = '', name] = workload.split('/')
    const pod = objects.find(each => each.kind === 'Pod' && each.metadata.namespace === namespace && each.metadata.name === name)
    const outcomes = ambientMtls(mesh, { namespace, labels: pod?.metadata.labels ?? {} })
    const [outcome] = outcomes
    if (!outcome || outcomes.length > 1) return `${workload}: undecided`
    const ports = Object.keys(plaintext).map(port => [port, words[plaintextAt(outcomes, Number(port)).is]])
    return { workload, policies: outcome.references, danglingPolicies: outcome.dangling, plaintext: Object.fromEntries(ports) }
  })
  const expected = workloads.map(({ workload, policies, danglingPolicies, plaintext }) => ({
    workload,
    policies,
    danglingPolicies,
    plaintext,
  }))
  const agrees = (row: unknown, index: number) => JSON.stringify(row) === JSON.stringify(expected[index])
  agreed += decided.filter(agrees).length
  const isAllowed = (index: number) => allowed.has(`${id} ${expected[index]?.workload}`)
  excused += expected.filter((_, index) => isAllowed(index)).length
  expect(decided.filter((_, index) => !isAllowed(index))).toEqual(expected.filter((_, index) => !isAllowed(index)))
})

afterAll(() => {
  const total = cases.reduce((sum, each) => sum + each.workloads.length, 0)
  console.log(`mtls-ambient oracle: ${cases.length} meshes, ${total} workloads, ${agreed} agreed, ${excused} allow-listed`)
})
