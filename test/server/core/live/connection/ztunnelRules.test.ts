// What a ztunnel lets in by the policies of its dump.
import { expect, test } from 'vitest'
import { policiesAt, type ZtunnelDecision, ztunnelDecision } from '../../../../../server/src/core/live/connection/ztunnelRules.ts'
import type { Json } from '../../../../../server/src/core/proxy/json.ts'
import { readZtunnelConfig, type ZtunnelConfig } from '../../../../../server/src/core/proxy/ztunnelConfig.ts'

const frontend = 'spiffe://cluster.local/ns/shop/sa/frontend'
const anonymous = { notPrincipals: [{ Presence: [] }] }
const policy = (action: 'Allow' | 'Deny', rules: Json, more: { readonly [key: string]: Json } = {}): Json => ({
  namespace: 'shop',
  name: 'own',
  scope: 'WorkloadSelector',
  action,
  rules,
  dryRun: false,
  ...more,
})

function dump(policies: readonly Json[] | undefined, named: readonly string[] = ['shop/own']): ZtunnelConfig {
  const workload = { namespace: 'shop', name: 'checkout-1', protocol: 'HBONE', authorizationPolicies: named }
  const config = readZtunnelConfig({ workloads: [workload], certificates: [], ...(policies ? { policies } : {}) })
  if (!config) throw new Error('no dump')
  return config
}

interface Case {
  readonly name: string
  readonly policies?: readonly Json[]
  readonly named?: readonly string[]
  readonly identity?: string
  readonly port?: number
  readonly decision: ZtunnelDecision['decision']
}

const cases: readonly Case[] = [
  { name: 'no policy', policies: [], decision: 'allow' },
  { name: 'STRICT and an identity', policies: [policy('Deny', [[[anonymous]]])], identity: frontend, decision: 'allow' },
  { name: 'STRICT and plaintext', policies: [policy('Deny', [[[anonymous]]])], decision: 'deny' },
  {
    name: 'STRICT but for a port, at that port',
    policies: [policy('Deny', [[[anonymous], [{ notDestinationPorts: [9090] }]]])],
    port: 9090,
    decision: 'allow',
  },
  {
    name: 'STRICT but for a port, at another',
    policies: [policy('Deny', [[[anonymous], [{ notDestinationPorts: [9090] }]]])],
    decision: 'deny',
  },
  {
    name: 'an ALLOW that names the caller',
    policies: [policy('Allow', [[[{ principals: [{ Exact: 'cluster.local/ns/shop/sa/frontend' }] }]]])],
    identity: frontend,
    decision: 'allow',
  },
  {
    name: 'an ALLOW that names its account',
    policies: [policy('Allow', [[[{ serviceAccounts: [{ namespace: 'shop', serviceAccount: 'frontend' }] }]]])],
    identity: frontend,
    decision: 'allow',
  },
  {
    name: 'an ALLOW that names somebody else',
    policies: [policy('Allow', [[[{ namespaces: [{ Exact: 'bank' }] }]]])],
    identity: frontend,
    decision: 'deny',
  },
  { name: 'an ALLOW without rules', policies: [policy('Allow', [])], identity: frontend, decision: 'deny' },
  {
    name: 'an ALLOW by address',
    policies: [policy('Allow', [[[{ sourceIps: ['10.0.0.0/8'] }]]])],
    identity: frontend,
    decision: 'depends',
  },
  {
    name: 'a policy of the namespace',
    policies: [policy('Deny', [[]], { scope: 'Namespace' })],
    named: [],
    identity: frontend,
    decision: 'deny',
  },
  {
    name: 'a policy of another namespace',
    policies: [policy('Deny', [[]], { scope: 'Namespace', namespace: 'bank' })],
    named: [],
    identity: frontend,
    decision: 'allow',
  },
  { name: 'a dry run', policies: [policy('Deny', [[]], { dryRun: true })], identity: frontend, decision: 'allow' },
  { name: 'a name of a policy that is not there', policies: [], named: ['shop/converted_peer_authentication_gone'], decision: 'allow' },
  { name: 'a dump without policies, and STRICT', named: ['istio-system/istio_converted_static_strict'], decision: 'deny' },
]

test.each(cases)('$name: $decision', ({ policies, named, identity, port = 8080, decision }) => {
  const config = dump(policies, named)
  const [workload] = config.workloads
  if (!workload) throw new Error('no workload')
  expect(ztunnelDecision(policiesAt(config, workload), { port, ...(identity === undefined ? {} : { identity }) }).decision).toBe(decision)
})
