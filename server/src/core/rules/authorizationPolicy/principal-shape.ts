import { condition } from '../../istio/schema/authorizationPolicy.ts'
import { isImpossiblePrincipal, repairPrincipal } from '../../istio/values/principalShape.ts'
import { strayCharacter } from '../../istio/values/strayCharacter.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'principal-shape',
  on: 'schema',
  of: ['principal', condition],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A principal that is not the identity of a workload.',
  why: 'An identity is "trustDomain/ns/namespace/sa/serviceAccount". Istio accepts other text, and it matches nobody.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [shop/checkout]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/checkout, "*/sa/checkout", spire.example.com/billing]
`,

  *check(visit, { settings }) {
    const own = ['cluster.local', settings.trustDomain, ...settings.trustDomainAliases]
    for (const written of comparedValues(visit, 'source.principal')) {
      if (strayCharacter(written.value, 'name') || !isImpossiblePrincipal(written.value, own)) continue
      const what = `"${written.value}" is the identity of no workload, so it matches nobody.`
      const repaired = repairPrincipal(written.value, settings.trustDomain)
      if (repaired) yield problem(written, `${what} Did you mean "${repaired}"?`, replacement(written, repaired))
      else yield problem(written, `${what} Write "trustDomain/ns/namespace/sa/serviceAccount".`)
    }
  },
} satisfies SchemaRule
