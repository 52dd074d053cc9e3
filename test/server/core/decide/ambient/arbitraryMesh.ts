// Ambient meshes out of few words, so that policies and connections meet often.
import fc from 'fast-check'
import type { Caller, Connection } from '../../../../../server/src/core/decide/authorization/connection.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'

export const rootNamespace = 'istio-system'
const namespaces = ['shop', 'web', rootNamespace]
const accounts = ['web', 'pay', 'default']
const labels = [{}, { app: 'web' }, { app: 'pay' }, { app: 'pay', version: 'v1' }]
const ports = [8080, 9090]
const sources = ['10.0.0.1', '10.0.1.9', '192.168.3.4', 'fd00::1', '::ffff:10.0.0.1']
const podIps = ['10.9.0.1', 'fd00::9']

const someOf = (...values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 })

const principals = someOf('*', 'cluster.local/ns/shop/sa/pay', 'cluster.local/ns/web/*', '*/sa/web', 'cluster.local/*', '*x*')
const inNamespaces = someOf('*', 'shop', 'w*', '*op', 's*p')
const blocks = someOf('10.0.0.0/24', '10.0.0.1', '0.0.0.0/0', '192.168.255.255/16', '::/0', '::ffff:10.0.0.1', 'fd00::/8')
const inPorts = someOf('8080', '9090', '70000')
const both = (field: string, values: fc.Arbitrary<string[]>) => ({
  [field]: values,
  [`not${field[0]?.toUpperCase()}${field.slice(1)}`]: values,
})

const source = fc.record(
  {
    ...both('principals', principals),
    ...both('namespaces', inNamespaces),
    ...both('serviceAccounts', someOf('pay', 'shop/pay', 'web/web')),
    ...both('ipBlocks', blocks),
    requestPrincipals: fc.constant(['*']),
    trustDomains: fc.constant(['td']),
  },
  { requiredKeys: [] },
)
const operation = fc.record({ ...both('ports', inPorts), methods: fc.constant(['GET']) }, { requiredKeys: [] })
const condition = fc.oneof(
  ...Object.entries({
    'source.ip': blocks,
    'source.namespace': inNamespaces,
    'source.principal': principals,
    'destination.ip': someOf('10.9.0.0/16', 'fd00::9'),
    'destination.port': inPorts,
    'request.headers[x]': someOf('a'),
  }).map(([key, values]) => fc.record({ key: fc.constant(key), values, notValues: values }, { requiredKeys: ['key'] })),
)
const few = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: 2 })
const rule = fc.record({ from: few(fc.record({ source })), to: few(fc.record({ operation })), when: few(condition) }, { requiredKeys: [] })

const created = fc.option(fc.constantFrom('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'), { nil: undefined })
const selector = fc.option(
  fc.constantFrom(...labels).map(matchLabels => ({ matchLabels })),
  { nil: undefined },
)

const authorization = fc.record({
  kind: fc.constant('AuthorizationPolicy'),
  namespace: fc.constantFrom(...namespaces),
  annotations: fc.constantFrom({}, {}, {}, { 'istio.io/dry-run': 'true' }),
  created,
  spec: fc.record(
    {
      action: fc.constantFrom('ALLOW', 'DENY', 'DENY', 'AUDIT'),
      selector,
      rules: fc.array(rule, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
})

const mode = fc.constantFrom('UNSET', 'STRICT', 'PERMISSIVE', 'DISABLE')
const authentication = fc.record({
  kind: fc.constant('PeerAuthentication'),
  namespace: fc.constantFrom(...namespaces),
  annotations: fc.constant({}),
  created,
  spec: fc.record(
    {
      selector,
      mtls: fc.record({ mode }),
      portLevelMtls: fc.dictionary(fc.constantFrom('8080', '9090'), fc.record({ mode }), { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  ),
})

export interface Policy {
  readonly kind: string
  readonly namespace: string
  readonly annotations: Readonly<Record<string, string>>
  readonly created: string | undefined
  readonly spec: { readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> } | undefined }
}

export const policies: fc.Arbitrary<readonly Policy[]> = fc.array(
  fc.oneof<fc.Arbitrary<Policy>[]>(authorization, authorization, authentication),
  {
    maxLength: 8,
  },
)

const workload = fc.record({
  namespace: fc.constantFrom(...namespaces),
  labels: fc.constantFrom(...labels),
  ip: fc.constantFrom(...podIps),
})
export type PodOf = typeof workload extends fc.Arbitrary<infer T> ? T : never

export const asked = fc.record({
  pod: workload,
  port: fc.constantFrom(...ports),
  sourceIp: fc.constantFrom(...sources),
  caller: fc.oneof(
    fc.constant({ plaintext: true } as const),
    fc.record({
      identity: fc.record({
        match: fc.constant('exact' as const),
        trustDomain: fc.constant('cluster.local'),
        namespace: fc.constantFrom(...namespaces),
        serviceAccount: fc.constantFrom(...accounts),
      }),
    }),
  ),
})

export interface Asked {
  readonly pod: PodOf
  readonly port: number
  readonly sourceIp: string
  readonly caller: Caller
}

export function meshOf(written: readonly Policy[], { namespace, labels: of, ip }: PodOf, options: { ambientDryRun?: boolean } = {}): Mesh {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'server', namespace, labels: of, annotations: { 'ambient.istio.io/redirection': 'enabled' } },
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running', podIP: ip },
  }
  const objects = written.map(({ kind, namespace: home, annotations, created: creationTimestamp, spec }, index) => ({
    apiVersion: 'security.istio.io/v1',
    kind,
    metadata: { name: `p${index}`, namespace: home, annotations, ...(creationTimestamp ? { creationTimestamp } : {}) },
    spec,
  }))
  const read = [pod, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: 'prod' }) ?? [])
  return buildMesh({ files: [], cluster: new ClusterLayer({ objects: read, complete: () => true }), closedWorld: false, istiod: options })
}

export function connectionTo(mesh: Mesh, { caller, sourceIp, port }: Asked): Connection {
  const [server] = mesh.workloads
  if (!server) throw new Error('no workload')
  return { caller, sourceIp, to: { workload: server, port } }
}
