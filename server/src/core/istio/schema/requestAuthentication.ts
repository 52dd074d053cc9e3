// RequestAuthentication. Source: istio/api:security/v1beta1/request_authentication.proto, told in our words.
import { boolean, field, listOf, object, type StringSchema, string, wordsOf } from './schema.ts'
import { kind, oneTarget, selector, targetRefs } from './shared.ts'
import { wholeDuration } from './trafficPolicy.ts'

const filled: StringSchema = { type: 'string', minLength: 1, nonEmpty: true }
const filledStrings = listOf(filled)
const headerName: StringSchema = { type: 'string', value: 'header', minLength: 1, pattern: /^[-_A-Za-z0-9]+$/, refusedBy: 'both' }

export const jwtHeader = object('a header', {
  name: field(filled, 'Name of the header.', { example: 'name: x-token', required: 'both' }),
  prefix: field(string, 'What stands before the token, with its blank: `"Bearer "`. A header without it carries no token.', {
    example: 'prefix: "Bearer "',
    default: '""',
  }),
})

export const claimToHeader = object('a claim header', {
  header: field(headerName, 'Name of the header: letters, digits, `-` and `_`. Each at most once.', {
    example: 'header: x-user',
    required: 'both',
  }),
  claim: field(filled, 'The claim, `a.b` for a nested one. Text, whole numbers and booleans are copied; lists and maps give no header.', {
    example: 'claim: sub',
    required: 'both',
  }),
})

export const jwksUri: StringSchema = { type: 'string', value: 'url', minLength: 1, maxLength: 2048 }

export const jwtRule = object(
  'a JWT rule',
  {
    issuer: field(
      { type: 'string', minLength: 1 },
      'Must equal the `iss` of the token, to the last slash. Needed unless `jwksUri` is written.',
      { example: 'issuer: https://idp.example.com' },
    ),
    audiences: field(
      filledStrings,
      'Any of these must be in the `aud` of the token. Left out: not checked, so a token that was issued for another service is accepted.',
      { example: 'audiences: [shop]' },
    ),
    jwksUri: field(
      jwksUri,
      'Where istiod (not the proxy) fetches the keys, by `http` or `https`. Left out: what the discovery document of the issuer says. Not together with `jwks`.',
      { example: 'jwksUri: https://idp.example.com/keys' },
    ),
    jwks_uri: field(jwksUri, 'Older spelling of `jwksUri`. Not together with it.', { example: 'jwks_uri: https://idp.example.com/keys' }),
    jwks: field(
      { type: 'string', value: 'jwks' },
      'The **public** keys themselves, as JSON: a key or a set of keys. Not together with `jwksUri`, and not without `issuer`.',
      { example: `jwks: '{"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":"…"}]}'` },
    ),
    fromHeaders: field(
      listOf(jwtHeader),
      'Headers that carry the token. As soon as one place is named, `Authorization` and `access_token` are no longer read.',
      { example: 'fromHeaders: [{ name: x-token }]', default: '[{ name: Authorization, prefix: "Bearer " }]' },
    ),
    fromParams: field(
      filledStrings,
      'Query parameters that carry the token. As soon as one place is named, `Authorization` and `access_token` are no longer read.',
      { example: 'fromParams: [token]', default: '[access_token]' },
    ),
    fromCookies: field(
      filledStrings,
      'Cookies that carry the token. As soon as one place is named, `Authorization` and `access_token` are no longer read.',
      { example: 'fromCookies: [session]' },
    ),
    outputPayloadToHeader: field(string, 'Header that receives the payload of the token, base64url. Left out: none does.', {
      example: 'outputPayloadToHeader: x-jwt-payload',
    }),
    outputClaimToHeaders: field(listOf(claimToHeader), 'Headers that receive single claims of a valid token.', {
      example: 'outputClaimToHeaders: [{ header: x-user, claim: sub }]',
    }),
    forwardOriginalToken: field(boolean, 'Whether the application sees the token.', {
      example: 'forwardOriginalToken: true',
      default: 'false',
    }),
    timeout: field(wholeDuration, 'How long fetching the keys may take: whole milliseconds, at least one.', {
      example: 'timeout: 10s',
      default: '5s',
    }),
    spaceDelimitedClaims: field(
      listOf({ type: 'string', minLength: 1 }, { max: 64 }),
      'Claims that hold several values separated by blanks, beside `scope` and `permission`, which always do.',
      { example: 'spaceDelimitedClaims: [roles]', since: '1.28' },
    ),
    presence: field(
      wordsOf({
        OPTIONAL: 'A request without a token passes; a token that is there must be valid.',
        REQUIRED: 'A request without a valid token of this rule is refused.',
      }),
      'Whether a token must be there. The first istiod that knows the field does not act on it yet: require the token in an AuthorizationPolicy.',
      { example: 'presence: REQUIRED', default: 'OPTIONAL', since: '1.32' },
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
      'Tokens that are accepted. A request **without** a token still passes: an AuthorizationPolicy must require one. A token of another issuer is refused.',
      { example: 'jwtRules: [{ issuer: "https://idp.example.com" }]' },
    ),
  },
  { oneOf: [oneTarget] },
)

export const requestAuthentication = kind('a RequestAuthentication', requestAuthenticationSpec)
