import { condition } from '../../istio/schema/authorizationPolicy.ts'
import { parsePrincipal } from '../../istio/values/principal.ts'
import { fix, problem, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'spiffe-prefix',
  on: 'schema',
  of: ['principal', condition],
  severity: 'error',
  istio: 'accepts',
  summary: 'A principal is written with "spiffe://".',
  why: 'Istio adds "spiffe://" itself, so the proxy compares with spiffe://spiffe://…, which no certificate holds.',
  codes: ['KIA0106', 'KIA0108'],
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

  *check(visit) {
    for (const written of comparedValues(visit, 'source.principal')) {
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
} satisfies SchemaRule
