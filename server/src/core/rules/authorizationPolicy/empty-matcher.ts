import { operation, source } from '../../istio/schema/authorizationPolicy.ts'
import { hasNoItems } from '../../istio/schema/decoded.ts'
import { misspeltFields } from '../../istio/schema/meant.ts'
import { problem, type SchemaRule } from '../rule.ts'

const outer = new Map([
  [source, '"from"'],
  [operation, '"to"'],
])

export default {
  id: 'empty-matcher',
  on: 'schema',
  of: [source, operation],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A source or an operation is empty.',
  why: 'Istio refuses the object. To match every caller or every operation, leave "from" or "to" out.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source: {}
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            methods: [GET]
`,

  *check({ node, key, fields }) {
    const { name, fields: known } = fields.schema
    if (fields.node && misspeltFields(fields.schema, fields.node).size > 0) return
    if (!Object.keys(known).every(field => hasNoItems(fields, field))) return
    yield problem(
      key ?? node,
      `Nothing is set in ${name}, so Istio refuses the object. Set a field, or leave ${outer.get(fields.schema)} out to match all.`,
    )
  },
} satisfies SchemaRule
