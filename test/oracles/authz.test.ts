// Held against a real Envoy with istiod's configuration: 9,400 decisions in 295 meshes, with the rule, the layer and the status of each.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { authorize } from '../../server/src/core/decide/authorization/authorize.ts'
import { type Connection, callerOf, type HttpRequest, type Token } from '../../server/src/core/decide/authorization/connection.ts'
import type { Decision, Step } from '../../server/src/core/decide/authorization/decision.ts'
import { normalizePath } from '../../server/src/core/decide/authorization/httpPath.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import type { Mesh, Workload } from '../../server/src/core/mesh/mesh.ts'
import { jsonLines } from '../support/shared.ts'

interface Rule {
  readonly policy: string
  readonly rule: number
}

interface Shadow {
  readonly result: 'allowed' | 'denied'
  readonly by?: Rule
}

interface RecordedToken {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly azp?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly in?: NonNullable<Token['in']>
  readonly invalid?: NonNullable<Token['invalid']>
}

interface Case {
  readonly name: string
  readonly from: { readonly principal: string } | { readonly workload: string } | { readonly plaintext: true }
  readonly ip: string
  readonly to: { readonly workload: string; readonly port: number; readonly service?: string }
  readonly request?: {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly headers?: Readonly<Record<string, string | readonly string[]>>
  }
  readonly jwt?: RecordedToken
  readonly sni?: string
  readonly expect: 'allow' | 'deny'
  readonly status?: number
  readonly layer?: string
  readonly by?: Rule
  readonly custom?: Rule
  readonly dryRun?: { readonly allow?: Shadow; readonly deny?: Shadow }
  readonly normalizedPath?: string
}

interface MeshCase {
  readonly id: string
  readonly theme: string
  readonly meshConfig?: Readonly<Record<string, unknown>>
  readonly objects: readonly unknown[]
  readonly cases: readonly Case[]
}

/** Rows where Envoy is right and we decide otherwise on purpose: `mesh index of the case`, each with its reason. */
const allowed: ReadonlyMap<string, string> = new Map()

const meshes = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/authz.jsonl.gz')).toString('utf8'))
let agreed = 0
let excused = 0

test.each(meshes)('$id: $theme', recorded => {
  const mesh = meshOf(recorded)
  const rows = recorded.cases.map((each, index) => {
    const row = `${recorded.id} ${index}`
    return { row, expected: `${row}: ${expected(each)}`, actual: `${row}: ${shown(authorize(connectionOf(each, mesh), mesh), each)}` }
  })
  agreed += rows.filter(each => each.actual === each.expected).length
  excused += rows.filter(each => allowed.has(each.row)).length
  const judged = rows.filter(each => !allowed.has(each.row))
  expect(judged.map(each => each.actual)).toEqual(judged.map(each => each.expected))
})

afterAll(() => {
  const total = meshes.reduce((sum, each) => sum + each.cases.length, 0)
  console.log(`authz oracle: ${meshes.length} meshes, ${total} decisions, ${agreed} agreed, ${excused} allow-listed`)
})

describe('paths as Envoy normalizes them', () => {
  const paths = meshes.flatMap(mesh =>
    mesh.cases.flatMap(({ request, normalizedPath }) =>
      request ? [{ how: normalizationOf(meshOf(mesh)), path: request.path, becomes: normalizedPath ?? request.path }] : [],
    ),
  )
  const distinct = [...new Map(paths.map(each => [`${each.how} ${each.path}`, each])).values()]

  test(`${distinct.length} paths`, () => {
    const normalized = distinct.map(({ how, path }) => ({ how, path, becomes: normalizePath(path, how) }))
    expect(normalized).toEqual(distinct)
  })
})

function normalizationOf({ settings }: Mesh) {
  return settings.pathNormalization
}

function meshOf({ id, meshConfig, objects }: MeshCase): Mesh {
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(meshConfig ?? {}) },
  }
  return buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: [config, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
  })
}

function connectionOf({ from, ip, to, request, jwt, sni }: Case, mesh: Mesh): Connection {
  const [namespace = '', name = ''] = to.service?.split('/') ?? []
  const service = to.service === undefined ? {} : { service: { namespace, name } }
  return {
    caller: 'plaintext' in from ? from : callerOf('principal' in from ? from.principal : identityOf(from.workload, mesh)),
    sourceIp: ip,
    sni: sni ?? '',
    to: { workload: workloadOf(to.workload, mesh), port: to.port, ...service },
    ...(request ? { request: requestOf(request, jwt), provider: request.headers?.['x-ext-authz'] === 'allow' ? 'allow' : 'deny' } : {}),
  }
}

function identityOf(pod: string, mesh: Mesh): string {
  const { namespace, serviceAccount } = workloadOf(pod, mesh)
  return `${mesh.settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`
}

function workloadOf(pod: string, mesh: Mesh): Workload {
  const [namespace = '', name] = pod.split('/')
  const found = mesh.workloadsIn(namespace).find(each => each.name === name)
  if (!found) throw new Error(`no pod ${pod}`)
  return found
}

function requestOf({ method, path, host, headers = {} }: NonNullable<Case['request']>, jwt: RecordedToken | undefined): HttpRequest {
  const lists = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value] as const)
  return { method, path, host, headers: Object.fromEntries(lists), token: jwt ? tokenOf(jwt) : 'none' }
}

function tokenOf({ in: place, invalid, claims, ...standard }: RecordedToken): Token {
  return { payload: { ...standard, ...claims }, ...(place ? { in: place } : {}), ...(invalid ? { invalid } : {}) }
}

function expected(each: Case): string {
  return facts(each.expect, each.status, each.layer, each.by, each.custom, each.dryRun)
}

/** Envoy says no rule for a TCP connection that it lets in, no layer for what it lets in, and CUSTOM rules only where an authorizer is asked. */
function shown({ decision, status, layer, by, steps }: Decision, { request, dryRun }: Case): string {
  const decider = by && 'policy' in by ? ruleOf(by) : undefined
  const admitted = decision === 'allow'
  const asks = request && !(layer === 'rbac' && by && 'policy' in by && by.policy.action === 'CUSTOM')
  return facts(
    decision,
    status,
    admitted ? undefined : layer,
    admitted && !request ? undefined : decider,
    asks ? firstHit(steps, 'CUSTOM', false) : undefined,
    dryRun && { ...(dryRun.allow ? { allow: shadowOf(steps, 'ALLOW') } : {}), ...(dryRun.deny ? { deny: shadowOf(steps, 'DENY') } : {}) },
  )
}

function shadowOf(steps: readonly Step[], action: 'ALLOW' | 'DENY'): Shadow {
  const by = firstHit(steps, action, true)
  const result = (by !== undefined) === (action === 'ALLOW') ? 'allowed' : 'denied'
  return { result, ...(by ? { by } : {}) }
}

function firstHit(steps: readonly Step[], action: Step['action'], dryRun: boolean): Rule | undefined {
  const hit = steps.find(each => each.dryRun === dryRun && each.action === action && each.matched === 'yes')
  return hit && 'policy' in hit && hit.rule !== undefined ? ruleOf({ policy: hit.policy, rule: hit.rule }) : undefined
}

function ruleOf({ policy, rule }: { readonly policy: { readonly namespace: string; readonly name: string }; readonly rule: number }): Rule {
  return { policy: `${policy.namespace}/${policy.name}`, rule }
}

function facts(...each: readonly unknown[]): string {
  return each.map(fact => (fact === undefined ? '-' : typeof fact === 'object' ? JSON.stringify(fact) : fact)).join(' ')
}
