// Paths that look right in another language (URLs, regular expressions, globs) and never equal the path of a request here.
// Source: istio/istio:pilot/pkg/security/authz/matcher/header.go (PathMatcher), template.go;
// envoyproxy/envoy:source/extensions/path/uri_template_lib/uri_template_internal.cc (parseURLPatternSyntax).
import { checkPathTemplate } from './pathTemplate.ts'
import { hasLiteralStar } from './wildcard.ts'

export interface PathFault {
  /** What follows, as a sentence. */
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

function url(path: string): PathFault | undefined {
  const found = /^(?:[a-z][a-z0-9+.-]*|\*):\/\/[^/]*(.*)$/i.exec(path)
  return found ? fault('a request names its host apart from its path. Write the path alone, and the host in "hosts".', found[1]) : undefined
}

/** Signs that no path of a request has, in a place where only a regular expression would put them. */
const signs = [
  /^\^/,
  /[^/]\$$/,
  /^\.[*+]/,
  /\.\*(?=.)/,
  /\/\.[*+]$/,
  /\\[dwsDWS./]/,
  /\[(?:\^|[^\]/]*\w-\w)[^\]]*\]/,
  /\([^()]*\|[^()]*\)|\(\?[:=!]/,
]

function expression(path: string): PathFault | undefined {
  if (!signs.some(sign => sign.test(path))) return undefined
  const why =
    'this is no regular expression: its signs are compared as they stand. A path ends in "*" for what begins so; "{*}" is one segment.'
  const isWhole = /(?:\$|\.\*)$/.test(path)
  return fault(
    why,
    isWhole
      ? path
          .replace(/^\^/, '')
          .replace(/\$$/, '')
          .replace(/^\.\*|\.\*$/g, '*')
          .replace(/\\([./-])/g, '$1')
      : undefined,
  )
}

function query(path: string): PathFault | undefined {
  const sign = /[?#]/.exec(path)?.[0]
  if (!sign) return undefined
  if (sign === '#') return fault('a browser keeps "#" and what follows to itself. Write the path alone.')
  return fault('the path is compared without its query, and "?" is no wildcard. Write the path alone.', /^([^?]+)\?\*$/.exec(path)?.[1])
}

function relative(path: string): PathFault | undefined {
  if (/^[/*]/.test(path)) return undefined
  return fault('the path of a request begins with a slash.', /^[\w{%]/.test(path) ? `/${path}` : undefined)
}

function fault(why: string, meant = ''): PathFault {
  return { why, ...(isPath(meant) ? { meant } : {}) }
}

function isPath(text: string): boolean {
  const isSound = text.length > 1 && checkPathTemplate(text) === undefined && !hasLiteralStar(text)
  return (
    (isSound || /\{\*\*?\}/.test(text)) &&
    !signs.some(sign => sign.test(text)) &&
    /^[/*][^?#\\]*$/.test(text) &&
    checkPathTemplate(text) === undefined
  )
}
