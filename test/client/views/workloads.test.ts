import { describe, expect, test } from 'vitest'
import { workloadsItem } from '../../../client/src/views/workloads/item.ts'
import { type WorkloadsRow, withEmpty } from '../../../client/src/views/workloads/rows.ts'
import { readView, viewWords } from '../../../client/src/views/workloads/view.ts'
import type { CertificateNode, ClusterRow, FromContext, NamespaceNode, PodRow, WorkloadRow } from '../../../server/src/protocol.ts'

const context = 'prod'
const namespace: NamespaceNode & FromContext = {
  context,
  kind: 'namespace',
  id: 'namespace/shop',
  name: 'shop',
  mode: 'STRICT',
  policy: 'shop/default',
  dataplane: 'sidecar',
  enrolment: 'Sidecars are injected, by label istio-injection=enabled.',
  workloads: 3,
  findings: 0,
  description: 'STRICT · 3 workloads',
}
const workload: WorkloadRow = {
  context,
  kind: 'workload',
  id: 'workload/shop/Deployment.checkout',
  namespace: 'shop',
  name: 'checkout',
  owner: 'Deployment',
  proxy: 'sidecar',
  mode: 'STRICT',
  policy: 'shop/default',
  ports: [{ port: 8081, mode: 'PERMISSIVE', policy: 'shop/checkout' }],
  pods: { ready: 2, all: 3 },
  serviceAccount: 'checkout',
  identity: 'cluster.local/ns/shop/sa/checkout',
  enforcer: 'Policies are enforced by the sidecar.',
  findings: [],
  policyProblems: [],
  description: 'STRICT · 8081 PERMISSIVE · 2 of 3 pods ready',
}
const pod: PodRow = {
  context,
  kind: 'pod',
  id: 'pod/shop/checkout-7d9f-x2',
  namespace: 'shop',
  name: 'checkout-7d9f-x2',
  workload: workload.id,
  proxy: 'sidecar',
  proxyVersion: '1.30.1',
  phase: 'Running',
  serviceAccount: 'checkout',
  identity: 'cluster.local/ns/shop/sa/checkout',
  findings: [],
  description: 'sa/checkout · sidecar 1.30.1',
}
const cluster: ClusterRow = {
  context,
  kind: 'cluster',
  id: 'cluster/prod',
  name: 'prod',
  state: { kind: 'connecting', context },
  judging: true,
  description: 'connecting',
}
const certificate: CertificateNode = {
  kind: 'certificate',
  id: 'certificate/shop/Deployment.checkout/checkout-7d9f-x2',
  pod: { namespace: 'shop', name: 'checkout-7d9f-x2' },
  workload: 'shop/checkout',
  label: 'checkout-7d9f-x2',
  state: 'valid',
  notAfter: '2026-11-22T06:12:03Z',
  description: '11 h left',
}
const gone = { kind: 'account-gone', message: 'Service account "checkout" is gone.' } as const
const { mode: _mode, policy: _policy, ...withoutProxies } = namespace
const { identity: _identity, proxyVersion: _version, ...withoutIdentity } = pod

test.each<readonly [WorkloadsRow & { readonly name: string; readonly description: string }, string, string]>([
  [namespace, 'lock', 'closed'],
  [{ ...namespace, mode: 'PERMISSIVE' }, 'unlock', 'closed'],
  [{ ...namespace, mode: 'DISABLE' }, 'circle-slash', 'closed'],
  [withoutProxies, 'symbol-namespace', 'closed'],
  [workload, 'lock', 'closed'],
  [{ ...workload, pods: { ready: 0, all: 0 } }, 'lock', 'none'],
  [{ ...workload, mode: 'PERMISSIVE' }, 'unlock', 'closed'],
  [{ ...workload, proxy: 'none' }, 'circle-large-outline', 'closed'],
  [{ ...workload, proxy: 'none', findings: [gone] }, 'warning', 'closed'],
  [{ ...workload, findings: [gone] }, 'warning', 'closed'],
  [{ ...workload, policyProblems: ['AuthorizationPolicy shop/pay has 1 error.'] }, 'warning', 'closed'],
  [{ ...workload, proxy: 'unknown' }, 'question', 'closed'],
  [pod, 'circle-filled', 'none'],
  [{ ...pod, phase: 'Pending' }, 'circle-outline', 'none'],
  [{ ...withoutIdentity, proxy: 'none', findings: [gone] }, 'warning', 'none'],
  [{ context, kind: 'group', id: 'group/mode/STRICT', name: 'STRICT', workloads: 3, description: '3 workloads' }, 'layers', 'closed'],
  [
    { context, kind: 'more', id: 'more/x', rest: 700, limit: 1_500, name: 'Show 500 more', description: '700 not shown' },
    'ellipsis',
    'none',
  ],
])('row %# has its icon', (row, icon, children) => {
  const { id, kind, name: label, description } = row
  expect(workloadsItem(row)).toMatchObject({ icon, children, id, kind, label, description })
})

describe('a row explains itself', () => {
  test('a namespace names the policy that decides, and how its pods come into the mesh', () => {
    expect(workloadsItem({ ...namespace, findings: 2 }).tooltip).toEqual([
      'Namespace shop',
      'STRICT: only mutual TLS is accepted. (from shop/default)',
      'Sidecars are injected, by label istio-injection=enabled.',
      '2 findings at its workloads.',
    ])
  })

  test('a workload names the policy that decides, for each port', () => {
    expect(workloadsItem(workload).tooltip).toEqual([
      'Deployment shop/checkout',
      'STRICT: only mutual TLS is accepted. (from shop/default)',
      'Port 8081: PERMISSIVE (from shop/checkout)',
      'Policies are enforced by the sidecar.',
      'Service account checkout, presented as spiffe://cluster.local/ns/shop/sa/checkout',
      '2 of 3 pods ready',
    ])
  })

  test('a workload without a proxy promises no mode', () => {
    expect(workloadsItem({ ...workload, proxy: 'none' }).tooltip.join()).not.toContain('STRICT')
  })

  test('nothing is claimed where the proxy is not known', () => {
    expect(workloadsItem({ ...workload, proxy: 'unknown' }).tooltip.join()).not.toContain('STRICT')
    expect(workloadsItem({ ...withoutIdentity, proxy: 'unknown' }).tooltip).toContain('Whether it presents an identity is not known.')
  })

  test('a pod says what it presents, and by which proxy', () => {
    expect(workloadsItem(pod).tooltip).toEqual([
      'Pod shop/checkout-7d9f-x2, Running',
      'Presents spiffe://cluster.local/ns/shop/sa/checkout',
      'Service account checkout',
      'Proxy: sidecar, Istio 1.30.1',
    ])
    expect(workloadsItem({ ...pod, proxy: 'ztunnel' }).tooltip).toContain('Carried by the ztunnel of its node, Istio 1.30.1')
    expect(workloadsItem(withoutIdentity).tooltip).toContain('Presents no identity.')
  })

  test('a screen reader hears kind, name, state and findings', () => {
    expect(workloadsItem({ ...workload, findings: [gone] }).spoken).toBe(
      'workload checkout, STRICT · 8081 PERMISSIVE · 2 of 3 pods ready, Service account "checkout" is gone.',
    )
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

describe('a pod whose proxy was asked', () => {
  test.each([
    [certificate, 'certificate 11 h left · sa/checkout · sidecar 1.30.1', 'circle-filled'],
    [
      { ...certificate, state: 'expired', description: 'expired 2 h ago' } as const,
      'expired 2 h ago · sa/checkout · sidecar 1.30.1',
      'error',
    ],
    [
      { ...certificate, state: 'warming', description: 'no certificate yet', note: 'It waits.' } as const,
      'no certificate yet · sa/checkout · sidecar 1.30.1',
      'warning',
    ],
  ])('%#', (presented, description, icon) => {
    expect(workloadsItem(pod, presented)).toMatchObject({ description, icon, spoken: expect.stringContaining(description) })
  })

  test('says until when its certificate is valid', () => {
    expect(workloadsItem(pod, certificate).tooltip).toContain('Certificate valid until 2026-11-22 06:12:03 UTC')
  })
})

describe('where there is nothing', () => {
  const sentence = (view: object) => withEmpty(cluster, [], view).map(row => workloadsItem(row))

  test('a row says so', () => {
    expect(sentence({})).toMatchObject([{ label: 'No workload is running in the namespaces that are read.' }])
    expect(sentence({ group: 'mode' })).toMatchObject([{ label: 'No workload is running in the namespaces that are read.' }])
  })

  test('a filter is named as the reason, and cleared by the row', () => {
    expect(sentence({ text: 'chekout' })).toMatchObject([
      { label: 'No workload matches the filter.', command: { command: 'istioSecurity.clearWorkloadsFilter' } },
    ])
    expect(sentence({ only: ['no-proxy'] })).toMatchObject([{ label: 'No workload matches the filter.' }])
  })

  test('only below a cluster', () => {
    expect(withEmpty(workload, [], {})).toEqual([])
    expect(withEmpty(undefined, [], {})).toEqual([])
    expect(withEmpty(cluster, [workload], { text: 'x' })).toEqual([workload])
  })
})

describe('what is shown, in words', () => {
  test.each([
    [{}, ''],
    [{ text: ' checkout ' }, 'Filter: "checkout".'],
    [{ only: ['no-proxy', 'not-strict'] }, 'Filter: no proxy, without STRICT.'],
    [{ text: 'shop', only: ['with-findings'], group: 'mode' }, 'Filter: "shop", findings only. Grouped by mode.'],
    [{ group: 'proxy' }, 'Grouped by proxy.'],
  ] as const)('%j', (view, words) => {
    expect(viewWords(view)).toBe(words)
  })

  test.each([
    [
      { text: 'shop', only: ['no-proxy'], group: 'mode' },
      { text: 'shop', only: ['no-proxy'], group: 'mode' },
    ],
    [{ text: 3, only: ['gone', 'toString'], group: 'namespace' }, {}],
    [{ text: '  ', only: 'no-proxy', group: 'constructor' }, {}],
    [undefined, {}],
    [null, {}],
    ['shop', {}],
  ])('what was remembered is taken as far as it means something: %j', (remembered, view) => {
    expect(readView(remembered)).toEqual(view)
  })
})
