import { expect, test } from 'vitest'
import { knowsSelectables, selectables } from '../../../../server/src/core/decide/selectable.ts'
import { fileMesh } from '../../../support/mesh.ts'

const world = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec: { template: { metadata: { labels: { app: checkout } } } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vault, namespace: shop }
spec: { labels: { app: vault } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: ledgers, namespace: bank }
spec: { metadata: { labels: { app: ledger } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
`

test('workloads, machines, groups of machines and gateways to come can be selected', () => {
  const mesh = fileMesh(world)
  expect(selectables(mesh).map(({ name }) => name)).toEqual(['checkout', 'vault', 'ledgers', 'public'])
  expect(selectables(mesh, 'bank').map(({ labels }) => labels)).toEqual([{ app: 'ledger' }])
})

test.each([
  ['files that are everything', world, true, true],
  ['files of which more may exist', world, false, false],
  ['labels that are filled in later', world.replace('app: vault', 'app: "${APP}"'), true, false],
  ['a namespace that is filled in later', world.replace('namespace: bank', 'namespace: "${NAMESPACE}"'), true, false],
])('%s', (_, yaml, closedWorld, known) => {
  expect(knowsSelectables(fileMesh(yaml, { closedWorld }))).toBe(known)
})
