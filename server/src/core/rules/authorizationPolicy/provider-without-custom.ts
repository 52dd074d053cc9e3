import { authorizationPolicySpec } from '../../istio/schema/authorizationPolicy.ts'
import { wordAt } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'provider-without-custom',
  on: 'schema',
  of: [authorizationPolicySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A policy that is not CUSTOM names an external authorizer.',
  why: 'Only CUSTOM policies ask one, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: ALLOW
  provider: { name: opa }
  rules: [{}]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules: [{}]
`,

  *check({ fields }) {
    const key = fields.key('provider')
    const action = wordAt(fields, 'action')
    if (!key || !fields.object('provider') || action === undefined || action === 'CUSTOM') return
    const what = fields.has('action') ? `The action is "${action}"` : 'Without "action" the policy is an ALLOW policy'
    yield problem(
      key,
      `${what}, and only CUSTOM policies have a provider, so Istio refuses the object. Write "action: CUSTOM", or remove the provider.`,
    )
  },
} satisfies SchemaRule
