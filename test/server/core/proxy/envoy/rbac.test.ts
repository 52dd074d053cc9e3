// Whom RBAC filters let in, as far as the caller and the port decide.
import { expect, test } from 'vitest'
import { readListeners } from '../../../../../server/src/core/proxy/envoy/listeners.ts'
import { rbacDecision } from '../../../../../server/src/core/proxy/envoy/rbac.ts'
import type { Json } from '../../../../../server/src/core/proxy/json.ts'

const anything: Json = { any: true }
const header: Json = { header: { name: ':method', string_match: { exact: 'GET' } } }
const port = (number: number): Json => ({ destination_port: number })
const isA = (matcher: Json): Json => ({ authenticated: { principal_name: matcher } })
const shop = isA({ safe_regex: { regex: '.*/ns/shop/.*' } })
const web: Json = isA({ exact: 'spiffe://cluster.local/ns/shop/sa/web' })
const policy = (permission: Json, principal: Json): Json => ({
  permissions: [{ and_rules: { rules: [permission] } }],
  principals: [{ and_ids: { ids: [principal] } }],
})
const rules = (action: 'ALLOW' | 'DENY' | 'LOG', policies: Record<string, Json>): Json => ({ action, policies })

function decide(filters: readonly Json[], identity: string | undefined, kind: 'network' | 'http' = 'network') {
  const each = filters.map(filter => ({ name: `envoy.filters.${kind}.rbac`, typed_config: { rules: filter } }))
  const chain =
    kind === 'network' ? each : [{ name: 'envoy.filters.network.http_connection_manager', typed_config: { http_filters: each } }]
  const [listener] = readListeners({ static_listeners: [{ listener: { filter_chains: [{ filters: chain }] } }] })
  const [first] = listener?.chains ?? []
  if (!first) throw new Error('no chain')
  return rbacDecision(first, { port: 8080, ...(identity === undefined ? {} : { identity: `spiffe://cluster.local/ns/${identity}` }) })
    .decision
}

test.each<[string, readonly Json[], string | undefined, string]>([
  ['no filter', [], 'shop/sa/web', 'allow'],
  ['ALLOW by identity', [rules('ALLOW', { a: policy(anything, web) })], 'shop/sa/web', 'allow'],
  ['ALLOW for another', [rules('ALLOW', { a: policy(anything, web) })], 'shop/sa/cart', 'deny'],
  ['ALLOW by namespace', [rules('ALLOW', { a: policy(anything, shop) })], 'shop/sa/cart', 'allow'],
  ['a namespace that only begins so', [rules('ALLOW', { a: policy(anything, shop) })], 'shopping/sa/cart', 'deny'],
  ['plaintext has no identity', [rules('ALLOW', { a: policy(anything, shop) })], undefined, 'deny'],
  ['any authenticated caller', [rules('ALLOW', { a: policy(anything, { authenticated: {} }) })], 'bank/sa/x', 'allow'],
  ['ALLOW on the request', [rules('ALLOW', { a: policy(header, web) })], 'shop/sa/web', 'depends'],
  ['ALLOW without policies', [{ action: 'ALLOW' }], 'shop/sa/web', 'deny'],
  ['no rules at all', [], undefined, 'allow'],
  ['DENY by identity', [rules('DENY', { a: policy(anything, web) })], 'shop/sa/web', 'deny'],
  ['DENY of others', [rules('DENY', { a: policy(anything, { not_id: web }) })], 'shop/sa/web', 'allow'],
  ['DENY of others, plaintext', [rules('DENY', { a: policy(anything, { not_id: web }) })], undefined, 'deny'],
  ['DENY on the request', [rules('DENY', { a: policy(header, web) })], 'shop/sa/web', 'depends'],
  ['DENY of another port', [rules('DENY', { a: policy(port(9090), anything) })], 'shop/sa/web', 'allow'],
  ['DENY of this port', [rules('DENY', { a: policy(port(8080), anything) })], 'shop/sa/web', 'deny'],
  ['DENY wins', [rules('DENY', { a: policy(anything, web) }), rules('ALLOW', { a: policy(anything, web) })], 'shop/sa/web', 'deny'],
  [
    'an expression that is more than a glob',
    [rules('DENY', { a: policy(anything, isA({ safe_regex: { regex: '(a+)+$' } })) })],
    'shop/sa/web',
    'depends',
  ],
  ['LOG decides nothing', [rules('LOG', { a: policy(anything, anything) })], 'shop/sa/web', 'allow'],
  [
    'the identity of newer proxies',
    [rules('ALLOW', { a: policy(anything, { filter_state: { key: 'io.istio.peer_principal', string_match: { suffix: '/sa/web' } } }) })],
    'shop/sa/web',
    'allow',
  ],
])('%s', (_, filters, identity, expected) => {
  expect(decide(filters, identity)).toBe(expected)
  expect(decide(filters, identity, 'http')).toBe(expected)
})
