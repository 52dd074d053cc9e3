// Values of `requestPrincipals`: issuer and subject of a token, `ISS/SUB`.
// Source: istio/istio:pilot/pkg/security/authz/model/generator.go (requestPrincipalGenerator).
import { hasLiteralStar } from './wildcard.ts'

export interface RequestPrincipalFault {
  /** What follows, as a sentence that begins with the value. */
  readonly why: string
  /** The value that was meant, where there is only one. */
  readonly meant?: string
}

/** `issuers`: those that RequestAuthentications are known to name. */
export function faultOfRequestPrincipal(text: string, issuers: ReadonlySet<string>): RequestPrincipalFault | undefined {
  if (text.startsWith('*') || hasLiteralStar(text)) return undefined
  const slash = text.lastIndexOf('/')
  const isExact = !text.endsWith('*')
  if (issuers.has(text)) return { why: `is an issuer without a subject. ${advice}`, meant: `${text}/*` }
  if (slash < 0) return isExact ? { why: `matches only a token with an empty subject. ${advice}` } : undefined
  const issuer = text.slice(0, slash)
  const subject = text.slice(slash + 1)
  if (/^[a-z][a-z0-9+.-]*:\/?$/i.test(issuer)) {
    const url = text.replace(/\*$/, '')
    return { why: `is split at its last slash, so no token has that issuer. ${advice}`, ...(/\w$/.test(url) ? { meant: `${url}/*` } : {}) }
  }
  if (subject === '') {
    return { why: `matches only a token with an empty subject. ${advice}`, ...(issuers.has(issuer) ? { meant: `${text}*` } : {}) }
  }
  if (issuers.has(issuer) || !issuers.has(`${issuer}/`)) return undefined
  return {
    why: `means the issuer "${issuer}", but the issuer of the tokens ends in a slash. Write both slashes.`,
    meant: `${issuer}//${subject}`,
  }
}

const advice = 'Write "ISS/SUB", or "ISS/*" for every subject of an issuer.'
