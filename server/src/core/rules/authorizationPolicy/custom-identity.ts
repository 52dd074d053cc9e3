import { condition, source } from '../../istio/schema/authorizationPolicy.ts'
import { wordAt } from '../../istio/schema/decoded.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isIdentityKey } from '../../istio/values/conditionKey.ts'
import type { Scalar } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { withOpposite } from './values.ts'

export default {
  id: 'custom-identity',
  on: 'schema',
  of: [source, condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A CUSTOM policy looks at the identity of the caller or at a token.',
  why: 'Istio does not support that with CUSTOM and refuses the object; addresses, operations and headers are possible.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules:
    - from:
        - source:
            namespaces: [web]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules:
    - from:
        - source:
            ipBlocks: [10.0.0.0/8]
`,

  *check(visit) {
    const spec = visit.object.fields.object('spec')
    if (!spec || wordAt(spec, 'action') !== 'CUSTOM') return
    for (const { name, where } of identitiesIn(visit)) {
      yield problem(
        where,
        `A CUSTOM policy cannot look at "${name}", so Istio refuses the object. Let the authorizer check it, or an ALLOW or DENY policy.`,
      )
    }
  },
} satisfies SchemaRule

/** Fields of a source that tell who calls. Source: istio/istio:pkg/config/validation/validation.go (ValidateAuthorizationPolicy). */
const identities = ['principals', 'requestPrincipals', 'namespaces', 'serviceAccounts', 'trustDomains'].flatMap(withOpposite)

function identitiesIn({ schema, fields }: Visit): readonly { readonly name: string; readonly where: Pick<Scalar, 'span'> }[] {
  if (schema === condition) {
    const key = fields.text('key')
    return key && isIdentityKey(key.value) ? [{ name: key.value, where: key }] : []
  }
  return identities.flatMap(name => {
    const where = fields.key(name)
    return where && fields.items(name).length > 0 ? [{ name, where }] : []
  })
}
