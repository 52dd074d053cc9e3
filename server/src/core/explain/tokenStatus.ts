// Why Envoy does not accept a token: its words, and what they mean.
// Source: google/jwt_verify_lib:src/status.cc (getStatusString), later envoyproxy/envoy:source/common/jwt/status.cc;
// envoyproxy/envoy:source/extensions/filters/http/jwt_authn/filter.cc (onComplete: the body; details `jwt_authn_access_denied{…}`, in the access
// log with `_` for blanks; 403 for the audience, else 401).

export interface TokenStatus {
  readonly id:
    | 'missing'
    | 'expired'
    | 'not-yet-valid'
    | 'issuer'
    | 'audience'
    | 'signature'
    | 'key'
    | 'keys-unreachable'
    | 'keys'
    | 'malformed'
  /** As Envoy writes it. */
  readonly text: string
}

const texts: readonly (readonly [start: string, id: TokenStatus['id']])[] = [
  ['Jwt is missing', 'missing'],
  ['Jwt is expired', 'expired'],
  ['Jwt not yet valid', 'not-yet-valid'],
  ['Jwt issuer is not configured', 'issuer'],
  ['Audiences in Jwt are not allowed', 'audience'],
  ['Jwt verification fails', 'signature'],
  ["Jwks doesn't have key to match kid or alg from Jwt", 'key'],
  ['Jwks remote fetch is failed', 'keys-unreachable'],
  ['Jwks ', 'keys'],
  ['[keys] in Jwks', 'keys'],
  ['Jwt is not in the form of Header.Payload.Signature', 'malformed'],
  ['Jwt header', 'malformed'],
  ['Jwt payload', 'malformed'],
  ['Jwt signature is an invalid Base64', 'malformed'],
]

const details = /jwt_authn_access_denied\{([^}]{0,200})/

/** In details of a response, with blanks or underscores; undefined where no token was refused. */
export function tokenStatusInDetails(text: string): TokenStatus | undefined {
  const written = details.exec(text)?.[1]?.replaceAll('_', ' ')
  if (written === undefined) return undefined
  return texts.flatMap(([start, id]) => (written.startsWith(start) ? [{ id, text: written }] : []))[0] ?? { id: 'malformed', text: written }
}

/** In the body of a response, or in an error that repeats it. */
export function tokenStatusInText(text: string): TokenStatus | undefined {
  // What is short enough to stand in other texts counts only in full.
  const told = texts.find(([start]) => start !== 'Jwks ' && text.includes(start))
  return told && { id: told[1], text: told[0] }
}
