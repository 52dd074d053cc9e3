import { jwtRule } from '../../istio/schema/requestAuthentication.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'duplicate-claim-header',
  on: 'schema',
  of: [jwtRule],
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two claims of a token are copied to one header.',
  why: 'The proxy adds both values to the header, and applications differ in which one they read. Each claim needs its own header.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      outputClaimToHeaders:
        - { header: x-user, claim: sub }
        - { header: X-User, claim: email }
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      outputClaimToHeaders:
        - { header: x-user, claim: sub }
        - { header: x-email, claim: email }
`,

  // Source: envoyproxy/envoy:source/extensions/filters/http/jwt_authn/authenticator.cc (addJWTClaimToHeader).
  *check({ fields }) {
    const taken = new Set<string>()
    for (const { value, span } of fields.objects('outputClaimToHeaders').flatMap(each => each.text('header') ?? [])) {
      if (value === '' || isPlaceholder(value)) continue
      const name = value.toLowerCase()
      if (taken.has(name)) {
        yield problem(
          span,
          `Another claim already goes to the header "${value}", so the application can get two values in it. Use another header.`,
        )
      }
      taken.add(name)
    }
  },
} satisfies SchemaRule
