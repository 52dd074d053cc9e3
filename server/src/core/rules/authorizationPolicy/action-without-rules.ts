import { authorizationPolicySpec } from '../../istio/schema/authorizationPolicy.ts'
import { hasNoItems, wordAt } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'action-without-rules',
  on: 'schema',
  of: [authorizationPolicySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A DENY or CUSTOM policy has no rules.',
  why: 'Without rules it never matches, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
  rules:
    - from:
        - source:
            notNamespaces: [shop]
`,

  *check({ fields }) {
    const action = wordAt(fields, 'action')
    const node = fields.get('action')
    if (!node || (action !== 'DENY' && action !== 'CUSTOM') || !hasNoItems(fields, 'rules')) return
    yield problem(
      node,
      `A ${action} policy without rules never matches, so Istio refuses the object. Write rules; "rules: [{}]" matches everything.`,
    )
  },
} satisfies SchemaRule
