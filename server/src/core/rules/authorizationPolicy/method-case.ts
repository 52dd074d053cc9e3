import { faultOfMethod } from '../../istio/values/httpMethod.ts'
import { hasLiteralStar } from '../../istio/values/wildcard.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'method-case',
  on: 'schema',
  of: ['method'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A method in lower case, misspelt, or with characters that no method has.',
  why: 'Methods are case-sensitive, so no request has this one.',
  codes: ['KIA0102'],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            methods: [get]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            methods: [GET, PROPFIND, P*]
`,

  *check(visit) {
    for (const written of comparedValues(visit)) {
      if (written.value !== written.value.trim() || hasLiteralStar(written.value)) continue
      const fault = faultOfMethod(written.value)
      if (!fault) continue
      const repaired = fault.meant ? [replacement(written, fault.meant)] : []
      yield problem(written, `No request has the method "${written.value}". ${fault.why}`, ...repaired)
    }
  },
} satisfies SchemaRule
