// Random worlds, small enough for values to meet: policies in front of one sidecar, and connections to it.
import fc from 'fast-check'
import { type Connection, callerOf } from '../../../../../server/src/core/decide/authorization/connection.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import type { Kind } from '../../../../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'

export type Lists = Readonly<Record<string, readonly string[]>>

export interface Rule {
  readonly from?: readonly { readonly source: Lists }[]
  readonly to?: readonly { readonly operation: Lists }[]
  readonly when?: readonly { readonly key: string; readonly values?: readonly string[]; readonly notValues?: readonly string[] }[]
}

export interface Policy {
  readonly namespace: 'shop' | 'istio-system'
  readonly action: 'ALLOW' | 'DENY'
  readonly rules: readonly Rule[]
}

export interface Asked {
  readonly identity: string | undefined
  readonly ip: string
  readonly port: number
  readonly sni: string
  readonly request: Request | undefined
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly host: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly token: Readonly<Record<string, unknown>> | undefined
}

export interface World {
  readonly policies: readonly Policy[]
  readonly asked: Asked
}

export const trustDomains = ['cluster.local', 'old-td']
export const issuer = 'https://idp.example.com'

const identities = trustDomains.flatMap(domain =>
  ['shop', 'shop-2', 'bank'].flatMap(namespace => ['web', 'api'].map(account => `${domain}/ns/${namespace}/sa/${account}`)),
)
const principals = [
  ...identities.slice(0, 4),
  '*',
  'cluster.local/ns/shop/*',
  '*/sa/web',
  '*/ns/bank/sa/api',
  'cluster.local/*',
  'old-td/ns/shop/sa/web',
]
const hosts = ['shop.example.com', 'SHOP.example.com', 'shop.example.com:8080', 'bank']
const paths = ['/', '/admin', '/admin/users', '/files/a/b.txt', '/x/../admin', '/%61dmin?x=1', '/files/[x]/b']
const addresses = ['10.0.0.1', '10.0.1.2', '192.168.0.9', '2001:db8::1']
const blocks = ['10.0.0.0/24', '10.0.0.1', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0']

const fields: Readonly<Record<'source' | 'operation', Lists>> = {
  source: {
    principals,
    namespaces: ['shop', 'shop*', '*', '*hop', 's*p', 'bank'],
    serviceAccounts: ['web', 'shop/web', 'bank/api', 'shop-2/web'],
    trustDomains: ['cluster.local', 'old-td', '*', 'old-*', 'other'],
    ipBlocks: blocks,
    remoteIpBlocks: blocks,
    requestPrincipals: ['*', `${issuer}/*`, `${issuer}/alice`, '*/bob', '*ice', 'nobody'],
  },
  operation: {
    hosts: ['shop.example.com', '*.example.com', '*', 'shop*', 'BANK'],
    methods: ['GET', 'POST', 'P*', '*T', '*'],
    paths: ['/admin', '/admin/*', '*.txt', '/files/{*}/b.txt', '/{**}', '/{*}', '*'],
    ports: ['8080', '9000', '80'],
  },
}

const keys: Lists = {
  'source.ip': blocks,
  'remote.ip': blocks,
  'source.principal': principals,
  'source.namespace': ['shop', '*bank*'],
  'request.headers[X-A]': ['a', 'a*', '*', '*b'],
  'request.auth.claims[groups]': ['dev', 'd*', '*'],
  'request.auth.claims[org][team]': ['red', '*'],
  'request.auth.audiences': ['web', '*'],
  'destination.port': ['8080', '9000'],
  'connection.sni': ['shop.example.com', '*.example.com', 'SHOP*', '*'],
}

function listsOf(values: Lists): fc.Arbitrary<Lists> {
  const field = fc
    .constantFrom(...Object.keys(values))
    .chain(name =>
      fc.tuple(
        fc.constantFrom(name, `not${name[0]?.toUpperCase()}${name.slice(1)}`),
        fc.subarray([...(values[name] ?? [])], { minLength: 1, maxLength: 2 }),
      ),
    )
  return fc.array(field, { minLength: 1, maxLength: 2 }).map(Object.fromEntries)
}

const condition = fc.constantFrom(...Object.keys(keys)).chain(key => {
  const values = fc.subarray([...(keys[key] ?? [])], { minLength: 1, maxLength: 2 })
  return fc.oneof(
    fc.record({ key: fc.constant(key), values }),
    fc.record({ key: fc.constant(key), notValues: values }),
    fc.record({ key: fc.constant(key), values, notValues: values }),
  )
})

export const rule: fc.Arbitrary<Rule> = fc.record(
  {
    from: fc.array(fc.record({ source: listsOf(fields.source) }), { minLength: 1, maxLength: 2 }),
    to: fc.array(fc.record({ operation: listsOf(fields.operation) }), { minLength: 1, maxLength: 2 }),
    when: fc.array(condition, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
)

export function policyOf(action: fc.Arbitrary<Policy['action']>): fc.Arbitrary<Policy> {
  const namespace = fc.constantFrom<Policy['namespace']>('shop', 'istio-system')
  return fc.record({ namespace, action, rules: fc.array(rule, { maxLength: 3 }) })
}

export const policy = policyOf(fc.constantFrom('ALLOW', 'DENY'))

const token = fc.record({
  iss: fc.constant(issuer),
  sub: fc.constantFrom('alice', 'bob', ''),
  aud: fc.constantFrom<string | string[]>('web', ['web', 'mobile'], 'other'),
  groups: fc.constantFrom<unknown>('dev', ['ops', 'dev'], 7, ''),
  org: fc.constantFrom<unknown>({ team: 'red' }, { team: ['blue'] }, 'red'),
})

const request: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc.constantFrom(...paths),
  host: fc.constantFrom(...hosts),
  headers: fc.constantFrom<Request['headers']>(
    {},
    { 'x-a': ['a'] },
    { 'X-a': ['b', 'ab'] },
    { 'x-a': [''] },
    { 'x-forwarded-for': ['10.0.0.1, 192.168.0.9'] },
  ),
  token: fc.option(token, { nil: undefined }),
})

/** Port 9000 speaks TCP, 8080 HTTP, 7070 what comes. */
export const asked: fc.Arbitrary<Asked> = fc
  .record({
    identity: fc.option(fc.constantFrom(...identities), { nil: undefined }),
    ip: fc.constantFrom(...addresses),
    port: fc.constantFrom(8080, 9000, 7070),
    sni: fc.constantFrom('', 'shop.example.com', 'SHOP.example.com'),
    request: fc.option(request, { nil: undefined, freq: 6 }),
  })
  .filter(({ port, request }) => port !== 8080 || request !== undefined)

export const world: fc.Arbitrary<World> = fc.record({ policies: fc.array(policy, { maxLength: 4 }), asked })

const around = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: `trustDomainAliases: [${trustDomains[1]}]` },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'app' }, { name: 'istio-proxy' }] },
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
      ],
    },
  },
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name: 'jwt', namespace: 'shop' },
    spec: { jwtRules: [{ issuer }] },
  },
]

export function meshWith(policies: readonly Policy[], hidden: readonly Kind[] = []): Mesh {
  const objects = policies.map(({ namespace, ...spec }, index) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: nameOf(index), namespace },
    spec,
  }))
  return buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: [...around, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: 'test' }) ?? []),
      complete: kind => !hidden.includes(kind),
    }),
    closedWorld: false,
  })
}

export function nameOf(index: number): string {
  return `p${index}`
}

export function connectionTo(mesh: Mesh, { identity, ip, port, sni, request }: Asked): Connection {
  const workload = mesh.workloadsIn('shop')[0]
  if (!workload) throw new Error('no workload')
  return {
    caller: identity === undefined ? { plaintext: true } : callerOf(identity),
    sourceIp: ip,
    sni,
    to: { workload, port },
    ...(request ? { request: { ...request, token: request.token ? { payload: request.token } : 'none' } } : {}),
  }
}
