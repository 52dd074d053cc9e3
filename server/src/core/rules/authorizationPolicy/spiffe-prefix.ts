import { principalsOf } from '../../istio/policy.ts'
import { parsePrincipal } from '../../istio/values/principal.ts'
import { fix, problem, type Rule } from '../rule.ts'

export default {
  id: 'spiffe-prefix',
  on: 'AuthorizationPolicy',
  severity: 'error',
  istio: 'accepts',
  summary: 'A principal is written with "spiffe://".',
  why: 'Istio adds "spiffe://" itself, so the proxy compares with spiffe://spiffe://…, which no certificate holds.',
  codes: ['KIA0106'],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [spiffe://cluster.local/ns/shop/sa/checkout]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/checkout]
`,

  *check(policy) {
    for (const written of principalsOf(policy)) {
      const principal = parsePrincipal(written.value)
      if (principal.match !== 'malformed' || principal.why !== 'spiffe-prefix') continue
      const right = written.value.slice('spiffe://'.length)
      yield problem(
        written,
        `"${written.value}" never matches: Istio adds "spiffe://" itself. Remove the prefix.`,
        fix('Remove "spiffe://"', { span: written.span, scalar: right }),
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>
