// RequestAuthentication. Source: istio/api:security/v1beta1/request_authentication.proto, told in our words.
import { boolean, field, listOf, object, positiveDuration, type StringSchema, string, wordsOf } from './schema.ts'
import { kind, oneTarget, selector, targetRefs } from './shared.ts'

const filled: StringSchema = { type: 'string', minLength: 1 }
const filledStrings = listOf(filled)

export const jwtHeader = object('a header', {
  name: field(filled, 'Name of the header.', { example: 'name: x-token', required: 'both' }),
  prefix: field(string, 'What stands before the token, with its blank: `"Bearer "`.', { example: 'prefix: "Bearer "' }),
})

export const claimToHeader = object('a claim header', {
  header: field({ type: 'string', value: 'header', minLength: 1, pattern: /^[-_A-Za-z0-9]+$/ }, 'Name of the header.', {
    example: 'header: x-user',
    required: 'both',
  }),
  claim: field(filled, 'Claim, `a.b` for a nested one.', { example: 'claim: sub', required: 'both' }),
})

export const jwtRule = object(
  'a JWT rule',
  {
    issuer: field(filled, 'Must equal the `iss` of the token.', { example: 'issuer: https://idp.example.com' }),
    audiences: field(filledStrings, 'Any of these must be in `aud`. Left out: not checked.', { example: 'audiences: [shop]' }),
    jwksUri: field(
      { type: 'string', value: 'url', minLength: 1, maxLength: 2048 },
      'Where istiod fetches the keys. Left out: the discovery document of the issuer.',
      { example: 'jwksUri: https://idp.example.com/keys' },
    ),
    jwks_uri: field({ type: 'string', value: 'url', minLength: 1, maxLength: 2048 }, 'Older spelling of `jwksUri`.'),
    jwks: field({ type: 'string', value: 'jwks' }, 'The keys themselves, as JSON. Not together with `jwksUri`.'),
    fromHeaders: field(
      listOf(jwtHeader),
      'Headers that carry the token. As soon as one place is named, `Authorization` and `access_token` are no longer read.',
      { example: 'fromHeaders: [{ name: x-token }]' },
    ),
    fromParams: field(filledStrings, 'Query parameters that carry the token.', { example: 'fromParams: [token]' }),
    fromCookies: field(filledStrings, 'Cookies that carry the token.', { example: 'fromCookies: [session]' }),
    outputPayloadToHeader: field(string, 'Header that receives the payload of the token, base64url.', {
      example: 'outputPayloadToHeader: x-jwt-payload',
    }),
    outputClaimToHeaders: field(listOf(claimToHeader), 'Headers that receive claims.', {
      example: 'outputClaimToHeaders: [{ header: x-user, claim: sub }]',
    }),
    forwardOriginalToken: field(boolean, 'Whether the application sees the token.', { default: 'false' }),
    timeout: field(positiveDuration, 'How long fetching the keys may take.', { example: 'timeout: 10s', default: '5s' }),
    spaceDelimitedClaims: field(
      listOf(filled, { max: 64 }),
      'Claims that hold several values separated by blanks, beside `scope` and `permission`.',
      { example: 'spaceDelimitedClaims: [roles]', since: '1.28' },
    ),
    presence: field(
      wordsOf({
        OPTIONAL: 'A request without a token passes; a token that is there must be valid.',
        REQUIRED: 'A request without a valid token of this rule is refused.',
      }),
      'Whether a token must be there.',
      { default: 'OPTIONAL', since: '1.30' },
    ),
  },
  { oneOf: [{ fields: ['jwks', 'jwksUri', 'jwks_uri'], refusedBy: 'crd' }] },
)

export const requestAuthenticationSpec = object(
  'the spec of a RequestAuthentication',
  {
    selector,
    ...targetRefs,
    jwtRules: field(
      listOf(jwtRule, { max: 4096 }),
      'Tokens that are accepted. A request **without** a token still passes: an AuthorizationPolicy must require one.',
      { example: 'jwtRules: [{ issuer: "https://idp.example.com" }]' },
    ),
  },
  { oneOf: [oneTarget] },
)

export const requestAuthentication = kind('a RequestAuthentication', requestAuthenticationSpec)
