import { named, onlyAtZtunnel } from '../authorizationPolicy/covered.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'tokens-at-ztunnel',
  on: 'RequestAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A RequestAuthentication for workloads of ambient mode, without a waypoint in "targetRefs".',
  why: 'ztunnel sees connections and no tokens, so nothing checks them.',
  codes: ['KIA1115'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: bank }
spec:
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: bank }
spec:
  targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: waypoint }]
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
`,

  *check(policy, mesh) {
    if (policy.targetRefs.length > 0) return
    const workloads = onlyAtZtunnel(policy, mesh)
    if (workloads.length === 0) return
    yield problem(
      policy.at.name ?? policy.at.kind,
      `ztunnel, the only proxy of ${named(workloads)}, sees no tokens, so nothing enforces this. Name a waypoint, or a Service behind one, in "targetRefs".`,
    )
  },
} satisfies Rule<'RequestAuthentication'>
