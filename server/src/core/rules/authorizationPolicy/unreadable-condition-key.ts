import { wordAt } from '../../istio/schema/decoded.ts'
import type { VisitedObject } from '../../istio/schema/walk.ts'
import { readBracketedKey } from '../../istio/values/bracketedKey.ts'
import { faultOfKey } from '../../istio/values/conditionKey.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unreadable-condition-key',
  on: 'schema',
  of: ['conditionKey'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A condition key with something between the attribute and its brackets, or after the first pair.',
  why: 'Istio accepts the object but cannot read the key: it drops an ALLOW rule, and applies any other rule without the condition.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.headers.[x-tenant]
          values: [acme]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: request.headers[x-tenant]
          values: [acme]
        - key: request.auth.claims[realm_access][roles]
          values: [admin]
`,

  *check({ node, object }) {
    if (node.kind !== 'scalar' || faultOfKey(node.text)) return
    const key = readBracketedKey(node.text)
    if (!key || (key.names && !isUnsendable(key.base, key.names))) return
    const effect = key.names ? 'so it matches no request' : effectOf(object)
    yield problem(node, `Istio accepts "${node.text}" but cannot read it, ${effect}. Write "${key.base}[name]".`)
  },
} satisfies SchemaRule

/** Source: istio/istio:pilot/pkg/security/authz/model/model.go (checkError). */
function effectOf(object: VisitedObject): string {
  const spec = object.fields.object('spec')
  return spec && wordAt(spec, 'action') !== 'ALLOW' ? 'so the rule is applied without this condition' : 'so the rule is dropped'
}

/** The name of a header is a token, with a colon before it a part of the request; a bracket in a claim was meant to end it. */
function isUnsendable(base: string, names: readonly string[]): boolean {
  const sendable = base === 'request.headers' ? /^:?[!#$%&'*+.^_`|~\w-]+$/ : /^[^[\]]+$/
  return names.some(name => !sendable.test(name))
}
