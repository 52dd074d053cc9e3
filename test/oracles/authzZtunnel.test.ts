// Held against ztunnel's own decision code on policies converted by istiod's own code: 5,013 connections in 200 meshes, what istiod publishes and
// attaches, and the status conditions it writes.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { waypointAllows } from '../../server/src/core/decide/ambient/allowWaypoint.ts'
import { conditionsOf } from '../../server/src/core/decide/ambient/conditions.ts'
import { policiesInForce, publishedPolicies } from '../../server/src/core/decide/ambient/inForce.ts'
import { ambientMtls } from '../../server/src/core/decide/ambient/peerAuthentication.ts'
import { keyOf } from '../../server/src/core/decide/ambient/ztunnelPolicy.ts'
import type { Caller, Connection } from '../../server/src/core/decide/authorization/connection.ts'
import type { Decision } from '../../server/src/core/decide/authorization/decision.ts'
import { authorizeAtZtunnel } from '../../server/src/core/decide/authorization/ztunnel.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import { parsePrincipal } from '../../server/src/core/istio/values/principal.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import type { Mesh, Workload } from '../../server/src/core/mesh/mesh.ts'
import { jsonLines } from '../support/shared.ts'
import { dumped } from './ztunnelDump.ts'

interface MeshCase {
  readonly id: string
  readonly theme: string
  readonly meshConfig?: Readonly<Record<string, unknown>>
  readonly istiodEnv?: Readonly<Record<string, string>>
  readonly objects: readonly unknown[]
  readonly cases: readonly ConnectionCase[]
  readonly status?: Readonly<Record<string, readonly unknown[]>>
  readonly published: Readonly<Record<string, unknown>>
  readonly attached: Readonly<Record<string, readonly string[]>>
  readonly dangling?: Readonly<Record<string, readonly string[]>>
}

interface ConnectionCase {
  readonly name: string
  readonly from: { readonly principal: string } | { readonly workload: string } | { readonly plaintext: true }
  readonly ip: string
  readonly to: { readonly workload: string; readonly port: number; readonly ip?: string }
  readonly expect: 'allow' | 'deny'
  readonly layer: 'ztunnel' | 'tls'
  readonly by?: Named
  readonly byAny?: readonly Named[]
  readonly dryRun?: readonly { readonly policy: string; readonly action: string; readonly match: boolean }[]
}

type Named = { readonly policy: string } | { readonly published: string }

/** Decisions that are ours on purpose: `mesh case`, each with its reason. */
const allowed: ReadonlyMap<string, string> = new Map()

const cases = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/authz-ztunnel.jsonl.gz')).toString('utf8'))
let agreed = 0
let excused = 0
let conditions = 0

describe.each(cases)('$id: $theme', ({ id, meshConfig = {}, istiodEnv = {}, objects, ...recorded }) => {
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(meshConfig) },
  }
  const mesh = buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: [config, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
    istiod: {
      ambientDryRun: istiodEnv.AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY === 'true',
      autoAllowWaypoint: istiodEnv.PILOT_AUTO_ALLOW_WAYPOINT_POLICY === 'true',
    },
  })

  test('decides', () => {
    const asRow = (index: number, name: string, words: unknown) => `${id} ${index} ${name}: ${JSON.stringify(words)}`
    const rows = recorded.cases.map((each, index) => {
      const decision = authorizeAtZtunnel(connectionOf(each, mesh), mesh)
      return [asRow(index, each.name, wordsOf(decision, each)), asRow(index, each.name, expectedOf(each))] as const
    })
    agreed += rows.filter(([ours, theirs]) => ours === theirs).length
    excused += rows.filter((_, index) => allowed.has(`${id} ${index}`)).length
    const judged = rows.filter((_, index) => !allowed.has(`${id} ${index}`))
    expect(judged.map(([ours]) => ours)).toEqual(judged.map(([, theirs]) => theirs))
  })

  test('publishes', () => {
    const published = publishedPolicies(mesh).map(policy => [keyOf(policy), dumped(policy)])
    expect(Object.fromEntries(published)).toEqual(recorded.published)
  })

  test('attaches', () => {
    const attached = Object.keys(recorded.attached).map(workload => [workload, attachedTo(workloadOf(workload, mesh), mesh).toSorted()])
    expect(Object.fromEntries(attached)).toEqual(mapValues(recorded.attached, keys => keys.toSorted()))
    const dangling = Object.keys(recorded.attached).map(workload => [workload, danglingAt(workloadOf(workload, mesh), mesh)] as const)
    expect(Object.fromEntries(dangling.filter(([, keys]) => keys.length > 0))).toEqual(recorded.dangling ?? {})
  })

  test('writes conditions', () => {
    const status = mesh.all('AuthorizationPolicy').map(policy => [keyOf(policy), sorted(conditionsOf(policy, mesh))] as const)
    conditions += status.length
    expect(Object.fromEntries(status.filter(([, written]) => written.length > 0))).toEqual(mapValues(recorded.status ?? {}, sorted))
  })
})

afterAll(() => {
  const total = cases.reduce((sum, each) => sum + each.cases.length, 0)
  console.log(
    `authz-ztunnel oracle: ${cases.length} meshes, ${total} connections, ${agreed} agreed, ${excused} allow-listed; the status of ${conditions} policies`,
  )
})

function connectionOf({ from, ip, to }: ConnectionCase, mesh: Mesh): Connection {
  const { workload, port } = to
  return { caller: callerOf(from, mesh), sourceIp: ip, to: { workload: workloadOf(workload, mesh), port, ...(to.ip ? { ip: to.ip } : {}) } }
}

function callerOf(from: ConnectionCase['from'], mesh: Mesh): Caller {
  if ('plaintext' in from) return from
  if ('principal' in from) {
    const principal = parsePrincipal(from.principal)
    if (principal.match !== 'exact') throw new Error(`${from.principal} is no identity`)
    return { identity: principal }
  }
  const { namespace, serviceAccount } = workloadOf(from.workload, mesh)
  return { identity: { match: 'exact', trustDomain: mesh.settings.trustDomain, namespace, serviceAccount } }
}

function workloadOf(key: string, mesh: Mesh): Workload {
  const found = mesh.workloads.find(each => `${each.namespace}/${each.name}` === key)
  if (!found) throw new Error(`no workload ${key}`)
  return found
}

/** What ours is compared by; of several that matched any is right. */
function wordsOf({ decision, layer, by, steps }: Decision, expected: ConnectionCase) {
  const named: Named | undefined = by && ('published' in by ? by : { policy: keyOf(by.policy) })
  const isOne = named && expected.byAny?.some(each => JSON.stringify(each) === JSON.stringify(named))
  const dryRuns = new Map<string, { policy: string; action: string; match: boolean }>()
  for (const step of steps) {
    if (!('policy' in step) || !step.dryRun || step.because.includes('AMBIENT_ENABLE')) continue
    const policy = keyOf(step.policy)
    dryRuns.set(policy, { policy, action: step.action, match: step.matched === 'yes' || (dryRuns.get(policy)?.match ?? false) })
  }
  return { decision, layer, by: isOne ? expected.byAny : named, dryRun: byPolicy([...dryRuns.values()]) }
}

function expectedOf({ expect: decision, layer, by, byAny, dryRun = [] }: ConnectionCase) {
  return { decision, layer, by: byAny ?? by, dryRun: layer === 'tls' ? [] : byPolicy(dryRun) }
}

function byPolicy<T extends { readonly policy: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => (a.policy < b.policy ? -1 : 1))
}

function attachedTo(workload: Workload, mesh: Mesh): readonly string[] {
  const selecting = policiesInForce(workload, mesh).filter(({ publication }) => publication.scope === 'WorkloadSelector')
  const waypoints = waypointAllows(workload, mesh).flatMap(each => ('policy' in each ? [keyOf(each.policy)] : []))
  return [
    ...selecting.map(({ publication }) => keyOf(publication.policy)),
    ...ambientMtls(mesh, workload).flatMap(each => each.references),
    ...waypoints,
  ]
}

function danglingAt(workload: Workload, mesh: Mesh): readonly string[] {
  return ambientMtls(mesh, workload).flatMap(each => each.dangling)
}

function sorted(written: readonly unknown[]): readonly unknown[] {
  return written.toSorted((a, b) => (JSON.stringify(a, ['type']) < JSON.stringify(b, ['type']) ? -1 : 1))
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]))
}
