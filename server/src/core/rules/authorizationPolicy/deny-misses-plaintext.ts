import type { Outcome } from '../../decide/access/outcome.ts'
import type { Workload } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'
import { identityNeeded, isWithoutMtls, plaintextPort, takingPlaintext } from './plaintext.ts'

export default {
  id: 'deny-misses-plaintext',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DENY rule names callers by identity, on a port that lets plaintext in.',
  why: 'Who calls in plaintext shows no identity, so the rule does not match, whoever it is.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-tests, namespace: bank }
spec:
  action: DENY
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
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec:
  mtls: { mode: STRICT }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-tests, namespace: bank }
spec:
  action: DENY
  rules:
    - from:
        - source:
            namespaces: [bank]
`,

  *check(policy, mesh) {
    if (policy.action !== 'DENY' || policy.dryRun || !policy.rules.some(identityNeeded)) return
    const taking = takingPlaintext(policy, mesh)
    if (taking.length === 0) return
    for (const rule of policy.rules) {
      const identity = identityNeeded(rule)
      if (!identity) continue
      // Another policy may stop plaintext altogether, or what of it this rule is about; without mTLS there is `identity-without-mtls`.
      const isOpen = ({ decision }: Outcome, workload: Workload) => decision === 'allow' && !isWithoutMtls(rule, workload, mesh)
      const open = plaintextPort(rule, taking, mesh, isOpen)
      if (!open) continue
      yield problem(
        identity,
        `Port ${open.port} of "${open.workload.name}" takes plaintext, which shows no identity, so this rule stops nobody who calls that way. Set STRICT there, or add a DENY rule with notPrincipals: ["*"].`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>
