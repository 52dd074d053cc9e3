// Paths that look right in another language (URLs, regular expressions) and never equal the path of a request here.
// Source: istio/istio:pilot/pkg/security/authz/matcher/header.go (PathMatcher); envoyproxy/envoy:source/common/common/matchers.cc (PathMatcher).
import { checkPathTemplate } from './pathTemplate.ts'
import { hasLiteralStar } from './wildcard.ts'

export interface PathFault {
  /** Why no request has this path, as a sentence. */
  readonly why: string
  /** The path that was meant, where there is only one. */
  readonly meant?: string
}

/** Undefined for a path that a request can have, and for what Istio refuses by itself. */
export function faultOfPath(path: string): PathFault | undefined {
  if (checkPathTemplate(path) !== undefined) return undefined
  for (const find of [url, expression, query, relative]) {
    const fault = find(path)
    if (fault) return fault
  }
  return undefined
}

/** `/api/.*`: right for hidden files, else a regular expression that was meant to be `/api/*`. */
export function endsInDotStar(path: string): boolean {
  return /\/\.\*$/.test(path) && faultOfPath(path) === undefined
}

function url(path: string): PathFault | undefined {
  const found = /^(?:[a-z][a-z0-9+.-]*|\*):\/\/[^/]*(.*)$/i.exec(path)
  return found ? fault('A request names its host apart from its path. Write the path alone, and the host in "hosts".', found[1]) : undefined
}

/** Signs that no path of a request has, in a place where only a regular expression would put them. */
const signs = [
  /^\^/,
  /[^/]\$$/,
  /^\.[*+]/,
  /\.\*(?=.)/,
  /\/\.\+$/,
  /\\[dwsDWS./]/,
  /\[(?:\^|[^[\]]*(?:a-z|A-Z|\d-\d))[^\]]*\]/,
  /\([^()]*\|[^()]*\)|\(\?[:=!]/,
]

function expression(path: string): PathFault | undefined {
  if (!signs.some(sign => sign.test(path))) return undefined
  const plain = path
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replace(/^\.\*|\.[*+]$/g, '*')
    .replace(/\\([./-])/g, '$1')
  // Without an end, an expression is looked for anywhere.
  const meant = /(?:\$|\.[*+])$/.test(path) ? plain : undefined
  return fault(
    'A path is no regular expression: its characters are matched literally. Only "*" at an end, "{*}" and "{**}" are wildcards.',
    meant,
  )
}

function query(path: string): PathFault | undefined {
  const sign = /[?#]/.exec(path)?.[0]
  if (!sign) return undefined
  return sign === '#'
    ? fault('Browsers keep "#" and what follows to themselves. Write the path alone.')
    : fault('A path is compared without its query, and "?" is no wildcard. Write the path alone.', /^([^?]+)\?\*$/.exec(path)?.[1])
}

function relative(path: string): PathFault | undefined {
  if (/^[/*]/.test(path)) return undefined
  return fault('The path of a request starts with a slash.', /^[\w{%]/.test(path) ? `/${path}` : undefined)
}

function fault(why: string, meant = ''): PathFault {
  return { why, ...(isPath(meant) ? { meant } : {}) }
}

function isPath(text: string): boolean {
  if (!/^[/*][^?#\\]+$/.test(text) || signs.some(sign => sign.test(text)) || checkPathTemplate(text) !== undefined) return false
  return text.includes('{') || !hasLiteralStar(text)
}
