// For whom a DestinationRule counts, and who keeps it from the others.
import { expect, test } from 'vitest'
import { followersOf } from '../../../../../server/src/core/decide/mtls/followers.ts'
import { nameOf } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

const pod = (namespace: string, name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { app: ${name} } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running }
`
const world = [
  pod('shop', 'checkout'),
  pod('shop', 'cart'),
  pod('web', 'frontend'),
  'apiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { app: checkout }, ports: [{ port: 80 }] }\n',
]
let age = 0
const rule = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: "2026-03-01T10:00:${String(age++).padStart(2, '0')}Z" }\nspec: { ${spec} }\n`
const tls = 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }'
const checkout = `host: checkout.shop.svc.cluster.local, ${tls}`

test.each<readonly [what: string, rules: readonly string[], expected: readonly string[]]>([
  ['alone, it is followed by all', [rule('asked', checkout)], ['shop followed', 'web followed']],
  ['a host of another name concerns nobody', [rule('asked', `host: cart, ${tls}`)], []],
  ['two of one host are one rule', [rule('other', checkout), rule('asked', checkout)], ['shop merged into other', 'web merged into other']],
  [
    'subsets are added',
    [rule('other', checkout), rule('asked', 'host: checkout, subsets: [{ name: a }]')],
    ['shop followed', 'web followed'],
  ],
  [
    'the namespace of the client comes first',
    [rule('asked', checkout), rule('own', checkout, 'web')],
    ['shop followed', 'web hidden by own'],
  ],
  [
    'the better host comes first',
    [rule('asked', `host: "*.local", ${tls}`), rule('exact', checkout)],
    ['shop hidden by exact', 'web hidden by exact'],
  ],
  [
    'also where it is exported to somebody else',
    [rule('asked', `host: "*.local", ${tls}`), rule('exact', `${checkout}, exportTo: [., bank]`)],
    ['shop hidden by exact', 'web hidden'],
  ],
  ['a private rule is for its namespace', [rule('asked', `${checkout}, exportTo: [.]`)], ['shop followed']],
  [
    'a rule for chosen clients takes a private one with it',
    [rule('chosen', `${checkout}, workloadSelector: { matchLabels: { app: cart } }`), rule('asked', `${checkout}, exportTo: [.]`)],
    ['shop hidden', 'shop merged into chosen'],
  ],
  ['for chosen clients', [rule('asked', `${checkout}, workloadSelector: { matchLabels: { app: cart } }`)], ['shop followed']],
  ['a rule in a namespace that has no part in it is never looked at', [rule('asked', checkout, 'bank')], []],
])('%s', (_, rules, expected) => {
  const mesh = clusterMesh([...world, ...rules].join('---\n'))
  const asked = mesh.all('DestinationRule').find(({ name }) => name === 'asked')
  const told = asked ? followersOf(asked, mesh) : []
  expect(
    told
      .map(({ first, fate }) => {
        const by = fate.is === 'merged' ? ` into ${fate.into.name}` : fate.is === 'hidden' && fate.by ? ` by ${fate.by.name}` : ''
        return `${first.namespace} ${fate.is}${by}`
      })
      .toSorted(),
  ).toEqual(expected)
})

test('equally aged rules may be either way round', () => {
  const text = [...world, rule('a', checkout), rule('b', checkout)].join('---\n').replaceAll(/, creationTimestamp: "[^"]*"/g, '')
  const mesh = clusterMesh(text)
  const [first] = mesh.all('DestinationRule')
  const told = first ? followersOf(first, mesh) : []
  expect(told.map(({ ageless }) => ageless)).toEqual([true, true])
  expect(told.flatMap(({ clients }) => clients.map(nameOf)).toSorted()).toEqual(['shop/cart-1', 'shop/checkout-1', 'web/frontend-1'])
})
