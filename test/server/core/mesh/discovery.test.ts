import { expect, test } from 'vitest'
import { isDiscovered } from '../../../../server/src/core/mesh/discovery.ts'
import { clusterMesh } from '../../../support/mesh.ts'

const namespace = (name: string, labels = '') =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`
const config = (selectors: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata:\n  mesh: |\n    discoverySelectors: ${selectors}\n`

const asked = (selectors: string, labels: string) => {
  const mesh = clusterMesh(config(selectors) + namespace('shop', labels))
  return isDiscovered(mesh.all('MeshConfig')[0]?.discoverySelectors, mesh.find('Namespace', '', 'shop'))
}

test.each([
  ['no selector', '[]', '', 'yes'],
  ['a label', '[{ matchLabels: { mesh: "on" } }]', 'mesh: "on"', 'yes'],
  ['another value', '[{ matchLabels: { mesh: "on" } }]', 'mesh: "off"', 'no'],
  ['one of several', '[{ matchLabels: { mesh: "on" } }, { matchLabels: { env: prod } }]', 'env: prod', 'yes'],
  ['all of one', '[{ matchLabels: { mesh: "on", env: prod } }]', 'env: prod', 'no'],
  ['an empty one selects everything', '[{}]', '', 'yes'],
  ['In', '[{ matchExpressions: [{ key: env, operator: In, values: [prod, test] }] }]', 'env: test', 'yes'],
  ['NotIn takes what has no such label', '[{ matchExpressions: [{ key: env, operator: NotIn, values: [test] }] }]', '', 'yes'],
  ['Exists', '[{ matchExpressions: [{ key: env, operator: Exists }] }]', '', 'no'],
  ['DoesNotExist', '[{ matchExpressions: [{ key: env, operator: DoesNotExist }] }]', 'env: prod', 'no'],
  ['an operator that is none', '[{ matchExpressions: [{ key: env, operator: Near }] }]', 'env: prod', 'unknown'],
] as const)('%s', (_, selectors, labels, answer) => {
  expect(asked(selectors, labels)).toBe(answer)
})

test('a namespace whose labels are not known may be inside or outside', () => {
  const [config] = clusterMesh(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "discoverySelectors: [{ matchLabels: { a: b } }]" }',
  ).all('MeshConfig')
  expect(isDiscovered(config?.discoverySelectors, undefined)).toBe('unknown')
  expect(isDiscovered(undefined, undefined)).toBe('yes')
})

test('of a namespace that istiod ignores nothing is concluded from absence', () => {
  const mesh = clusterMesh(config('[{ matchLabels: { mesh: "on" } }]') + namespace('shop', 'mesh: "on"') + namespace('vendor'))
  expect(mesh.presence('PeerAuthentication', 'shop', 'default')).toBe('absent')
  expect(mesh.presence('PeerAuthentication', 'vendor', 'default')).toBe('unknown')
  expect(mesh.complete('PeerAuthentication')).toBe(true)
})
