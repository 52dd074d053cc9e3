import type { Fields } from '../../istio/schema/fields.ts'
import { jwtRule } from '../../istio/schema/requestAuthentication.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { parseUrl } from '../../istio/values/url.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'issuer-without-keys',
  on: 'schema',
  of: [jwtRule],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A JWT rule names no keys, and its issuer is no URL where they could be found.',
  why: 'Without keys istiod asks the issuer for its discovery document. If it cannot, the proxies get a key that fits no token, and refuse them all.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: idp.example.com
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: idp.example.com
      jwksUri: https://idp.example.com/keys
`,

  *check({ fields }) {
    const issuer = fields.text('issuer')
    if (!issuer || issuer.value === '' || isPlaceholder(issuer.value) || namesKeys(fields) || isAskable(issuer.value)) return
    yield problem(
      issuer,
      `"${issuer.value}" is no URL, so Istio cannot ask this issuer for its keys, and every token from it is refused. Add "jwksUri".`,
    )
  },
} satisfies SchemaRule

function namesKeys(rule: Fields): boolean {
  return (
    ['jwks', 'jwksUri', 'jwks_uri'].some(name => rule.isSet(name)) || (rule.node?.entries ?? []).some(({ key }) => isPlaceholder(key.text))
  )
}

/** Source: istio/istio:pilot/pkg/model/jwks_resolver.go (resolveJwksURIUsingOpenID), Go net/http/transport.go. */
function isAskable(issuer: string): boolean {
  return /^https?:\/\/[^/?#]/i.test(issuer) && parseUrl(issuer) !== undefined
}
