import { principalsOf } from '../../istio/policy.ts'
import { problem, type Rule, replacement } from '../rule.ts'
import { atZtunnel, named } from './covered.ts'

export default {
  id: 'literal-trust-domain',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A principal has another name of the trust domain, for workloads of ambient mode.',
  why: 'Sidecars take "cluster.local" and the aliases for the trust domain of the mesh. ztunnel compares the text, and no caller there has another trust domain.',
  codes: [],
  bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: "trustDomain: corp.example"
---
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: teller, namespace: bank }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/bank/sa/teller]
`,
  good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: "trustDomain: corp.example"
---
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: teller, namespace: bank }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: [corp.example/ns/bank/sa/teller]
`,

  *check(policy, mesh) {
    const { known, trustDomain, trustDomainAliases } = mesh.settings
    if (!known || !mesh.complete('MeshConfig')) return
    const others = ['cluster.local', ...trustDomainAliases].filter(each => each !== trustDomain)
    const written = principalsOf(policy).filter(({ value }) => others.some(each => value.startsWith(`${each}/`)))
    if (written.length === 0) return
    const workloads = atZtunnel(policy, mesh)
    if (workloads.length === 0) return
    for (const each of written) {
      const slash = each.value.indexOf('/')
      const other = each.value.slice(0, slash)
      yield problem(
        each,
        `ztunnel, which enforces this for ${named(workloads)}, takes "${other}" literally, and callers there have the trust domain "${trustDomain}": this matches nobody. Write "${trustDomain}".`,
        replacement(each, `${trustDomain}${each.value.slice(slash)}`),
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>
