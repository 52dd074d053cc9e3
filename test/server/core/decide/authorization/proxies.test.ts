// Which proxy decides, what it sees, and what stays open.
import { describe, expect, test } from 'vitest'
import { authorize } from '../../../../../server/src/core/decide/authorization/authorize.ts'
import { type Connection, callerOf, type HttpRequest } from '../../../../../server/src/core/decide/authorization/connection.ts'
import type { Decision } from '../../../../../server/src/core/decide/authorization/decision.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { cluster, clusterMesh, fileMesh } from '../../../../support/mesh.ts'

const pods = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web }, annotations: { traffic.sidecar.istio.io/excludeInboundPorts: "7000, 7001" } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
status: { podIP: 10.0.0.9 }
---
apiVersion: v1
kind: Pod
metadata: { name: bare, namespace: shop }
spec: { containers: [{ name: app }] }
---
apiVersion: v1
kind: Pod
metadata:
  name: edge
  namespace: shop
  labels: { istio: edge }
  annotations: { proxy.istio.io/config: '{ gatewayTopology: { numTrustedProxies: 2 } }' }
spec: { containers: [{ name: istio-proxy }] }
---
apiVersion: v1
kind: Pod
metadata: { name: wp, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: wp } }
spec: { containers: [{ name: istio-proxy }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop, labels: { istio.io/use-waypoint: wp } }
spec: { hosts: [partner.example.com], ports: [{ number: 80, name: http, protocol: HTTP }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: tcp-db, port: 9000 }] }
`

function policy(spec: string, name = 'p'): string {
  return `---\n{ apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: { name: ${name}, namespace: shop }, spec: ${spec} }\n`
}

interface Ask {
  readonly to?: string
  readonly port?: number
  readonly caller?: string | 'plaintext'
  readonly request?: HttpRequest | 'tcp'
  readonly more?: Partial<Connection>
  readonly service?: { readonly namespace: string; readonly name: string }
}

const get: HttpRequest = { method: 'GET', path: '/', host: 'shop', headers: {}, token: 'none' }

function ask(
  mesh: Mesh,
  { to = 'web', port = 8080, caller = 'cluster.local/ns/shop/sa/app', request = get, more, service }: Ask = {},
): Decision {
  const workload = mesh.workloadsIn('shop').find(each => each.name === to)
  if (!workload) throw new Error(`no workload ${to}`)
  const connection: Connection = {
    caller: caller === 'plaintext' ? { plaintext: true } : callerOf(caller),
    sourceIp: '10.0.0.1',
    sni: '',
    to: { workload, port, ...(service ? { service } : {}) },
    ...(request === 'tcp' ? {} : { request }),
    ...more,
  }
  return authorize(connection, mesh)
}

const denyAll = policy('{ action: DENY, rules: [{}] }')

describe('what stands in front of the workload', () => {
  const rows: readonly (readonly [what: string, yaml: string, ask: Ask, decision: Partial<Decision>])[] = [
    ['a sidecar', denyAll, {}, { decision: 'deny', enforcer: 'sidecar', layer: 'rbac', status: 403 }],
    ['nothing', denyAll, { to: 'bare' }, { decision: 'allow', enforcer: 'none', layer: 'none', status: 200 }],
    ['a port that is not captured', denyAll, { port: 7001 }, { decision: 'allow', enforcer: 'none', status: 200 }],
    ['a port of the proxy itself', denyAll, { port: 15_020 }, { decision: 'allow', enforcer: 'none' }],
    ['a port that speaks HTTP', '', { request: 'tcp' }, { decision: 'deny', layer: 'http', status: 400 }],
    ['a path with a fragment', '', { request: { ...get, path: '/a#b' } }, { decision: 'deny', layer: 'http', status: 400 }],
    ['another trust domain', '', { caller: 'evil/ns/shop/sa/app' }, { decision: 'deny', layer: 'tls' }],
    ['a waypoint, in plaintext', '', { to: 'wp', caller: 'plaintext' }, { decision: 'deny', layer: 'tls', enforcer: 'waypoint' }],
  ]
  test.each(rows)('%s', (_, yaml, what, decision) => {
    expect(ask(clusterMesh(pods + yaml), what)).toMatchObject(decision)
  })

  test('mTLS that the port does not do shows nobody’s identity', () => {
    const off =
      '---\n{ apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: { name: default, namespace: shop }, spec: { mtls: { mode: DISABLE } } }\n'
    const named = policy('{ rules: [{ from: [{ source: { principals: ["*"] } }] }] }')
    expect(ask(clusterMesh(pods + named)).decision).toBe('allow')
    expect(ask(clusterMesh(pods + off + named)).decision).toBe('deny')
  })

  test('nor is it known where nobody knows which policy turns mTLS off', () => {
    const mode = (name: string, value: string) =>
      `---\n{ apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: { name: ${name}, namespace: shop }, spec: { mtls: { mode: ${value} } } }\n`
    const named = policy('{ action: DENY, rules: [{ from: [{ source: { principals: ["*"] } }] }] }')
    const decision = ask(clusterMesh(pods + mode('a', 'STRICT') + mode('b', 'DISABLE') + named))
    expect(decision.reason).toBe('Not known, and it decides: which of the PeerAuthentications a, b is the oldest.')
  })
})

describe('HTTP in rules on a TCP port', () => {
  const rows: readonly (readonly [spec: string, decision: Decision['decision']])[] = [
    ['{ action: DENY, rules: [{ to: [{ operation: { methods: [POST] } }] }] }', 'deny'],
    ['{ action: DENY, rules: [{ to: [{ operation: { methods: [POST], ports: ["80"] } }] }] }', 'allow'],
    ['{ action: DENY, rules: [{ from: [{ source: { requestPrincipals: ["*"] } }, { source: { principals: [a] } }] }] }', 'deny'],
    ['{ action: ALLOW, rules: [{ to: [{ operation: { methods: [GET] } }] }] }', 'deny'],
    ['{ action: ALLOW, rules: [{ to: [{ operation: { methods: [GET] } }] }, {}] }', 'allow'],
    ['{ action: ALLOW, rules: [{ when: [{ key: "request.headers[x]", notValues: [a] }] }] }', 'deny'],
  ]
  test.each(rows)('%s', (spec, decision) => {
    expect(ask(clusterMesh(pods + policy(spec)), { port: 9000, request: 'tcp' })).toMatchObject({ decision })
    expect(ask(clusterMesh(pods + policy(spec)), { port: 9000 }).status).toBeUndefined()
  })
})

describe('what a gateway takes for the remote address', () => {
  const rows: readonly (readonly [sent: readonly string[] | undefined, admitted: boolean])[] = [
    [['1.1.1.1, 10.9.9.9'], true],
    [['1.1.1.1', '10.9.9.9'], true],
    [['10.9.9.9, 1.1.1.1'], false],
    [['9.9.9.9, 1.1.1.1:80, 10.9.9.9'], true],
    [['10.9.9.9'], false],
    [['nobody, 10.9.9.9'], false],
    [undefined, false],
  ]
  test.each(rows)('%j', (sent, admitted) => {
    const mesh = clusterMesh(pods + policy('{ rules: [{ from: [{ source: { remoteIpBlocks: [1.1.1.1] } }] }] }'))
    const request = { ...get, headers: sent ? { 'X-Forwarded-For': sent } : {} }
    expect(ask(mesh, { to: 'edge', caller: 'plaintext', request }).decision).toBe(admitted ? 'allow' : 'deny')
  })
})

describe('at a waypoint', () => {
  const targets = (target: string) => policy(`{ action: DENY, rules: [{}], targetRefs: [${target}] }`)
  const rows: readonly (readonly [target: string, service: string, decision: Decision['decision']])[] = [
    ['{ group: "", kind: Service, name: web }', 'web', 'deny'],
    ['{ group: core, kind: Service, name: web }', 'web', 'deny'],
    ['{ group: apps, kind: Service, name: web }', 'web', 'allow'],
    ['{ kind: Service, name: other }', 'web', 'allow'],
    ['{ group: networking.istio.io, kind: ServiceEntry, name: partner }', 'partner', 'deny'],
    ['{ kind: Service, name: partner }', 'partner', 'allow'],
    ['{ group: gateway.networking.k8s.io, kind: Gateway, name: wp }', 'web', 'deny'],
    ['{ group: gateway.networking.k8s.io, kind: Gateway, name: wp, namespace: other }', 'web', 'allow'],
    ['{ group: gateway.networking.k8s.io, kind: GatewayClass, name: istio-waypoint }', 'web', 'allow'],
  ]
  test.each(rows)('%s for %s', (target, name, decision) => {
    const mesh = clusterMesh(pods + targets(target))
    expect(ask(mesh, { to: 'wp', port: 80, service: { namespace: 'shop', name } }).decision).toBe(decision)
  })

  test('it matters which Service is called', () => {
    const mesh = clusterMesh(pods + targets('{ kind: Service, name: web }'))
    expect(ask(mesh, { to: 'wp', port: 80 })).toMatchObject({
      decision: 'unknown',
      reason: 'Not known, and it decides: which Service is called.',
    })
  })
})

describe('an external authorizer', () => {
  const config = (providers: string) =>
    `---\n{ apiVersion: v1, kind: ConfigMap, metadata: { name: istio, namespace: istio-system }, data: { mesh: '{ extensionProviders: ${providers} }' } }\n`
  const http = config('[{ name: ext, envoyExtAuthzHttp: { service: web.shop.svc.cluster.local, port: 80 } }]')
  const grpc = config('[{ name: ext, envoyExtAuthzGrpc: { service: shop/web.shop.svc.cluster.local, port: 80 } }]')
  const custom = policy('{ action: CUSTOM, provider: { name: ext }, rules: [{ to: [{ operation: { ports: ["8080", "9000"] } }] }] }')
  const second = policy('{ action: CUSTOM, provider: { name: two }, rules: [{ to: [{ operation: { ports: ["1"] } }] }] }', 'q')
  const rows: readonly (readonly [what: string, yaml: string, ask: Ask, decision: Partial<Decision>])[] = [
    ['refuses', http + custom, { more: { provider: 'deny' } }, { decision: 'deny', layer: 'ext_authz', status: 403 }],
    ['agrees', http + custom, { more: { provider: 'allow' } }, { decision: 'allow' }],
    [
      'has not been asked yet',
      http + custom,
      {},
      { decision: 'unknown', reason: 'Not known, and it decides: what the authorizer ext answers.' },
    ],
    [
      'has not been asked, and a DENY matches',
      http + custom + policy('{ action: DENY, rules: [{}] }', 'd'),
      {},
      { decision: 'deny', status: 403 },
    ],
    ['does not exist', config('[{ name: other, envoyExtAuthzHttp: {} }]') + custom, {}, { decision: 'deny', layer: 'rbac' }],
    [
      'is looked for at a short name',
      config('[{ name: ext, envoyExtAuthzHttp: { service: web.shop, port: 80 } }]') + custom,
      {},
      { decision: 'deny', layer: 'rbac' },
    ],
    [
      'is a partner',
      config('[{ name: ext, envoyExtAuthzHttp: { service: partner.example.com, port: 80 } }]') + custom,
      { more: { provider: 'allow' } },
      { decision: 'allow' },
    ],
    ['is one of two', http + custom + second, { more: { provider: 'allow' } }, { decision: 'deny', layer: 'rbac' }],
    ['speaks HTTP, and the port TCP', http + custom, { port: 9000, request: 'tcp', more: { provider: 'deny' } }, { decision: 'allow' }],
    [
      'speaks gRPC, and the port TCP',
      grpc + custom,
      { port: 9000, request: 'tcp', more: { provider: 'deny' } },
      { decision: 'deny', layer: 'ext_authz' },
    ],
  ]
  test.each(rows)('%s', (_, yaml, what, decision) => {
    expect(ask(clusterMesh(pods + yaml), what)).toMatchObject(decision)
  })
})

describe('what is not known is named', () => {
  const tenant = policy(
    '{ rules: [{ to: [{ operation: { methods: [GET] } }], when: [{ key: "request.headers[x-tenant]", values: [a] }] }] }',
  )
  const { headers: _, ...headless } = get

  test('a fact of the connection', () => {
    const decision = ask(clusterMesh(pods + tenant), { request: headless })
    expect(decision).toMatchObject({ decision: 'unknown', reason: 'Not known, and it decides: the header x-tenant.' })
    expect(decision.steps).toMatchObject([{ matched: 'unknown', because: 'the header x-tenant is not known' }])
  })

  test('not a fact that changes nothing', () => {
    expect(ask(clusterMesh(pods + tenant), { request: { ...headless, method: 'POST' } })).toMatchObject({ decision: 'deny', status: 403 })
  })

  test('policies that nobody has listed', () => {
    const mesh = clusterMesh('', { cluster: cluster(pods + tenant, ['Pod', 'Service', 'RequestAuthentication', 'PeerAuthentication']) })
    expect(ask(mesh).reason).toBe(
      'Not known, and it decides: the AuthorizationPolicies of namespace istio-system, the AuthorizationPolicies of namespace shop.',
    )
  })

  test('what a placeholder stands for', () => {
    const mesh = fileMesh(pods + policy('{ rules: [{ from: [{ source: { namespaces: ["${TEAM}"] } }] }] }'), { closedWorld: true })
    expect(ask(mesh).reason).toBe('Not known, and it decides: what ${TEAM} stands for.')
  })

  test('whom a policy with a placeholder selects', () => {
    const mesh = fileMesh(pods + policy('{ action: DENY, selector: { matchLabels: { app: "${APP}" } }, rules: [{}] }'), {
      closedWorld: true,
    })
    expect(ask(mesh).reason).toBe('Not known, and it decides: which workloads AuthorizationPolicy shop/p selects.')
  })

  test('a token whose issuer is filled in later', () => {
    const jwt =
      '---\n{ apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: { name: jwt, namespace: shop }, spec: { jwtRules: [{ issuer: "${ISSUER}" }] } }\n'
    const mesh = fileMesh(pods + jwt, { closedWorld: true })
    expect(ask(mesh, { request: { ...get, token: { payload: { iss: 'a' } } } }).reason).toBe(
      'Not known, and it decides: what ${ISSUER} stands for.',
    )
    expect(ask(mesh).decision).toBe('allow')
  })

  test('what a filter of Envoy says', () => {
    const role = policy('{ rules: [{ when: [{ key: "experimental.envoy.filters.http.lua[role]", values: [admin] }] }] }')
    const filter = '---\n{ apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: { name: lua, namespace: shop } }\n'
    expect(ask(clusterMesh(pods + role)).decision).toBe('deny')
    expect(ask(clusterMesh(pods + role + filter)).reason).toBe('Not known, and it decides: what envoy.filters.http.lua says of role.')
    const metadata = { 'envoy.filters.http.lua': { role: 'admin' } }
    expect(ask(clusterMesh(pods + role + filter), { more: { metadata } }).decision).toBe('allow')
  })
})

describe('headers as policies see them', () => {
  const jwt =
    '---\n{ apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: { name: jwt, namespace: shop }, spec: { jwtRules: [{ issuer: a }] } }\n'
  const asks = (name: string, value: string) =>
    policy(`{ action: DENY, rules: [{ when: [{ key: "request.headers[${name}]", values: ["${value}"] }] }] }`)
  const token = { payload: { iss: 'a', sub: 'b' } }
  const rows: readonly (readonly [what: string, yaml: string, request: HttpRequest, decision: Decision['decision']])[] = [
    ['the token, where nobody takes it off', asks('Authorization', '*'), { ...get, token }, 'deny'],
    ['its text', asks('Authorization', 'Bearer abc'), { ...get, token }, 'unknown'],
    ['not the token that was accepted', jwt + asks('Authorization', '*'), { ...get, token }, 'allow'],
    ['user-agent as one text', asks('user-agent', 'a,b'), { ...get, headers: { 'User-Agent': ['a', '', 'b'] } }, 'deny'],
    ['others value by value', asks('x-a', 'a,b'), { ...get, headers: { 'x-a': ['a', 'b'] } }, 'allow'],
    ['Host, which is the authority', asks('host', 'shop'), get, 'deny'],
    ['the path with its query', asks(':path', '/?a'), { ...get, path: '/x/..?a' }, 'deny'],
    ['what the proxy writes', asks('x-request-id', 'a'), get, 'unknown'],
  ]
  test.each(rows)('%s', (_, yaml, request, decision) => {
    expect(ask(clusterMesh(pods + yaml), { request }).decision).toBe(decision)
  })
})

test('every rule says why it does not match', () => {
  const yaml = policy(
    '{ rules: [{ to: [{ operation: { methods: [GET], notPaths: ["/admin*"] } }] }, { from: [{ source: { namespaces: [bank] } }] }] }',
  )
  const decision = ask(clusterMesh(pods + yaml + policy('{ action: AUDIT, rules: [{}] }', 'a')), { request: { ...get, method: 'POST' } })
  expect(decision.reason).toBe('ALLOW policies apply, and none of their rules matches.')
  expect(decision.steps.map(({ action, matched, because }) => `${action} ${matched}: ${because}`)).toEqual([
    'AUDIT yes: the rule matches everything',
    'ALLOW no: method POST is not in [GET]',
    'ALLOW no: namespace shop is not in [bank]',
  ])
})
