import { expect, test } from 'vitest'
import { fullName, knowsHosts, serviceEntriesAt, servicesAt } from '../../../../server/src/core/decide/hosts.ts'
import { fileMesh } from '../../../support/mesh.ts'

const world = `
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: cloud, namespace: shop }
spec:
  hosts: ["*.cloud.example.com", api.example.com]
`

test.each([
  ['checkout', 'checkout.shop.svc.cluster.local'],
  ['checkout.shop', 'checkout.shop'],
  ['checkout.shop.svc', 'checkout.shop.svc'],
  ['Checkout.shop.svc.mesh.example', 'checkout.shop.svc.cluster.local'],
  ['*.shop.svc.mesh.example', '*.shop.svc.cluster.local'],
  ['*', '*'],
])('%s is %s', (host, full) => {
  expect(fullName(host, 'shop')).toBe(full)
})

test.each([
  ['checkout.shop.svc.cluster.local', 1, 0],
  ['checkout.shop', 0, 0],
  ['*.shop.svc.cluster.local', 1, 0],
  ['*.local', 1, 0],
  ['*', 1, 1],
  ['api.example.com', 0, 1],
  ['eu.cloud.example.com', 0, 1],
  ['*.example.com', 0, 1],
  ['cloud.example.com', 0, 0],
])('%s means %i Services and %i ServiceEntries', (host, services, entries) => {
  const mesh = fileMesh(world)
  expect(servicesAt(host, mesh)).toHaveLength(services)
  expect(serviceEntriesAt(host, mesh)).toHaveLength(entries)
})

test.each([
  ['files that are everything', world, true, true],
  ['files of which more may exist', world, false, false],
  ['a name that is filled in later', world.replace('name: checkout', 'name: "${SERVICE}"'), true, false],
  [
    'a mesh of several networks',
    `${world}---\napiVersion: v1\nkind: Namespace\nmetadata: { name: istio-system, labels: { topology.istio.io/network: east } }\n`,
    true,
    false,
  ],
])('%s', (_, yaml, closedWorld, known) => {
  expect(knowsHosts(fileMesh(yaml, { closedWorld }))).toBe(known)
})
