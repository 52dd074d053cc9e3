// Who can call, held against the recorded decisions of Envoy and of ztunnel: whoever is said to be let in is, and whoever is said to be refused is.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type Access, callersOf } from '../../server/src/core/decide/access/callersOf.ts'
import type { Outcome } from '../../server/src/core/decide/access/outcome.ts'
import { appProtocolOf } from '../../server/src/core/decide/authorization/appProtocol.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import type { Mesh, Workload } from '../../server/src/core/mesh/mesh.ts'
import { workloadNamed } from '../../server/src/core/policytest/workloadNamed.ts'
import { jsonLines } from '../support/shared.ts'

interface Recorded {
  readonly id: string
  readonly theme: string
  readonly meshConfig?: Readonly<Record<string, unknown>>
  readonly istiodEnv?: Readonly<Record<string, string>>
  readonly objects: readonly unknown[]
  readonly cases: readonly Case[]
}

interface Case {
  readonly name: string
  readonly from: { readonly principal: string } | { readonly workload: string } | { readonly plaintext: true }
  readonly to: { readonly workload: string; readonly port: number; readonly service?: string }
  readonly request?: object
  readonly expect: 'allow' | 'deny'
  readonly layer?: string
}

const sources = { Envoy: 'authz', ztunnel: 'authz-ztunnel' } as const

describe.each(Object.entries(sources))('%s', (name, file) => {
  const meshes = jsonLines<Recorded>(gunzipSync(readFileSync(`test/oracles/data/${file}.jsonl.gz`)).toString('utf8'))
  let decided = 0
  let conditional = 0

  test.each(meshes)('$id: $theme', recorded => {
    const mesh = meshOf(recorded)
    const rows = recorded.cases
      .filter(each => isCounted(each, mesh))
      .map((each, index) => ({ each, index, outcome: outcomeOf(each, mesh) }))
    const certain = rows.filter(({ outcome }) => outcome?.decision === 'allow' || outcome?.decision === 'deny')
    decided += certain.length
    conditional += rows.filter(({ outcome }) => outcome?.decision === 'conditional').length
    const shown = ({ index, each }: (typeof rows)[number], decision: string | undefined) =>
      `${recorded.id} ${index} ${each.name}: ${decision}`
    expect(certain.map(row => shown(row, row.outcome?.decision))).toEqual(certain.map(row => shown(row, row.each.expect)))
    expect(rows.filter(({ outcome }) => outcome?.decision === 'unknown').map(row => shown(row, row.outcome?.reason))).toEqual([])
  })

  afterAll(() => {
    const total = meshes.reduce((sum, each) => sum + each.cases.length, 0)
    console.log(
      `access oracle, ${name}: ${meshes.length} meshes, ${total} connections, ${decided} certain whatever is asked, ${conditional} on conditions`,
    )
  })
})

/** A token that is refused, and a connection that speaks no HTTP where HTTP is spoken, are refused whoever sends them. */
function isCounted({ layer, request, to, expect: expected }: Case, mesh: Mesh): boolean {
  if (layer === 'jwt') return false
  const workload = workloadIn(mesh, to.workload)
  return (
    request !== undefined ||
    expected === 'deny' ||
    workload.proxy === 'ztunnel' ||
    appProtocolOf({ workload, port: to.port }, mesh) !== 'http'
  )
}

const answers = new WeakMap<Mesh, Map<string, Access>>()

/** Undefined for an identity of which nothing is said: of another form, or under an alias of the trust domain. */
function outcomeOf({ from, to }: Case, mesh: Mesh): Outcome | undefined {
  const workload = workloadIn(mesh, to.workload)
  // Of a waypoint it is said what stands before the workloads behind it.
  if (workload.proxy === 'waypoint') return undefined
  const known = answers.get(mesh) ?? new Map<string, Access>()
  answers.set(mesh, known)
  const key = `${to.workload}:${to.port}`
  const access = known.get(key) ?? callersOf(mesh, workload, to.port)
  known.set(key, access)
  if ('plaintext' in from) return access.plaintext.outcome
  const principal = 'principal' in from ? from.principal : identityOf(workloadIn(mesh, from.workload), mesh)
  const listed = access.callers.find(({ identity }) => identity.principal === principal)
  if (listed) return listed.outcome
  if (!/^[^/]+\/ns\/[^/]+\/sa\/[^/]+$/.test(principal)) return undefined
  const [trustDomain] = principal.split('/')
  return trustDomain === mesh.settings.trustDomain ? access.others : access.foreign.find(each => each.trustDomain === trustDomain)?.outcome
}

function identityOf({ namespace, serviceAccount }: Workload, { settings }: Mesh): string {
  return `${settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`
}

function workloadIn(mesh: Mesh, name: string): Workload {
  const found = workloadNamed(mesh, name)
  if (!found) throw new Error(`no workload ${name}`)
  return found
}

function meshOf({ id, meshConfig = {}, istiodEnv = {}, objects }: Recorded): Mesh {
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(meshConfig) },
  }
  const read = [config, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? [])
  return buildMesh({
    files: [],
    cluster: new ClusterLayer({ objects: read, complete: () => true }),
    closedWorld: false,
    istiod: {
      ambientDryRun: istiodEnv.AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY === 'true',
      autoAllowWaypoint: istiodEnv.PILOT_AUTO_ALLOW_WAYPOINT_POLICY === 'true',
    },
  })
}
