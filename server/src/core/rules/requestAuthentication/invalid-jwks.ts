import { jwtRule } from '../../istio/schema/requestAuthentication.ts'
import { parseJwks } from '../../istio/values/jwks.ts'
import { fix, problem, type SchemaRule } from '../rule.ts'
import { inlineKeys } from './inlineKeys.ts'

export default {
  id: 'invalid-jwks',
  on: 'schema',
  of: [jwtRule],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Inline keys cannot be read.',
  why: 'jwks is a JSON Web Key or a set of them, as JSON in a string. Istio refuses the object if one key cannot be read.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwks: '{"keys":[{"kty":"RSA","n":"pH_2L-VZdezxcA8D11Fo"}]}'
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwks: '{"keys":[{"kty":"RSA","e":"AQAB","n":"pH_2L-VZdezxcA8D11Fo"}]}'
`,

  *check({ fields }) {
    const written = inlineKeys(fields)
    const jwks = written && parseJwks(written.value)
    if (!jwks || !('unreadable' in jwks)) return
    const key = fields.key('jwks')
    if (key && /^https?:\/\//.test(written.value)) {
      const what = '"jwks" holds the keys themselves, and this is a URL, so Istio refuses the object. Write it as "jwksUri".'
      const rename = fix('Use "jwksUri"', { span: key.span, scalar: 'jwksUri' })
      yield problem(written, what, ...(fields.has('jwksUri') || fields.has('jwks_uri') ? [] : [rename]))
    } else
      yield problem(
        written,
        `Istio cannot read these keys, so it refuses the object: ${jwks.unreadable}. Copy them as the issuer publishes them.`,
      )
  },
} satisfies SchemaRule
