import { expect, test } from 'vitest'
import { meshNodes } from '../../../../server/src/core/report/meshTree.ts'
import { clusterMesh } from '../../../support/mesh.ts'
import { legacy, shop } from '../features/worlds.ts'

const strict =
  '---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { matchLabels: { app: checkout } }, mtls: { mode: STRICT }, portLevelMtls: { 8081: { mode: PERMISSIVE } } }\n'
const ambient =
  '---\napiVersion: v1\nkind: Pod\nmetadata: { name: ledger-1, namespace: bank, annotations: { ambient.istio.io/redirection: enabled } }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n'
const plain =
  '---\napiVersion: v1\nkind: Pod\nmetadata: { name: dns-1, namespace: kube-system }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n'
const mesh = clusterMesh(shop + legacy + strict + ambient + plain)
const lines = (parent?: string) => meshNodes(mesh, parent).map(({ name, description }) => `${name}: ${description}`)

test('namespaces, those in the mesh first', () => {
  expect(lines()).toEqual([
    'bank: PERMISSIVE by ztunnel · 1 workload',
    'shop: PERMISSIVE · 3 workloads',
    'kube-system: no proxies · 1 workload',
  ])
})

test('the workloads of a namespace, with mode and exceptions', () => {
  expect(lines('namespace/shop')).toEqual(['checkout: STRICT · 8081 PERMISSIVE', 'frontend: PERMISSIVE', 'legacy: no proxy'])
  expect(meshNodes(mesh, 'namespace/shop')[0]).toMatchObject({
    policy: 'shop/checkout',
    mode: 'STRICT',
    ports: [{ port: 8081, mode: 'PERMISSIVE', policy: 'shop/checkout' }],
  })
})

test('the pods of a workload, with the identity their proxy presents', () => {
  expect(meshNodes(mesh, 'workload/shop/StatefulSet.checkout')).toMatchObject([
    { name: 'checkout-1', description: 'sa/checkout', identity: 'cluster.local/ns/shop/sa/checkout' },
  ])
  const [bare] = meshNodes(mesh, 'workload/shop/StatefulSet.legacy')
  expect(bare).toMatchObject({
    description: 'sa/default · no proxy',
    note: 'No proxy: it presents no certificate, and policies are not enforced here.',
  })
  expect(bare).not.toHaveProperty('identity')
})

test('every child is found by the id of its parent, and ids are unique', () => {
  const all = (parent?: string): readonly string[] =>
    meshNodes(mesh, parent).flatMap(node => [node.id, ...(node.kind === 'pod' ? [] : all(node.id))])
  expect(new Set(all()).size).toBe(all().length)
  expect(all().length).toBe(3 + 5 + 5)
})

test.each(['namespace/gone', 'workload/shop/Deployment.gone', 'pod/shop/checkout-1', 'nonsense', ''])('nothing below "%s"', id => {
  expect(meshNodes(mesh, id)).toEqual([])
})
