import { publicationOf } from '../../decide/ambient/publication.ts'
import type { AuthorizationSource } from '../../istio/resources.ts'
import { problem, type Rule } from '../rule.ts'
import { atZtunnel, named } from './covered.ts'

export default {
  id: 'trust-domain-at-ztunnel',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A source asks for a trust domain, for workloads of ambient mode.',
  why: 'istiod does not send trust domains to ztunnel, and no status says so: the source then means more callers, or none.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            namespaces: [bank]
            trustDomains: [cluster.local]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: ["cluster.local/ns/bank/*"]
`,

  *check(policy, mesh) {
    const publication = publicationOf(policy, mesh.settings)
    if (publication.is !== 'published') return
    // What becomes of the others is told by `http-at-ztunnel`.
    const judged = publication.rules.filter(({ http }) => http.length === 0)
    const sources = judged.flatMap(({ rule }) => policy.rules[rule]?.from ?? []).filter(each => trustDomainsIn(each).length > 0)
    if (sources.length === 0) return
    const workloads = atZtunnel(policy, mesh)
    if (workloads.length === 0) return
    for (const source of sources) {
      const [first] = trustDomainsIn(source)
      if (!first) continue
      const effect = isAllThereIs(source)
        ? 'without them this source matches nobody'
        : 'without them this source matches every trust domain'
      yield problem(
        first,
        `istiod sends no trust domains to ztunnel, which enforces this for ${named(workloads)}: ${effect}. Write the trust domain in "principals".`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function trustDomainsIn({ trustDomains, notTrustDomains }: AuthorizationSource) {
  return [...trustDomains, ...notTrustDomains]
}

/** An entry of which nothing is left matches nothing. */
function isAllThereIs({ span: _, trustDomains, notTrustDomains, ...others }: AuthorizationSource): boolean {
  return Object.values(others).every(values => values.length === 0)
}
