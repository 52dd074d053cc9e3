import { condition, trustDomain } from '../../istio/schema/authorizationPolicy.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'invalid-trust-domain',
  on: 'schema',
  of: [trustDomain, condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A trust domain with a slash, or with a wildcard inside.',
  why: 'Istio refuses the object. One wildcard at the start or at the end is possible.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            trustDomains: [cluster.local/ns/shop]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            trustDomains: [cluster.local, "partner-*"]
`,

  *check(visit) {
    for (const written of comparedValues(visit, 'source.trustDomain')) {
      // A condition may have a slash, which no trust domain has.
      const fault = faultOf(written.value) ?? (visit.schema === trustDomain && written.value.includes('/') ? slash : undefined)
      if (fault) yield problem(written, `"${written.value}" is no trust domain, so Istio refuses the object. ${fault}`)
    }
  },
} satisfies SchemaRule

const slash = 'Write only the part of the identity before the first slash.'

/** Source: istio/istio:pkg/config/security/security.go (CheckWildcardValues, CheckTrustDomainValues). */
function faultOf(text: string): string | undefined {
  const stars = text.split('*').length - 1
  if (stars > 1) return 'It can have only one wildcard.'
  return stars === 1 && !text.startsWith('*') && !text.endsWith('*') ? 'The wildcard must be at the start or at the end.' : undefined
}
