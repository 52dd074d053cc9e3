// Source: istio/ztunnel:src/rbac.rs, src/state.rs (assert_rbac); istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go.
import { describe, expect, test } from 'vitest'
import { ambientMtls, plaintextAt } from '../../../../../server/src/core/decide/ambient/peerAuthentication.ts'
import { callerOf } from '../../../../../server/src/core/decide/authorization/connection.ts'
import type { Decision } from '../../../../../server/src/core/decide/authorization/decision.ts'
import { authorizeAtZtunnel } from '../../../../../server/src/core/decide/authorization/ztunnel.ts'
import type { MeshSources } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { clusterMesh, fileMesh } from '../../../../support/mesh.ts'

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: pay, namespace: shop, labels: { app: pay }, annotations: { ambient.istio.io/redirection: enabled } }
spec: { containers: [{ name: app }] }
status: { phase: Running, podIP: 10.0.0.5 }
`

function policy(spec: string, { kind = 'AuthorizationPolicy', name = 'it', namespace = 'shop', annotations = '{}' } = {}): string {
  const header = `---\napiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace}, annotations: ${annotations} }\n`
  return `${header}spec: ${spec}\n`
}

interface From {
  readonly principal?: string
  readonly port?: number
  readonly ip?: string | undefined
}

/** From frontend of the same namespace at 10.0.0.7 to port 8080. */
function ask(mesh: Mesh, from: From = {}): Decision {
  const { principal = 'cluster.local/ns/shop/sa/frontend', port = 8080 } = from
  const [workload] = mesh.workloads.filter(({ name }) => name === 'pay')
  if (!workload) throw new Error('no workload')
  const sourceIp = 'ip' in from ? from.ip : '10.0.0.7'
  const caller = principal === '' ? ({ plaintext: true } as const) : callerOf(principal)
  return authorizeAtZtunnel({ caller, to: { workload, port }, ...(sourceIp === undefined ? {} : { sourceIp }) }, mesh)
}

function withPolicy(spec: string, about: Parameters<typeof policy>[1] = {}, options: Partial<MeshSources> = {}): Mesh {
  return clusterMesh(`${pod}${policy(spec, about)}`, options)
}

const strangeSelectors = [
  ['{ selector: {}, rules: [] }', 'its selector is empty, and ztunnel attaches such a policy to no workload'],
  ['{ action: AUDIT, rules: [{}] }', 'ztunnel does not support the AUDIT action, so it does not get this policy'],
  [
    '{ action: CUSTOM, provider: { name: opa }, rules: [{}] }',
    'ztunnel does not support the CUSTOM action, so it does not get this policy',
  ],
] as const

test.each(strangeSelectors)('%s does not close the workload, and the step says why', (spec, because) => {
  expect(ask(withPolicy(spec))).toMatchObject({ decision: 'allow', steps: [{ matched: 'no', because }] })
})

test('targetRefs are for other proxies', () => {
  expect(ask(withPolicy('{ targetRefs: [{ kind: Service, name: pay }], rules: [] }'))).toMatchObject({ decision: 'allow', steps: [] })
})

describe('a dry run', () => {
  const annotations = "{ istio.io/dry-run: 'true' }"

  test('is kept from ztunnel', () => {
    const { decision, steps } = ask(withPolicy('{ action: DENY, rules: [{}] }', { annotations }))
    expect(decision).toBe('allow')
    expect(steps).toMatchObject([{ dryRun: true, matched: 'no' }])
  })

  test('decides nothing where istiod sends it', () => {
    const { decision, steps } = ask(withPolicy('{ action: DENY, rules: [{}] }', { annotations }, { istiod: { ambientDryRun: true } }))
    expect(decision).toBe('allow')
    expect(steps).toMatchObject([{ dryRun: true, matched: 'yes' }])
  })
})

const reasons = [
  [
    '{ rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/cart] } }] }] }',
    'deny',
    'principal cluster.local/ns/shop/sa/frontend is not in [cluster.local/ns/shop/sa/cart]',
  ],
  ['{ rules: [{ from: [{ source: { namespaces: [s*p, web] } }] }] }', 'deny', 'namespace shop is not in [s*p, web]'],
  ['{ rules: [{ to: [{ operation: { methods: [GET] } }] }] }', 'deny', 'ztunnel does not see methods, so this rule is left out'],
  [
    '{ action: DENY, rules: [{ to: [{ operation: { methods: [GET] } }] }] }',
    'allow',
    'ztunnel does not see methods, and what is left of this rule never matches',
  ],
  [
    '{ action: DENY, rules: [{ to: [{ operation: { methods: [GET], ports: ["8080"] } }] }] }',
    'deny',
    'port 8080 is in [8080] (ztunnel does not see methods, so that limits nothing here)',
  ],
  [
    '{ action: DENY, rules: [{ from: [{ source: { ipBlocks: ["::ffff:10.0.0.7", 10.0.1.0/24] } }] }] }',
    'allow',
    'source address 10.0.0.7 is not in [::ffff:10.0.0.7/128, 10.0.1.0/24]',
  ],
  [
    '{ action: DENY, rules: [{ when: [{ key: connection.sni, values: [a] }] }] }',
    'allow',
    'ztunnel does not see connection.sni, and what is left of this rule never matches',
  ],
  ['{ action: DENY, rules: [{ from: [{ source: { notNamespaces: [shop] } }] }] }', 'allow', 'namespace shop is in the excluded [shop]'],
  [
    '{ rules: [{ from: [{ source: { trustDomains: [other], namespaces: [shop] } }] }] }',
    'allow',
    'namespace shop is in [shop] (ztunnel does not see trust domains, so that limits nothing here)',
  ],
  ['{ rules: [{}] }', 'allow', 'a rule without conditions matches every connection'],
  ['{}', 'deny', 'it has no rules, so it matches nothing'],
] as const

test.each(reasons)('%s: %s, %s', (spec, decision, because) => {
  expect(ask(withPolicy(spec))).toMatchObject({ decision, enforcer: 'ztunnel', layer: 'ztunnel', steps: [{ because }] })
})

test('plaintext has no identity, which the negative fields match', () => {
  const mesh = withPolicy('{ action: DENY, rules: [{ from: [{ source: { notPrincipals: ["*"] } }] }] }')
  expect(ask(mesh, { principal: '' })).toMatchObject({ decision: 'deny', steps: [{ because: 'plaintext (no principal) is not in [*]' }] })
  expect(ask(mesh)).toMatchObject({ decision: 'allow' })
})

const refusedIdentities = [
  [
    'other/ns/shop/sa/frontend',
    'ztunnel accepts the trust domain cluster.local only, and refuses other in the handshake, although it is an alias of it.',
  ],
  ['cluster.local/vm/7', "ztunnel reads identities of Istio's form only, and refuses cluster.local/vm/7 in the handshake."],
] as const

test.each(refusedIdentities)('%s does not get through the handshake', (principal, reason) => {
  const config =
    '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "trustDomainAliases: [other]" }\n'
  expect(ask(clusterMesh(`${pod}${config}`), { principal })).toEqual({
    decision: 'deny',
    enforcer: 'ztunnel',
    layer: 'tls',
    reason,
    steps: [],
  })
})

describe('what is not known', () => {
  test('is named where it decides', () => {
    const mesh = withPolicy('{ action: DENY, rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8] } }] }] }')
    expect(ask(mesh, { ip: undefined })).toMatchObject({ decision: 'unknown', reason: 'Not known, and it decides: the source address.' })
  })

  test('is not asked for where it decides nothing', () => {
    const mesh = withPolicy('{ action: DENY, rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8], namespaces: [web] } }] }] }')
    expect(ask(mesh, { ip: undefined }).decision).toBe('allow')
  })

  test('is what a placeholder stands for', () => {
    const mesh = withPolicy('{ rules: [{ from: [{ source: { namespaces: ["${TEAM}"] } }] }] }')
    expect(ask(mesh)).toMatchObject({ decision: 'unknown', reason: 'Not known, and it decides: what ${TEAM} stands for.' })
  })

  test('is whether labels agree', () => {
    const mesh = withPolicy('{ selector: { matchLabels: { app: "${APP}" } }, rules: [] }')
    expect(ask(mesh)).toMatchObject({
      decision: 'unknown',
      reason: 'Not known, and it decides: whether the workload has the label app=${APP}.',
    })
    const allowing = withPolicy('{ selector: { matchLabels: { app: "${APP}" } }, rules: [{}] }')
    expect(ask(allowing).decision).toBe('allow')
  })
})

test('STRICT is a DENY policy of istiod', () => {
  const mesh = withPolicy('{ mtls: { mode: STRICT } }', { kind: 'PeerAuthentication' })
  const by = { published: 'istio-system/istio_converted_static_strict' }
  expect(ask(mesh, { principal: '' })).toMatchObject({ decision: 'deny', by })
  expect(ask(mesh)).toMatchObject({ decision: 'allow', steps: [{ ...by, matched: 'no', because: 'the caller has an identity' }] })
})

describe('a policy that istiod names and does not publish', () => {
  const workload = (mode: string, port: string, selector = '{ matchLabels: { app: pay } }') =>
    policy(`{ selector: ${selector}, mtls: { mode: ${mode} }, portLevelMtls: { 8080: { mode: ${port} } } }`, { kind: 'PeerAuthentication' })
  const parent = (spec: string, namespace: string) => policy(spec, { kind: 'PeerAuthentication', name: 'parent', namespace })
  const strict = parent('{ mtls: { mode: STRICT } }', 'istio-system')
  const dangling = [
    ['namespace UNSET hides the mesh', strict + parent('{ mtls: { mode: UNSET } }', 'shop') + workload('UNSET', 'PERMISSIVE')],
    ['laxer workload under STRICT', strict + workload('PERMISSIVE', 'STRICT')],
    ['empty selector of the namespace', parent('{ selector: {}, mtls: { mode: STRICT } }', 'shop') + workload('UNSET', 'PERMISSIVE')],
  ] as const

  test.each(dangling)('opens every port: %s', (_, policies) => {
    const mesh = clusterMesh(pod + policies)
    const outcomes = ambientMtls(mesh, { namespace: 'shop', labels: { app: 'pay' } })
    const key = 'shop/converted_peer_authentication_it'
    expect(outcomes).toMatchObject([{ dangling: [key] }])
    expect([8080, 9090].map(port => plaintextAt(outcomes, port))).toMatchObject([
      { is: 'accepted', key },
      { is: 'accepted', key },
    ])
    const because = 'istiod names this policy at the workload and does not publish it, so ztunnel skips it'
    expect(ask(mesh, { principal: '' })).toMatchObject({ decision: 'allow', steps: [{ published: key, because }] })
  })
})

test('without ages equally specific policies decide only what they agree on', () => {
  const two = (other: string) =>
    fileMesh(
      pod +
        policy('{ mtls: { mode: STRICT } }', { kind: 'PeerAuthentication', name: 'a' }) +
        policy(`{ mtls: { mode: ${other} } }`, { kind: 'PeerAuthentication', name: 'b' }),
      { closedWorld: true },
    )
  expect(ask(two('STRICT'), { principal: '' }).decision).toBe('deny')
  expect(ask(two('PERMISSIVE'), { principal: '' })).toMatchObject({
    decision: 'unknown',
    reason: 'Not known, and it decides: which PeerAuthentication istiod takes for the workload.',
  })
  expect(ask(two('PERMISSIVE')).decision).toBe('allow')
})

describe('where there may be policies that no file shows', () => {
  const open = (action: string) => fileMesh(pod + policy(`{ action: ${action}, rules: [{}] }`))
  const unseen = ['AuthorizationPolicies of namespace shop', 'AuthorizationPolicies of namespace istio-system']

  test('nothing is let in for certain, and what a known DENY refuses stays refused', () => {
    for (const each of unseen) expect(ask(open('ALLOW')).reason).toContain(each)
    expect(ask(open('ALLOW')).decision).toBe('unknown')
    expect(ask(open('DENY')).decision).toBe('deny')
  })

  test('the mode of the port matters to plaintext alone', () => {
    expect(ask(open('ALLOW'), { principal: '' }).reason).toContain('the PeerAuthentications of namespace shop')
    expect(ask(open('ALLOW')).reason).not.toContain('PeerAuthentications')
  })

  test('another trust domain may be that of the mesh', () => {
    expect(ask(open('ALLOW'), { principal: 'other.td/ns/shop/sa/a' })).toMatchObject({
      decision: 'unknown',
      reason: 'Not known, and it decides: the trust domain of the mesh.',
    })
  })
})

describe('PILOT_AUTO_ALLOW_WAYPOINT_POLICY', () => {
  const waypoint = (status: string) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
${status}
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/use-waypoint: wp } }
---
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: shop }
spec: { selector: { app: pay } }
---
apiVersion: v1
kind: Pod
metadata: { name: wp-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: wp } }
spec: { serviceAccountName: wp, containers: [{ name: istio-proxy }] }
`
  const ready = 'status: { addresses: [{ value: wp.shop }] }'
  const istiod = { autoAllowWaypoint: true }

  test('closes what is behind a waypoint for everybody else', () => {
    const mesh = clusterMesh(pod + waypoint(ready), { istiod })
    const by = { published: 'shop/istio_allow_waypoint_shop_wp' }
    expect(ask(mesh, { principal: 'cluster.local/ns/shop/sa/wp' })).toMatchObject({ decision: 'allow', by })
    expect(ask(mesh)).toMatchObject({ decision: 'deny', steps: [{ ...by, matched: 'no' }] })
    expect(ask(clusterMesh(pod + waypoint(ready))).decision).toBe('allow')
  })

  test('needs a waypoint that is ready', () => {
    expect(ask(clusterMesh(pod + waypoint(''), { istiod })).decision).toBe('allow')
    expect(ask(fileMesh(pod + waypoint(''), { istiod, closedWorld: true }))).toMatchObject({
      decision: 'unknown',
      reason: 'Not known, and it decides: whether Gateway shop/wp is ready.',
    })
  })
})

const environments = [
  ['{ name: PILOT_ENABLE_AMBIENT, value: "true" }, { name: PILOT_AUTO_ALLOW_WAYPOINT_POLICY, value: "1" }', true],
  ['{ name: PILOT_AUTO_ALLOW_WAYPOINT_POLICY, value: "true" }', false],
  ['{ name: PILOT_ENABLE_AMBIENT, value: "true" }', false],
] as const

test.each(environments)("istiod's Deployment with %s", (env, autoAllowWaypoint) => {
  const mesh = fileMesh(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system }
spec: { template: { spec: { containers: [{ name: discovery, env: [${env}] }] } } }
`)
  expect(mesh.settings.istiod).toEqual({ ambientDryRun: false, autoAllowWaypoint })
})
