// Methods of HTTP, which are case-sensitive. Source: RFC 9110 sections 5.6.2 and 9.1, the registry of methods at IANA;
// istio/istio:pilot/pkg/security/authz/model/generator.go (methodGenerator).
import { nearest } from '../nearest.ts'
import { betweenStars } from './wildcard.ts'

export interface MethodFault {
  /** What is wrong, as a sentence. */
  readonly why: string
  /** The method that was meant, where there is only one. */
  readonly meant?: string
}

const usual = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'] as const

/** Undefined for any method that a client may send: others than the usual ones exist. */
export function faultOfMethod(method: string): MethodFault | undefined {
  const text = betweenStars(method)
  if (/[\w*]\/\w/.test(text) || text.startsWith('/')) return { why: 'A gRPC call is a POST: write its name in "paths".' }
  if (/[^!#$%&'*+.^`|~\w-]/.test(text)) return { why: 'Write each method as an item of its own.' }
  const upper = method.toUpperCase()
  if (method !== upper && usual.some(each => matches(each, upper))) {
    return { why: `Methods are case-sensitive: write "${upper}".`, meant: upper }
  }
  const meant = method === text ? usual.find(each => isSlip(upper, each)) : undefined
  return meant ? { why: `Did you mean "${meant}"?`, meant } : undefined
}

function matches(method: string, pattern: string): boolean {
  if (pattern.startsWith('*')) return method.endsWith(pattern.slice(1))
  return pattern.endsWith('*') ? method.startsWith(pattern.slice(0, -1)) : method === pattern
}

/** Its letters in another order, or of a long word one too many or too few: other methods differ more (WATCH, TRACK, SET). */
function isSlip(word: string, method: string): boolean {
  if (word === method) return false
  if (word.length === method.length) return sorted(word) === sorted(method)
  return word.length > 4 && Math.abs(word.length - method.length) === 1 && nearest(word, [method]) === method
}

function sorted(word: string): string {
  return [...word].toSorted().join('')
}
