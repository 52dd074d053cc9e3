import { problem, type Rule } from '../rule.ts'
import { listed, named } from './covered.ts'
import { identitiesIn, identityNeeded, isWithoutMtls, portsOf, withoutMtls } from './plaintext.ts'

export default {
  id: 'identity-without-mtls',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A rule names callers by identity where mTLS is switched off.',
  why: 'Without mTLS no caller shows an identity, so the rule matches nobody.',
  codes: ['KIA0105'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec:
  mtls: { mode: DISABLE }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            namespaces: [bank]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec:
  mtls: { mode: STRICT }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            namespaces: [bank]
`,

  *check(policy, mesh) {
    if (policy.action !== 'ALLOW' && policy.action !== 'DENY') return
    const switchedOff = withoutMtls(policy, mesh)
    if (switchedOff.length === 0) return
    for (const rule of policy.rules) {
      const ofRule = identityNeeded(rule)
      const places = ofRule ? [ofRule] : rule.from.flatMap(source => identitiesIn(source).slice(0, 1))
      if (places.length === 0) continue
      const workloads = switchedOff.filter(each => isWithoutMtls(rule, each, mesh))
      if (workloads.length === 0) continue
      const ports = (portsOf(rule) ?? []).map(String)
      const where = ports.length > 0 ? `on port ${listed(ports)} of ${named(workloads)}` : `for ${named(workloads)}`
      const effect = ofRule ? effects[policy.action] : 'this source matches nobody'
      for (const place of places) {
        yield problem(
          place,
          `The mode DISABLE switches mTLS off ${where}, so no caller shows an identity there and ${effect}. Set PERMISSIVE or STRICT.`,
        )
      }
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

const effects = { ALLOW: 'this rule lets nobody in', DENY: 'this rule stops nobody' } as const
