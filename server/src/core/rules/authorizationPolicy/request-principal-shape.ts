import { condition } from '../../istio/schema/authorizationPolicy.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { faultOfRequestPrincipal } from '../../istio/values/requestPrincipal.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'request-principal-shape',
  on: 'schema',
  of: ['requestPrincipal', condition],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A request principal that is not issuer and subject.',
  why: 'It is split at its last slash: the part before is compared with the issuer of the token, the rest with its subject.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            requestPrincipals: [https://idp.example.com]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            requestPrincipals: ["https://idp.example.com/*", "https://idp.example.com/realms/shop/web"]
`,

  *check(visit, mesh) {
    for (const written of comparedValues(visit, 'request.auth.principal')) {
      const fault = faultOfRequestPrincipal(written.value, issuersAround(visit, mesh))
      if (!fault) continue
      const repaired = fault.meant ? [replacement(written, fault.meant)] : []
      yield problem(written, `"${written.value}" ${fault.why}`, ...repaired)
    }
  },
} satisfies SchemaRule

/** Issuers whose tokens may be validated where the policy applies. */
function issuersAround({ object }: Visit, mesh: Mesh): ReadonlySet<string> {
  const namespaces = [...new Set([object.namespace, mesh.settings.rootNamespace])]
  const found = namespaces.flatMap(namespace => mesh.in('RequestAuthentication', namespace))
  return new Set(found.flatMap(({ jwtRules }) => jwtRules.flatMap(({ issuer }) => issuer?.value ?? [])))
}
