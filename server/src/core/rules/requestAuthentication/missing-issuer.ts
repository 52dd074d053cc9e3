import type { Fields } from '../../istio/schema/fields.ts'
import { requestAuthenticationSpec } from '../../istio/schema/requestAuthentication.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Span } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'missing-issuer',
  on: 'schema',
  of: [requestAuthenticationSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A JWT rule has neither issuer nor jwksUri.',
  why: 'Istio refuses the object: it could neither tell whose tokens are meant nor find keys. Inline keys alone are not enough.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - audiences: [shop]
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      audiences: [shop]
`,

  *check({ fields: spec }) {
    const rules = spec.objects('jwtRules')
    for (const [index, item] of spec.items('jwtRules').entries()) {
      const fields = rules[index]
      if (!item || !fields || (item.kind !== 'mapping' && !(item.kind === 'scalar' && item.value === null))) continue
      if (sources.some(name => fields.isSet(name)) || fields.node?.entries.some(({ key }) => isPlaceholder(key.text))) continue
      const what = 'This rule has neither "issuer" nor "jwksUri", so Istio refuses the object. Write the issuer, as the tokens name it.'
      yield problem(whereOf(fields, item.span), what)
    }
  },
} satisfies SchemaRule

const sources = ['issuer', 'jwksUri', 'jwks_uri']

function whereOf({ node }: Fields, item: Span): Span {
  const first = node?.flow ? undefined : node?.entries[0]
  return first ? first.key.span : { start: item.start, end: Math.max(item.end, item.start + 1) }
}
