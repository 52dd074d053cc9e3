import { authorizationPolicySpec } from '../../istio/schema/authorizationPolicy.ts'
import { holds, lacks, textAt, wordAt } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'custom-without-provider',
  on: 'schema',
  of: [authorizationPolicySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A CUSTOM policy names no external authorizer.',
  why: 'Istio refuses the object, because it does not know whom to ask.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: CUSTOM
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
    const action = fields.get('action')
    if (!action || wordAt(fields, 'action') !== 'CUSTOM' || !holds(fields, 'rules')) return
    const provider = fields.object('provider')
    if (provider ? textAt(provider, 'name') !== '' : !lacks(fields, 'provider')) return
    const where = provider?.get('name') ?? fields.key('provider') ?? action
    yield problem(
      where,
      'A CUSTOM policy without "provider.name" has nobody to ask, so Istio refuses the object. Name an extension provider of the mesh.',
    )
  },
} satisfies SchemaRule
