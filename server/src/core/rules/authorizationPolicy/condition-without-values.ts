import { condition } from '../../istio/schema/authorizationPolicy.ts'
import { hasNoItems } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'condition-without-values',
  on: 'schema',
  of: [condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A condition has no values to compare with.',
  why: 'Istio refuses the object: "values" or "notValues" must hold something.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.headers[x-tenant]
          values: []
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.headers[x-tenant]
          values: ["*"]
`,

  *check({ fields }) {
    const key = fields.get('key')
    if (!key || !fields.isSet('key') || !hasNoItems(fields, 'values') || !hasNoItems(fields, 'notValues')) return
    const where = fields.key('values') ?? fields.key('notValues') ?? key
    yield problem(
      where,
      'This condition has neither "values" nor "notValues", so Istio refuses the object. Write one; "*" means any value.',
    )
  },
} satisfies SchemaRule
