import { faultOfKey, repairKey } from '../../istio/values/conditionKey.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'malformed-condition-key',
  on: 'schema',
  of: ['conditionKey'],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A header, claim or filter without a name in brackets.',
  why: 'Istio refuses the object: such a key ends in brackets with the name in them.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.auth.claims.groups
          values: [admin]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.auth.claims[groups]
          values: [admin]
`,

  *check({ node }) {
    if (node.kind !== 'scalar' || faultOfKey(node.text) !== 'malformed') return
    const what = `"${node.text}" lacks a name in brackets at its end, so Istio refuses the object.`
    const repaired = repairKey(node.text)
    if (repaired) yield problem(node, `${what} Did you mean "${repaired}"?`, replacement(node, repaired))
    else yield problem(node, `${what} Write it as in "request.headers[x-tenant]".`)
  },
} satisfies SchemaRule
