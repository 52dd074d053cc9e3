// From a rule the request that it describes.
import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { exampleFor } from '../../../../server/src/core/policytest/example.ts'
import { cluster } from '../../../support/mesh.ts'
import { legacy, shop } from '../features/worlds.ts'

const checkout = { workload: 'shop/checkout', port: 8080 }
const anyRequest = { method: 'GET', path: '/' }

test.each([
  ['a principal', '- from: [{ source: { principals: [cluster.local/ns/shop/sa/checkout] } }]', { from: { workload: 'shop/checkout' } }],
  [
    'a principal that nobody has',
    '- from: [{ source: { principals: [cluster.local/ns/shop/sa/nobody] } }]',
    { from: { principal: 'cluster.local/ns/shop/sa/nobody' } },
  ],
  [
    'a principal of elsewhere',
    '- from: [{ source: { principals: [partner.example/ns/a/sa/b] } }]',
    { from: { principal: 'partner.example/ns/a/sa/b' } },
  ],
  ['a service account', '- from: [{ source: { serviceAccounts: [frontend] } }]', { from: { workload: 'shop/frontend' } }],
  ['a namespace', '- from: [{ source: { namespaces: [shop] } }]', { from: { workload: 'shop/frontend' } }],
  ['an address', '- from: [{ source: { ipBlocks: [10.1.0.0/16] } }]', { ip: '10.1.0.0' }],
  [
    'an operation',
    '- to: [{ operation: { methods: [POST], paths: ["/cart/*"], hosts: ["*.shop"] } }]',
    { request: { method: 'POST', path: '/cart/', host: '.shop' } },
  ],
  ['a path template', '- to: [{ operation: { paths: ["/carts/{*}/items/{**}"] } }]', { request: { path: '/carts/a/items/a' } }],
  ['a path that ends so', '- to: [{ operation: { paths: ["*/items"] } }]', { request: { path: '/items' } }],
  [
    'a token',
    '- from: [{ source: { requestPrincipals: ["https://id.example/alice"] } }]',
    { jwt: { iss: 'https://id.example', sub: 'alice' } },
  ],
  [
    'conditions',
    '- when: [{ key: "request.headers[x-team]", values: [a*] }, { key: "request.auth.claims[role]", values: [clerk] }]',
    { request: { ...anyRequest, headers: { 'x-team': 'a' } }, jwt: { claims: { role: 'clerk' } } },
  ],
  ['nothing', '- {}', { to: checkout, request: anyRequest }],
])('%s', (_, rule, expected) => {
  expect(example(rule)).toMatchObject({ to: checkout, ...expected })
})

test('where no workload is known there is nothing to ask about', () => {
  expect(example('- {}', '')).toBeUndefined()
})

function example(rule: string, world = `${shop}${legacy}`) {
  const text = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    ${rule}
`
  const { resources } = readFile('file:///policy.yaml', text)
  const mesh = buildMesh({ files: resources, closedWorld: false, ...(world ? { cluster: cluster(world) } : {}) })
  const policy = mesh.find('AuthorizationPolicy', 'shop', 'callers')
  return policy && exampleFor(policy, 0, mesh)
}
