// RequestAuthentication. Source: istio/api:security/v1beta1/request_authentication.proto, told in our words.
import { any, field, listOf, object, string, strings } from './schema.ts'
import { kind, selector, targetRefs } from './shared.ts'

const header = object('a header', {
  name: field(string, 'Name of the header.'),
  prefix: field(string, 'What stands before the token, with its blank: `"Bearer "`.'),
})

const jwtRule = object('a JWT rule', {
  issuer: field(string, 'Must equal the `iss` of the token.'),
  audiences: field(strings, 'Any of these must be in `aud`. Left out: not checked.'),
  jwksUri: field(string, 'Where istiod fetches the keys. Left out: the discovery document of the issuer.'),
  jwks_uri: field(string, 'Older spelling of `jwksUri`.'),
  jwks: field(string, 'The keys themselves, as JSON. Not together with `jwksUri`.'),
  fromHeaders: field(
    listOf(header),
    'Headers that carry the token. As soon as one place is named, `Authorization` and `access_token` are no longer read.',
  ),
  fromParams: field(strings, 'Query parameters that carry the token.'),
  fromCookies: field(strings, 'Cookies that carry the token.'),
  outputPayloadToHeader: field(string, 'Header that receives the payload of the token, base64url.'),
  outputClaimToHeaders: field(
    listOf(
      object('a claim header', { header: field(string, 'Name of the header.'), claim: field(string, 'Claim, `a.b` for a nested one.') }),
    ),
    'Headers that receive claims.',
  ),
  forwardOriginalToken: field({ type: 'boolean' }, 'Whether the application sees the token. Default: it is removed.'),
  timeout: field({ type: 'duration' }, 'How long fetching the keys may take. Default 5s.'),
  spaceDelimitedClaims: field(strings, 'Claims that hold several values separated by blanks, beside `scope` and `permission`.'),
  // Istio after 1.29 only; the webhook decides until the versions are told apart.
  presence: field(any, 'Whether a token must be there.'),
})

export const requestAuthentication = kind(
  'a RequestAuthentication',
  object('the spec of a RequestAuthentication', {
    selector,
    ...targetRefs,
    jwtRules: field(
      listOf(jwtRule),
      'Tokens that are accepted. A request **without** a token still passes: an AuthorizationPolicy must require one.',
    ),
  }),
)
