import { path } from '../../istio/schema/authorizationPolicy.ts'
import { checkPathTemplate, repairPathTemplate } from '../../istio/values/pathTemplate.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'invalid-path-template',
  on: 'schema',
  of: [path],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A path with braces that Istio does not understand.',
  why: 'Istio refuses the object. "{*}" stands for one segment and "{**}" for the rest, each alone between slashes.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: ["/orders/{id}/items"]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: ["/orders/{*}/items", "/static/{**}", /cart*]
`,

  *check(visit) {
    for (const written of comparedValues(visit)) {
      const advice = checkPathTemplate(written.value)
      if (!advice) continue
      const repaired = repairPathTemplate(written.value)
      const message = `"${written.value}" is no path that Istio understands, so it refuses the object. ${advice}`
      yield problem(written, message, ...(repaired ? [replacement(written, repaired)] : []))
    }
  },
} satisfies SchemaRule
