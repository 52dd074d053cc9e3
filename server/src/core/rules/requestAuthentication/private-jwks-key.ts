import { jwtRule } from '../../istio/schema/requestAuthentication.ts'
import { type Jwk, parseJwks } from '../../istio/values/jwks.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { inlineKeys } from './inlineKeys.ts'

export default {
  id: 'private-jwks-key',
  on: 'schema',
  of: [jwtRule],
  severity: 'warning',
  istio: 'warns',
  summary: 'Inline keys hold a private or a symmetric key.',
  why: 'Whoever can read the object can forge tokens. Public keys are all it takes to check a token.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwks: '{"kty":"OKP","crv":"Ed25519","x":"YptjIn8syLJgursirg6w9c7pxep4nkBtM6kCUVU-nBM","d":"AAAA"}'
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwks: '{"kty":"OKP","crv":"Ed25519","x":"YptjIn8syLJgursirg6w9c7pxep4nkBtM6kCUVU-nBM"}'
`,

  *check({ fields }) {
    const written = inlineKeys(fields)
    const jwks = written && parseJwks(written.value)
    if (!jwks || 'unreadable' in jwks) return
    const secret = jwks.keys.findIndex(key => key.secret)
    const key = jwks.keys[secret]
    if (!key) return
    const which = jwks.keys.length === 1 ? 'This key' : `Key ${secret + 1}`
    yield problem(written, `${which} is ${kindOf(key)}: whoever can read this object can forge tokens, and Istio warns. ${adviceFor(key)}`)
  },
} satisfies SchemaRule

function kindOf({ type }: Jwk): string {
  return type === 'oct' ? 'symmetric' : 'private'
}

function adviceFor({ type }: Jwk): string {
  return type === 'oct' ? 'Sign with a key pair and write its public key.' : 'Write only the public key, and replace this one.'
}
