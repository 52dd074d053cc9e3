import { condition } from '../../istio/schema/authorizationPolicy.ts'
import { readBracketedKey } from '../../istio/values/bracketedKey.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'claim-type',
  on: 'schema',
  of: [condition],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A condition on a claim that is a number in every token.',
  why: 'Istio compares claims that are text or a list of texts. A number equals no value, not even "*".',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
  rules:
    - when:
        - key: request.auth.claims[iat]
          values: ["0"]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
  rules:
    - when:
        - key: request.auth.claims[acr]
          values: ["0"]
`,

  *check({ fields }) {
    const key = fields.text('key')
    const bracketed = key && readBracketedKey(key.value)
    if (!key || bracketed?.base !== 'request.auth.claims') return
    const claim = bracketed.names?.[0]
    if (claim === undefined || !numbers.has(claim) || !(fields.isSet('values') || fields.isSet('notValues'))) return
    const effect = fields.isSet('values') ? 'never holds' : 'always holds'
    yield problem(key, `"${claim}" is a number in every token, and Istio compares only text, so this condition ${effect}. Remove it.`)
  },
} satisfies SchemaRule

/** The proxy refuses a token where one of these is anything else. Source: envoyproxy/envoy:source/common/jwt/jwt.cc (parseFromString). */
const numbers: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf'])
