// What people call workloads and hosts.
import { expect, test } from 'vitest'
import { nameOf } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { targetAt, targetMeant } from '../../../../../server/src/core/decide/mtls/target.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: checkout, pod-template-hash: abc }, ownerReferences: [{ kind: ReplicaSet, name: checkout-abc, controller: true }] }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
`
const mesh = clusterMesh(
  [
    pod('checkout-abc-1'),
    pod('checkout-abc-2'),
    'apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: vm, namespace: shop }\nspec: { address: 10.0.0.9 }\n',
    'apiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { app: checkout }, ports: [{ port: 80 }] }\n',
    'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: out, namespace: shop }\nspec: { hosts: ["*.example.com", "*.eu.example.com"], ports: [{ number: 443, name: tls, protocol: TLS }] }\n',
  ].join('---\n'),
)

test.each([
  ['shop/checkout', 'shop/checkout-abc-1 shop/checkout-abc-2'],
  ['shop/checkout:8080', 'shop/checkout-abc-1 shop/checkout-abc-2 8080'],
  ['shop/checkout-abc', 'shop/checkout-abc-1 shop/checkout-abc-2'],
  ['shop/checkout-abc-2', 'shop/checkout-abc-2'],
  ['shop/vm:22', 'shop/vm 22'],
  ['shop/cart', undefined],
  ['checkout.shop.svc.cluster.local', 'checkout.shop.svc.cluster.local'],
  ['checkout.shop:80', 'checkout.shop.svc.cluster.local 80'],
  ['Checkout.shop.svc', 'checkout.shop.svc.cluster.local'],
  ['api.example.com:443', '*.example.com 443'],
  ['api.eu.example.com', '*.eu.example.com'],
  ['example.com', undefined],
])('%s', (text, expected) => {
  const target = targetAt(mesh, text)
  const told = target && ('host' in target ? [target.host, target.servicePort] : [...target.workloads.map(nameOf), target.port])
  expect(told?.filter(each => each !== undefined).join(' ')).toBe(expected)
})

test.each([
  ['shop/chekout', 'shop/checkout'],
  ['shop/chekout:80', 'shop/checkout:80'],
  ['web/vm', 'shop/vm'],
  ['checkot', 'checkout.shop.svc.cluster.local'],
  ['checkout.shp:80', 'checkout.shop.svc.cluster.local:80'],
  ['shop/nothing-alike', undefined],
])('%s is probably meant to be %s', (text, meant) => {
  expect(targetMeant(mesh, text)).toBe(meant)
})
