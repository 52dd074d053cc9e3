// Who can call, told in words: one line for a caller.
import { describe, expect, test } from 'vitest'
import { callableBy } from '../../../../../server/src/core/decide/access/callableBy.ts'
import type { Callers } from '../../../../../server/src/core/decide/access/callers.ts'
import { type Access, callersOf } from '../../../../../server/src/core/decide/access/callersOf.ts'
import { nameOf, type Outcome } from '../../../../../server/src/core/decide/access/outcome.ts'
import type { Mesh, Workload } from '../../../../../server/src/core/mesh/mesh.ts'
import { whenTexts } from '../../../../../server/src/core/report/conditions.ts'
import { cluster, clusterMesh, fileMesh } from '../../../../support/mesh.ts'

const pod = (namespace: string, name: string, more = '', proxy = ', { name: istio-proxy }') => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { serviceAccountName: ${name}, containers: [{ name: app${more} }${proxy}] }
status: { phase: Running, podIP: 10.0.0.9 }
`

const meshConfig = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    caCertificates: [{ trustDomains: [partner.example] }]
    extensionProviders:
      - { name: ext, envoyExtAuthzGrpc: { service: ext.shop.svc.cluster.local, port: 9000 } }
      - { name: web, envoyExtAuthzHttp: { service: ext.shop.svc.cluster.local, port: 8000 } }
`

const shop = `apiVersion: v1
kind: Namespace
metadata: { name: shop }
${pod('shop', 'checkout', ', ports: [{ containerPort: 8080 }]')}${pod('shop', 'frontend')}${pod('bank', 'teller')}${pod('shop', 'legacy', '', '')}---
apiVersion: v1
kind: ServiceAccount
metadata: { name: idle, namespace: shop }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: ext, namespace: shop }
spec: { ports: [{ name: grpc, port: 9000 }] }
${meshConfig}`

const policy = (spec: string, name = 'p', namespace = 'shop') =>
  `---\n{ apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: { name: ${name}, namespace: ${namespace} }, spec: ${spec} }\n`
const peer = (spec: string) =>
  `---\n{ apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: { name: mode, namespace: shop }, spec: ${spec} }\n`
const tokens =
  '---\n{ apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: { name: jwt, namespace: shop }, spec: { jwtRules: [{ issuer: https://id.example.net }] } }\n'
const tcp =
  '---\n{ apiVersion: v1, kind: Service, metadata: { name: db, namespace: shop }, spec: { selector: { app: checkout }, ports: [{ name: tcp, port: 9000 }] } }\n'

function workloadIn(mesh: Mesh, name: string): Workload {
  const found = mesh.workloads.find(each => each.name === name)
  if (!found) throw new Error(`no workload ${name}`)
  return found
}

/** `conditional: method GET; unless path /admin* (shop/p rule 0, shop/q rule 0)`. */
function told(outcome: Outcome): string {
  const { decision, by, missing } = outcome
  const conditions = [...whenTexts(outcome), ...missing].join('; ')
  const deciders = by.length > 0 ? ` (${by.map(nameOf).join(', ')})` : ''
  return `${decision}${conditions ? `: ${conditions}` : ''}${deciders}`
}

function lines({ callers, others, foreign, plaintext }: Callers): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...callers.map(({ identity, outcome }) => [identity.principal.replace(/^cluster\.local\/ns\/(.*)\/sa\//, '$1/'), told(outcome)]),
    ['others', told(others)],
    ...foreign.map(each => [each.trustDomain, told(each.outcome)]),
    ['plaintext', told(plaintext.outcome)],
  ])
}

const accessTo = (more: string, port: number | null = 8080): Access => {
  const mesh = clusterMesh(`${shop}${more}`)
  return callersOf(mesh, workloadIn(mesh, 'checkout'), port ?? undefined)
}

const frontend = 'from: [{ source: { principals: [cluster.local/ns/shop/sa/frontend] } }]'

/** `null`: no port is asked for. */
type Case = readonly [what: string, objects: string, expected: Readonly<Record<string, string>>, port?: number | null]

const cases: readonly Case[] = [
  ['no policy lets everybody in', '', { 'shop/frontend': 'allow', 'shop/idle': 'allow', others: 'allow', plaintext: 'allow' }],
  [
    'ALLOW for one identity refuses the others',
    policy(`{ rules: [{ ${frontend} }] }`),
    { 'shop/frontend': 'allow (shop/p rule 0)', 'shop/idle': 'deny', 'bank/teller': 'deny', others: 'deny', plaintext: 'deny' },
  ],
  [
    'what the request decides stays a condition',
    policy(`{ rules: [{ ${frontend}, to: [{ operation: { methods: [GET, POST], paths: [/cart*] } }] }] }`),
    { 'shop/frontend': 'conditional: method GET or POST; path /cart* (shop/p rule 0)', others: 'deny' },
  ],
  [
    'operations and rules are alternatives',
    policy(
      `{ rules: [{ ${frontend}, to: [{ operation: { methods: [GET] } }, { operation: { notPaths: [/admin*] } }] }, { to: [{ operation: { hosts: [public] } }] }] }`,
    ),
    {
      'shop/frontend': 'conditional: method GET, or not path /admin*, or host public (shop/p rule 0, shop/p rule 1)',
      others: 'conditional: host public (shop/p rule 1)',
    },
  ],
  [
    'a condition that all alternatives share stands by itself',
    policy('{ rules: [{ to: [{ operation: { methods: [GET], paths: [/a] } }, { operation: { methods: [GET], paths: [/b] } }] }] }'),
    { others: 'conditional: method GET; path /a, or path /b (shop/p rule 0)' },
  ],
  [
    'alternatives that leave nothing over are no condition',
    policy('{ rules: [{ to: [{ operation: { methods: [GET] } }] }, { to: [{ operation: { notMethods: [GET] } }] }] }'),
    { others: 'allow (shop/p rule 0, shop/p rule 1)' },
  ],
  [
    'DENY that depends is an exception',
    policy('{ action: DENY, rules: [{ to: [{ operation: { paths: [/admin*] } }] }] }'),
    { 'shop/frontend': 'conditional: unless path /admin* (shop/p rule 0)', plaintext: 'conditional: unless path /admin* (shop/p rule 0)' },
  ],
  [
    'DENY of all but some is a condition',
    policy('{ action: DENY, rules: [{ to: [{ operation: { notMethods: [GET] } }] }] }'),
    { 'shop/frontend': 'conditional: method GET (shop/p rule 0)' },
  ],
  [
    'DENY that covers what is allowed denies',
    policy(`{ rules: [{ ${frontend}, to: [{ operation: { paths: [/admin/users] } }] }] }`, 'a') +
      policy('{ action: DENY, rules: [{ to: [{ operation: { paths: [/admin*] } }] }] }', 'd'),
    { 'shop/frontend': 'deny (shop/d rule 0)', others: 'deny' },
  ],
  [
    'DENY that cannot meet what is allowed is left out',
    policy(`{ rules: [{ ${frontend}, to: [{ operation: { methods: [GET] } }] }] }`, 'a') +
      policy('{ action: DENY, rules: [{ to: [{ operation: { methods: [POST] } }] }] }', 'd'),
    { 'shop/frontend': 'conditional: method GET (shop/a rule 0)' },
  ],
  [
    'DENY without open conditions denies, whatever is allowed',
    policy('{ rules: [{}] }', 'a') + policy('{ action: DENY, rules: [{ from: [{ source: { namespaces: [bank] } }] }] }', 'd'),
    {
      'bank/teller': 'deny (shop/d rule 0)',
      'shop/frontend': 'allow (shop/a rule 0)',
      others: 'conditional: unless namespace bank (shop/a rule 0, shop/d rule 0)',
    },
  ],
  [
    'CUSTOM asks its authorizer',
    policy(
      '{ action: CUSTOM, provider: { name: ext }, rules: [{ to: [{ operation: { paths: [/pay*] } }] }, { to: [{ operation: { ports: ["8080"], paths: [/x] } }] }] }',
    ),
    { others: 'conditional: if provider ext allows path /pay*; if provider ext allows path /x (shop/p rule 0, shop/p rule 1)' },
  ],
  [
    'CUSTOM without conditions is asked about everything',
    policy('{ action: CUSTOM, provider: { name: ext }, rules: [{}] }'),
    { others: 'conditional: if provider ext allows (shop/p rule 0)' },
  ],
  [
    'CUSTOM with an unknown authorizer refuses',
    policy('{ action: CUSTOM, provider: { name: nobody }, rules: [{}] }'),
    { others: 'deny (shop/p rule 0)' },
  ],
  ['AUDIT and dry runs decide nothing', policy('{ action: AUDIT, rules: [{}] }'), { others: 'allow' }],
  [
    'a token must be of an issuer that is checked',
    tokens +
      policy(
        '{ rules: [{ from: [{ source: { requestPrincipals: [https://id.example.net/*, https://other.example.net/*] } }], when: [{ key: "request.auth.claims[groups]", values: [dev] }] }] }',
      ),
    { others: 'conditional: token from https://id.example.net; token claim groups: dev (shop/p rule 0)' },
  ],
  [
    'without RequestAuthentication no token counts',
    policy('{ rules: [{ from: [{ source: { requestPrincipals: ["*"] } }] }] }'),
    { others: 'deny' },
  ],
  [
    'addresses, headers, SNI',
    policy(
      '{ rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8], notRemoteIpBlocks: [10.1.0.1] } }], when: [{ key: "request.headers[X-Tenant]", values: ["*"] }, { key: connection.sni, values: [a] }] }] }',
    ),
    {
      others: 'conditional: header x-tenant; address in 10.0.0.0/8; not client address 10.1.0.1; SNI a (shop/p rule 0)',
      plaintext: 'deny',
    },
  ],
  [
    'who is named with wildcards: the known ones are decided, the others depend',
    policy('{ rules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/*"] } }, { source: { namespaces: ["b*"] } }] }] }'),
    {
      'shop/idle': 'allow (shop/p rule 0)',
      'bank/teller': 'allow (shop/p rule 0)',
      others: 'conditional: principal cluster.local/ns/shop/*, or namespace b* (shop/p rule 0)',
      plaintext: 'deny',
    },
  ],
  [
    'who is excluded',
    policy('{ rules: [{ from: [{ source: { notPrincipals: [cluster.local/ns/shop/sa/idle], notNamespaces: [bank] } }] }] }'),
    {
      'shop/idle': 'deny',
      'bank/teller': 'deny',
      'shop/frontend': 'allow (shop/p rule 0)',
      others: 'conditional: not namespace bank (shop/p rule 0)',
      plaintext: 'allow (shop/p rule 0)',
    },
  ],
  [
    'service accounts of the policy and of others, also as conditions',
    policy('{ rules: [{ when: [{ key: source.serviceAccount, values: [idle, bank/teller] }] }] }'),
    { 'shop/idle': 'allow (shop/p rule 0)', 'bank/teller': 'allow (shop/p rule 0)', 'shop/frontend': 'deny', others: 'deny' },
  ],
  [
    'a name that nobody has says whom it waits for',
    policy('{ rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/chekout] } }] }] }'),
    { others: 'conditional: principal cluster.local/ns/shop/sa/chekout (shop/p rule 0)', 'shop/frontend': 'deny' },
  ],
  [
    'identities of other trust domains are listed where policies name them',
    policy('{ rules: [{ from: [{ source: { principals: [partner.example/ns/x/sa/y, other.example/ns/x/sa/y] } }] }] }'),
    { 'partner.example/ns/x/sa/y': 'allow (shop/p rule 0)', 'other.example/ns/x/sa/y': 'deny', 'partner.example': 'deny', others: 'deny' },
  ],
  ['STRICT refuses plaintext', peer('{ mtls: { mode: STRICT } }'), { 'shop/frontend': 'allow', plaintext: 'deny (shop/mode)' }],
  [
    'DISABLE shows nobody an identity',
    peer('{ mtls: { mode: DISABLE } }') + policy(`{ rules: [{ ${frontend} }] }`),
    { 'shop/frontend': 'deny', plaintext: 'deny' },
  ],
  [
    'a port that is asked for decides rules about ports',
    policy(`{ rules: [{ ${frontend}, to: [{ operation: { ports: ["8080"] } }] }] }`),
    { 'shop/frontend': 'allow (shop/p rule 0)' },
  ],
  [
    'without a port it is a condition',
    policy(`{ rules: [{ ${frontend}, to: [{ operation: { ports: ["8080"] } }] }] }`),
    { 'shop/frontend': 'conditional: port 8080 (shop/p rule 0)' },
    null,
  ],
  [
    'ports that differ are told apart',
    tcp + policy(`{ rules: [{ ${frontend}, to: [{ operation: { methods: [GET] } }] }, { from: [{ source: { namespaces: [bank] } }] }] }`),
    {
      'shop/frontend': 'conditional: method GET; port 8080 (shop/p rule 0)',
      'bank/teller': 'allow (shop/p rule 1)',
      others: 'conditional: namespace bank (shop/p rule 1)',
    },
    null,
  ],
  [
    'TCP loses what it cannot know: DENY becomes wider',
    tcp + policy('{ action: DENY, rules: [{ to: [{ operation: { methods: [DELETE] } }] }] }'),
    { others: 'deny (shop/p rule 0)' },
    9000,
  ],
  [
    'where the client chooses the protocol, it is a condition',
    policy('{ action: DENY, rules: [{ to: [{ operation: { methods: [DELETE] } }] }] }'),
    { others: 'conditional: unless method DELETE; HTTP (shop/p rule 0)' },
    6060,
  ],
  [
    'an HTTP authorizer is not asked about TCP',
    policy('{ action: CUSTOM, provider: { name: web }, rules: [{}] }'),
    { others: 'conditional: if provider web allows HTTP (shop/p rule 0)' },
    6060,
  ],
]

test.each(cases.map(([what, ...rest]) => ({ what, rest })))('$what', ({ rest: [objects, expected, port = 8080] }) => {
  expect(lines(accessTo(objects, port))).toMatchObject(expected)
})

test('callers without a proxy call in plaintext, whatever their account', () => {
  const { callers, plaintext } = accessTo('')
  expect(plaintext.workloads).toEqual(['shop/legacy'])
  expect(callers.find(({ identity }) => identity.serviceAccount === 'legacy')?.identity.workloads).toEqual([])
  expect(callers.find(({ identity }) => identity.serviceAccount === 'frontend')?.identity.workloads).toEqual(['shop/frontend'])
})

test('callers that the same rules concern share one answer', () => {
  const { callers } = accessTo(policy(`{ rules: [{ ${frontend} }] }`))
  expect(new Set(callers.map(({ outcome }) => outcome)).size).toBe(2)
})

test('a workload without proxy refuses nobody', () => {
  const mesh = clusterMesh(`${shop}${policy('{}')}`)
  expect(callersOf(mesh, workloadIn(mesh, 'legacy'))).toMatchObject({
    enforcer: 'none',
    others: { decision: 'allow' },
    plaintext: { outcome: { decision: 'allow' } },
  })
})

describe('what is not known', () => {
  test('policies that nobody has listed leave everything open but a known DENY', () => {
    const seen = clusterMesh('', {
      cluster: cluster(`${shop}${policy(`{ action: DENY, rules: [{ ${frontend} }] }`)}`, [
        'Service',
        'PeerAuthentication',
        'RequestAuthentication',
        'Pod',
      ]),
    })
    const said = lines(callersOf(seen, workloadIn(seen, 'checkout'), 8080))
    expect(said['shop/frontend']).toBe('deny (shop/p rule 0)')
    expect(said.others).toBe('unknown: the AuthorizationPolicies of namespace istio-system; the AuthorizationPolicies of namespace shop')
  })

  test('beside it stands what the known objects come to', () => {
    const open = fileMesh(`${shop}${policy(`{ rules: [{ ${frontend}, to: [{ operation: { methods: [GET] } }] }] }`)}`)
    const { callers, others } = callersOf(open, workloadIn(open, 'checkout'), 8080)
    const known = callers.find(({ identity }) => identity.serviceAccount === 'frontend')?.outcome
    expect(known?.decision).toBe('unknown')
    expect(known?.asFarAsKnown && told(known.asFarAsKnown)).toBe('conditional: method GET (shop/p rule 0)')
    expect(others.asFarAsKnown?.decision).toBe('deny')
    const [target] = callableBy(open, workloadIn(open, 'frontend')).targets.filter(({ workload }) => workload.name === 'checkout')
    expect(target?.outcome.asFarAsKnown && told(target.outcome.asFarAsKnown)).toBe('conditional: method GET (shop/p rule 0)')
  })

  test('identities that policies name are listed where accounts are not all known', () => {
    const named = policy('{ rules: [{ from: [{ source: { serviceAccounts: [ghost], principals: [cluster.local/ns/x/sa/y] } }] }] }')
    const kinds = ['Service', 'PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy', 'Pod', 'MeshConfig'] as const
    const mesh = clusterMesh('', { cluster: cluster(`${shop}${named}`, kinds) })
    expect(Object.keys(lines(callersOf(mesh, workloadIn(mesh, 'checkout'), 8080)))).toEqual(expect.arrayContaining(['shop/ghost', 'x/y']))
    expect(Object.keys(lines(accessTo(named)))).not.toContain('shop/ghost')
  })

  const written = (principal: string) => {
    const mesh = fileMesh(
      `${shop}${policy(`{ rules: [{ from: [{ source: { principals: ["${principal}"] } }], to: [{ operation: { paths: ["/\${PATH}"] } }] }] }`)}`,
      { closedWorld: true },
    )
    return lines(callersOf(mesh, workloadIn(mesh, 'checkout'), 8080))
  }

  test('a placeholder for an identity may be anybody, one for a value is a condition', () => {
    expect(written('${CALLER}')['shop/frontend']).toBe('unknown: what ${CALLER} stands for')
    expect(written('cluster.local/ns/shop/sa/frontend')['shop/frontend']).toBe('conditional: path /${PATH} (shop/p rule 0)')
  })

  test('whether there is a proxy', () => {
    const mesh = fileMesh(
      '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, namespace: shop }, spec: { template: { spec: { containers: [{ name: app }] } } } }',
    )
    expect(lines(callersOf(mesh, workloadIn(mesh, 'web'))).others).toBe('unknown: whether shop/web has a proxy')
  })
})

const ambientPod = (name: string) => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} }, annotations: { ambient.istio.io/redirection: enabled } }
spec: { serviceAccountName: ${name}, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running }
`
const gateway = (status: string) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
${status}
`
const ready = 'status: { addresses: [{ value: 10.1.1.1 }], conditions: [{ type: Programmed, status: "True" }] }'
const ambient = (more: string, status = ready) => {
  const mesh = clusterMesh(`apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp } }
${ambientPod('cart')}${ambientPod('web')}---
apiVersion: v1
kind: Pod
metadata: { name: wp-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: wp } }
spec: { serviceAccountName: wp, containers: [{ name: istio-proxy }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
${gateway(status)}${more}`)
  return callersOf(mesh, workloadIn(mesh, 'cart'), 8080)
}

describe('in ambient', () => {
  const forService = policy(
    '{ targetRefs: [{ kind: Service, group: "", name: cart }], rules: [{ from: [{ source: { serviceAccounts: [web] } }], to: [{ operation: { methods: [GET] } }] }] }',
    'http',
  )
  const onlyWaypoint = policy(
    '{ selector: { matchLabels: { app: cart } }, rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/wp] } }] }] }',
    'tcp',
  )

  test('ztunnel judges who calls the pod, the waypoint who calls the Service', () => {
    const access = ambient(forService + onlyWaypoint)
    expect(access.enforcer).toBe('ztunnel')
    expect(lines(access)).toMatchObject({ 'shop/wp': 'allow (shop/tcp rule 0)', 'shop/web': 'deny', others: 'deny', plaintext: 'deny' })
    const [through, ...more] = access.waypoints
    if (through?.gate.is !== 'bound') throw new Error('no waypoint')
    expect(more).toEqual([])
    expect({
      service: through.service,
      waypoint: through.gate.waypoint,
      behind: told(through.gate.behind),
      ...lines(through.gate),
    }).toMatchObject({
      service: 'shop/cart',
      waypoint: 'shop/wp',
      behind: 'allow (shop/tcp rule 0)',
      'shop/web': 'conditional: method GET (shop/http rule 0)',
      'shop/cart': 'deny',
      plaintext: 'deny',
    })
  })

  test('a waypoint that is not ready stands before nothing; one of which that is not known is a question', () => {
    expect(ambient('', 'status: { conditions: [] }').waypoints).toEqual([])
    const mesh = clusterMesh('', {
      cluster: cluster(
        `${ambientPod('cart')}---\n{ apiVersion: v1, kind: Service, metadata: { name: cart, namespace: shop, labels: { istio.io/use-waypoint: wp } }, spec: { selector: { app: cart }, ports: [{ port: 80, targetPort: 8080 }] } }\n`,
        ['Pod', 'AuthorizationPolicy', 'PeerAuthentication'],
      ),
    })
    const { waypoints } = callersOf(mesh, workloadIn(mesh, 'cart'))
    expect(waypoints).toContainEqual({ service: 'shop/cart', gate: { is: 'unknown', missing: 'Gateway shop/wp' } })
  })

  test('STRICT refuses plaintext by the PeerAuthentication and what istiod makes of it', () => {
    expect(lines(ambient(peer('{ mtls: { mode: STRICT } }')))).toMatchObject({
      plaintext: 'deny (shop/mode, istio-system/istio_converted_static_strict)',
      'shop/web': 'allow',
    })
  })

  test('other trust domains are refused in the handshake', () => {
    expect(
      lines(ambient(`${meshConfig}${policy('{ rules: [{ from: [{ source: { principals: [partner.example/ns/x/sa/y] } }] }] }')}`)),
    ).toMatchObject({
      'partner.example/ns/x/sa/y': 'deny',
      'partner.example': 'deny',
    })
  })
})

describe('what a workload can call', () => {
  const mesh = clusterMesh(
    `${shop}${policy(`{ selector: { matchLabels: { app: checkout } }, rules: [{ ${frontend}, to: [{ operation: { methods: [GET] } }] }] }`)}`,
  )
  const targets = (name: string) =>
    Object.fromEntries(callableBy(mesh, workloadIn(mesh, name)).targets.map(({ workload, outcome }) => [workload.name, told(outcome)]))

  test('with its identity', () => {
    expect(targets('frontend')).toEqual({
      checkout: 'conditional: method GET (shop/p rule 0)',
      frontend: 'allow',
      legacy: 'allow',
      teller: 'allow',
    })
    expect(callableBy(mesh, workloadIn(mesh, 'frontend')).from.identity?.principal).toBe('cluster.local/ns/shop/sa/frontend')
  })

  test('without a proxy, in plaintext', () => {
    expect(targets('legacy')).toMatchObject({ checkout: 'deny', frontend: 'allow' })
    expect(callableBy(mesh, workloadIn(mesh, 'legacy')).from.identity).toBeUndefined()
  })

  test.each<readonly [what: string, label: string, outcome: string]>([
    ['with its identity where the sidecar takes HBONE', 'networking.istio.io/tunnel: http, ', 'allow'],
    ['in plaintext where it does not', '', 'deny'],
  ])('from ambient %s', (_, label, outcome) => {
    const anybody = policy('{ selector: { matchLabels: { app: checkout } }, rules: [{ from: [{ source: { principals: ["*"] } }] }] }')
    const yaml = shop.replaceAll('labels: { app: checkout', `labels: { ${label}app: checkout`)
    const around = clusterMesh(`${yaml}${anybody}${ambientPod('cart')}`)
    const found = callableBy(around, workloadIn(around, 'cart')).targets.find(({ workload }) => workload.name === 'checkout')
    expect(found?.outcome.decision).toBe(outcome)
  })
})
