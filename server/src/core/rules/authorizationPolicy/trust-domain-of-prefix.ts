import { principalsOf } from '../../istio/policy.ts'
import { problem, type Rule, replacement } from '../rule.ts'
import { atZtunnel } from './covered.ts'

export default {
  id: 'trust-domain-of-prefix',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A principal begins with "cluster.local" and ends in a star, in a mesh with another trust domain.',
  why: 'Istio takes "cluster.local" for the trust domain of the mesh only in a principal of five parts. A shorter one is compared as it stands.',
  codes: [],
  bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: "trustDomain: corp.example"
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/bank/*]
`,
  good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: "trustDomain: corp.example"
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: ["corp.example/ns/bank/*", "cluster.local/ns/bank/sa/*"]
`,

  *check(policy, mesh) {
    const { known, trustDomain, trustDomainAliases, foreignTrustDomains } = mesh.settings
    const accepted = [trustDomain, ...trustDomainAliases, ...foreignTrustDomains]
    if (!known || !mesh.complete('MeshConfig') || accepted.includes('cluster.local')) return
    const written = principalsOf(policy).filter(({ value }) => /^cluster\.local(?:\/[^/]*){1,3}$/.test(value) && value.endsWith('*'))
    // What ztunnel makes of them is told by `literal-trust-domain`.
    if (written.length === 0 || atZtunnel(policy, mesh).length > 0) return
    for (const each of written) {
      yield problem(
        each,
        `"${each.value}" matches nobody: Istio takes "cluster.local" for the trust domain "${trustDomain}" only where all five parts of a principal are written. Write "${trustDomain}".`,
        replacement(each, `${trustDomain}${each.value.slice('cluster.local'.length)}`),
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>
