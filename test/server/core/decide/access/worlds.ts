// Random meshes around one sidecar, and a plain reading of what `access` answers: whether one connection meets it.
import fc from 'fast-check'
import type { Access } from '../../../../../server/src/core/decide/access/callersOf.ts'
import type { Condition } from '../../../../../server/src/core/decide/access/condition.ts'
import type { Outcome } from '../../../../../server/src/core/decide/access/outcome.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh, Workload } from '../../../../../server/src/core/mesh/mesh.ts'
import { is } from '../authorization/reference.ts'
import { type Asked, asked, issuer, type Policy as PlainPolicy, policyOf, type Rule, trustDomains } from '../authorization/worlds.ts'

export interface Policy {
  readonly namespace: PlainPolicy['namespace']
  readonly action: PlainPolicy['action'] | 'CUSTOM'
  readonly rules: readonly Rule[]
}

export type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE'

export interface World {
  readonly policies: readonly Policy[]
  readonly mode: Mode | undefined
  readonly authorizer: 'http' | 'grpc'
  readonly samples: readonly Asked[]
}

/** Seldom without `from`, so that identities make a difference. */
export const policy: fc.Arbitrary<Policy> = fc.oneof(
  { weight: 6, arbitrary: policyOf(fc.constantFrom('ALLOW', 'DENY')) },
  { weight: 1, arbitrary: policyOf(fc.constant('ALLOW')).map(each => ({ ...each, action: 'CUSTOM' as const })) },
)

export const world: fc.Arbitrary<World> = fc.record({
  policies: fc.array(policy, { maxLength: 5 }),
  mode: fc.constantFrom<Mode | undefined>(undefined, undefined, 'STRICT', 'DISABLE'),
  authorizer: fc.constantFrom('http', 'grpc'),
  samples: fc.array(asked, { minLength: 5, maxLength: 12 }),
})

const account = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } })

const around = (authorizer: World['authorizer']) => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  account('shop', 'web'),
  account('shop', 'api'),
  account('bank', 'web'),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: {
      mesh: JSON.stringify({
        trustDomainAliases: trustDomains.slice(1),
        extensionProviders: [
          {
            name: 'ext',
            [authorizer === 'http' ? 'envoyExtAuthzHttp' : 'envoyExtAuthzGrpc']: { service: 'web.shop.svc.cluster.local', port: 80 },
          },
        ],
      }),
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app' }, { name: 'istio-proxy' }] },
    status: { podIP: '10.9.0.1' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'tcp-db', port: 9000 },
        { name: 'misc', port: 7070 },
      ],
    },
  },
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name: 'jwt', namespace: 'shop' },
    spec: { jwtRules: [{ issuer: 'https://idp.example.com' }] },
  },
]

export function meshOf({ policies, mode, authorizer }: Omit<World, 'samples'>): Mesh {
  const objects = policies.map(({ namespace, action, rules }, index) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: `p${index}`, namespace },
    spec: { action, rules, ...(action === 'CUSTOM' ? { provider: { name: 'ext' } } : {}) },
  }))
  const authentication = { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { name: 'mode', namespace: 'shop' } }
  const all = [...around(authorizer), ...objects, ...(mode ? [{ ...authentication, spec: { mtls: { mode } } }] : [])]
  return buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: all.flatMap(each => readObject(each, { from: 'cluster', context: 'test' }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
  })
}

export function serverIn(mesh: Mesh): Workload {
  const [workload] = mesh.workloadsIn('shop')
  if (!workload) throw new Error('no workload')
  return workload
}

/** Of whoever asks; undefined for identities that only an alias of the trust domain makes another one. */
export function outcomeFor({ callers, others, plaintext }: Access, identity: string | undefined): Outcome | undefined {
  if (identity === undefined) return plaintext.outcome
  return callers.find(each => each.identity.principal === identity)?.outcome ?? (identity.startsWith('cluster.local/') ? others : undefined)
}

/** What the answer means for one connection, where the authorizer says this. */
export function readFor({ decision, ways, unless }: Outcome, sample: Asked, authorizer: 'allow' | 'deny'): 'allow' | 'deny' | 'unknown' {
  if (decision === 'unknown') return 'unknown'
  const holds = (when: readonly Condition[]) => when.every(each => meets(each, sample))
  const refused = unless.some(each => holds(each.when) && (each.authorizer === undefined || authorizer === 'deny'))
  return ways.some(({ when }) => holds(when)) && !refused ? 'allow' : 'deny'
}

const fields: Readonly<Record<string, string>> = {
  principal: 'principals',
  namespace: 'namespaces',
  'service account': 'serviceAccounts',
  address: 'ipBlocks',
  'client address': 'remoteIpBlocks',
  token: 'requestPrincipals',
  audience: 'request.auth.audiences',
  host: 'hosts',
  method: 'methods',
  path: 'paths',
  port: 'ports',
  SNI: 'connection.sni',
  'header x-a': 'request.headers[X-A]',
  'claim groups': 'request.auth.claims[groups]',
  'claim org.team': 'request.auth.claims[org][team]',
}

function meets({ subject: { aspect, name }, negated, values }: Condition, sample: Asked): boolean {
  const isHttp = sample.request !== undefined && sample.port !== 9000
  const field = fields[name === undefined ? aspect : `${aspect} ${name}`]
  const hit = aspect === 'protocol' ? isHttp : values.some(value => is(field ?? aspect, value, sample, 'shop'))
  return hit !== negated
}

/** A request to port 8080 that has what is asked for, as far as one value each can make it. */
export function built(when: readonly Condition[], identity: string): Asked {
  const wanted = (aspect: Condition['subject']['aspect'], name?: string) =>
    when.find(({ subject, negated }) => !negated && subject.aspect === aspect && subject.name === name)?.values[0]
  const filled = (aspect: Condition['subject']['aspect'], otherwise: string, name?: string) =>
    (wanted(aspect, name) ?? otherwise)
      .replace(/^\*$/, 'any')
      .replace(/^\*/, '/x')
      .replaceAll(/\{\*\*?\}/g, 'part')
      .replace(/\*$/, '')
  const asksToken = when.some(({ subject: { aspect }, negated }) => !negated && ['token', 'audience', 'claim'].includes(aspect))
  const sub = wanted('token')?.endsWith('bob') ? 'bob' : 'alice'
  const groups = filled('claim', 'dev', 'groups')
  const team = filled('claim', 'red', 'org.team')
  return {
    identity,
    ip: filled('address', wanted('client address') ?? '192.168.0.9').replace(/\/.*$/, ''),
    port: 8080,
    sni: filled('SNI', 'bank').replace('/x', 'x').toLowerCase(),
    request: {
      method: filled('method', 'DELETE').replace('/x', 'X'),
      path: filled('path', '/other'),
      host: filled('host', 'other').replace('/x', 'x'),
      headers: wanted('header', 'x-a') === undefined ? {} : { 'x-a': [filled('header', '', 'x-a').replace('/x', 'x')] },
      token: asksToken ? { iss: issuer, sub, aud: filled('audience', 'web'), groups, org: { team } } : undefined,
    },
  }
}
