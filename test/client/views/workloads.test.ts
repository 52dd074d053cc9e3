import { describe, expect, test } from 'vitest'
import { workloadsItem } from '../../../client/src/views/workloads/item.ts'
import type { NamespaceNode, PodNode, WorkloadNode } from '../../../server/src/protocol.ts'

const namespace: NamespaceNode = {
  kind: 'namespace',
  id: 'ns/shop',
  name: 'shop',
  mode: 'STRICT',
  dataplane: 'sidecar',
  workloads: 3,
  description: 'STRICT · 3 workloads',
}
const workload: WorkloadNode = {
  kind: 'workload',
  id: 'ns/shop/checkout',
  namespace: 'shop',
  name: 'checkout',
  owner: 'Deployment',
  proxy: 'sidecar',
  mode: 'STRICT',
  policy: 'shop/default',
  ports: [{ port: 8081, mode: 'PERMISSIVE', policy: 'shop/checkout' }],
  description: 'STRICT · 8081 PERMISSIVE',
}
const pod: PodNode = {
  kind: 'pod',
  id: 'ns/shop/checkout/checkout-7d9f-x2',
  namespace: 'shop',
  name: 'checkout-7d9f-x2',
  proxy: 'sidecar',
  phase: 'Running',
  serviceAccount: 'checkout',
  identity: 'cluster.local/ns/shop/sa/checkout',
  description: 'sa/checkout',
}
const { mode: _mode, ...withoutProxies } = namespace
const { identity: _identity, ...withoutIdentity } = pod

test.each([
  [namespace, 'lock', 'closed'],
  [{ ...namespace, mode: 'PERMISSIVE' as const }, 'unlock', 'closed'],
  [{ ...namespace, mode: 'DISABLE' as const }, 'circle-slash', 'closed'],
  [withoutProxies, 'symbol-namespace', 'closed'],
  [workload, 'lock', 'closed'],
  [{ ...workload, mode: 'PERMISSIVE' as const }, 'unlock', 'closed'],
  [{ ...workload, proxy: 'none' as const }, 'warning', 'closed'],
  [{ ...workload, note: 'Service account "checkout" does not exist.' }, 'warning', 'closed'],
  [{ ...workload, proxy: 'unknown' as const }, 'question', 'closed'],
  [pod, 'circle-filled', 'none'],
  [{ ...pod, phase: 'Pending' }, 'circle-outline', 'none'],
  [{ ...withoutIdentity, proxy: 'none' as const }, 'warning', 'none'],
])('row %# has its icon', (node, icon, children) => {
  const item = workloadsItem(node)
  expect(item).toMatchObject({ icon, children, id: node.id, kind: node.kind, label: node.name, description: node.description })
})

describe('a row explains itself', () => {
  test('a workload names the policy that decides, for each port', () => {
    expect(workloadsItem(workload).tooltip).toEqual([
      'Deployment shop/checkout',
      'STRICT: only mutual TLS is accepted. (from shop/default)',
      'Port 8081: PERMISSIVE (from shop/checkout)',
    ])
  })

  test('a workload without a proxy promises no mode', () => {
    expect(workloadsItem({ ...workload, proxy: 'none', note: 'No proxy.' }).tooltip).toEqual(['Deployment shop/checkout', 'No proxy.'])
  })

  test('nothing is claimed where the proxy is not known', () => {
    const workloadLines = workloadsItem({ ...workload, proxy: 'unknown' }).tooltip
    expect(workloadLines.join()).not.toContain('STRICT')
    expect(workloadsItem({ ...withoutIdentity, proxy: 'unknown' }).tooltip).toContain('Whether it presents an identity is not known.')
  })

  test('a pod says what it presents', () => {
    expect(workloadsItem(pod).tooltip).toContain('Presents spiffe://cluster.local/ns/shop/sa/checkout')
    expect(workloadsItem(withoutIdentity).tooltip).toContain('Presents no identity.')
  })

  test('a screen reader hears kind, name, state and note', () => {
    expect(workloadsItem({ ...workload, note: 'No proxy.' }).spoken).toBe('workload checkout, STRICT · 8081 PERMISSIVE, No proxy.')
  })

  test('what could not be read is a row with the way out', () => {
    const item = workloadsItem({
      kind: 'problem',
      id: 'shop/problem',
      message: 'Pods are hidden.',
      remedy: 'Ask for the right to list them.',
    })
    expect(item).toMatchObject({ label: 'Pods are hidden.', children: 'none', spoken: 'Pods are hidden. Ask for the right to list them.' })
  })
})
