import { describe, expect, test } from 'vitest'
import { policiesItem } from '../../../client/src/views/policies/item.ts'
import { isPolicyRow, type PolicyRow, withEmpty } from '../../../client/src/views/policies/rows.ts'
import { rowKey } from '../../../client/src/views/rows.ts'

const policy: PolicyRow = {
  kind: 'policy',
  id: 'policy/AuthorizationPolicy/shop/pay',
  context: 'prod-eu',
  policyKind: 'AuthorizationPolicy',
  namespace: 'shop',
  name: 'pay',
  does: 'ALLOW',
  effect: 'full',
  description: 'ALLOW → 1 workload, 2 pods · by sidecar',
  lines: ['ALLOW for 1 workload, 2 pods.'],
}
const file = { is: 'only-in-file', uri: 'file:///pay.yaml', file: 'pay.yaml', line: 0, paths: [] } as const

test.each([
  [policy, 'check', 'policy'],
  [{ ...policy, does: 'DENY' }, 'close', 'policy'],
  [{ ...policy, does: 'ALLOW (dry run)' }, 'beaker', 'policy'],
  [{ ...policy, effect: 'none' as const }, 'circle-large-outline', 'policy'],
  [{ ...policy, findings: 1, severity: 'warning' as const }, 'warning', 'policy'],
  [{ ...policy, findings: 1, severity: 'hint' as const }, 'check', 'policy'],
  [{ ...policy, file }, 'file', 'policyFile'],
  [{ ...policy, policyKind: 'PeerAuthentication' as const, does: 'STRICT · 8080 PERMISSIVE' }, 'lock', 'peerAuthentication'],
  [{ ...policy, policyKind: 'PeerAuthentication' as const, does: 'UNSET' }, 'shield', 'peerAuthentication'],
  [{ ...policy, policyKind: 'RequestAuthentication' as const, does: 'tokens of x' }, 'key', 'requestAuthentication'],
  [{ ...policy, policyKind: 'DestinationRule' as const, does: 'DISABLE' }, 'arrow-right', 'destinationRule'],
])('row %# has its icon and its word', (row, icon, kind) => expect(policiesItem(row)).toMatchObject({ icon, kind, label: 'pay' }))

describe('a row explains itself', () => {
  test('kind and name, what it does, how many findings', () => {
    expect(policiesItem({ ...policy, findings: 2, severity: 'info' }).tooltip).toEqual([
      'AuthorizationPolicy shop/pay',
      'ALLOW for 1 workload, 2 pods.',
      '2 findings.',
    ])
  })

  test('a screen reader hears no arrows', () => {
    expect(policiesItem(policy).spoken).toBe('AuthorizationPolicy pay, ALLOW for 1 workload, 2 pods · by sidecar')
  })

  test('a finding opens at its place', () => {
    const row = {
      kind: 'finding',
      id: 'finding/0/x',
      context: 'prod-eu',
      rule: 'unknown-service-account',
      severity: 'warning',
      message: 'No service account "a".',
      path: ['spec'],
      documentation: '#',
      object: { kind: 'AuthorizationPolicy', namespace: 'shop', name: 'pay' },
    } as const
    expect(policiesItem(row)).toMatchObject({
      label: 'No service account "a".',
      description: 'unknown-service-account',
      icon: 'warning',
      command: { command: 'istioSecurity.openFinding', arguments: [row] },
    })
  })
})

test('an empty cluster says why', () => {
  const cluster = {
    kind: 'cluster',
    id: 'cluster/a',
    name: 'a',
    context: 'a',
    state: { kind: 'connecting', context: 'a' },
    judging: true,
    description: '',
  } as const
  const [filtered] = withEmpty(cluster, [], 'x')
  const [empty] = withEmpty(cluster, [], '')
  expect(filtered && policiesItem(filtered)).toMatchObject({
    label: 'No policy matches the filter.',
    command: { command: 'istioSecurity.clearPoliciesFilter' },
  })
  expect(empty && policiesItem(empty).label).toBe('No policy in the namespaces that are read.')
  expect(withEmpty(policy, [], '')).toEqual([])
})

test('rows of two clusters are told apart, and other things are no rows', () => {
  expect(rowKey(policy)).not.toBe(rowKey({ ...policy, context: 'prod-us' }))
  expect([policy, { kind: 'policy' }, null, 'policy', { ...policy, kind: 'pod' }].map(isPolicyRow)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})
