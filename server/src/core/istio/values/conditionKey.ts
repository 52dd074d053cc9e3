// The attributes that `when` can test. Source: istio/istio:pkg/config/security/security.go (ValidateAttribute).
import { nearest } from '../nearest.ts'

const plain = [
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
] as const

/** With a name in brackets. */
const bracketed = ['request.headers', 'request.auth.claims'] as const

/** Whatever starts like this is taken for that attribute, even `request.headersX[a]`. */
const prefixes = [...bracketed, 'experimental.envoy.filters.']

/** Of CUSTOM policies: who calls is not known when the authorizer is asked. */
const identities: ReadonlySet<string> = new Set(['source.namespace', 'source.serviceAccount', 'source.trustDomain', 'source.principal'])

/** `malformed`: the brackets are missing or wrong. */
export type KeyFault = 'unknown' | 'malformed'

export function faultOfKey(key: string): KeyFault | undefined {
  if (prefixes.some(prefix => key.startsWith(prefix))) return hasBrackets(key) ? undefined : 'malformed'
  return plain.some(each => each === key) ? undefined : 'unknown'
}

/** Something stands before the first bracket and between it and the last. */
function hasBrackets(key: string): boolean {
  const open = key.indexOf('[')
  return key.endsWith(']') && open > 0 && open < key.length - 2
}

/** Whether the attribute tells who calls, which a CUSTOM policy cannot ask. */
export function isIdentityKey(key: string): boolean {
  return identities.has(key) || key.startsWith('request.auth.')
}

/** The key that was meant, where there is only one. */
export function repairKey(written: string): string | undefined {
  const key = written.trim()
  return [key, withBrackets(key), respelled(key)].find(each => each !== undefined && each !== written && !faultOfKey(each))
}

/** `request.headers.x-team`, `request.auth.claims.groups`, `request.headers[x-team`: the name belongs in brackets. */
function withBrackets(key: string): string | undefined {
  const [, base, name] = /^(.+?)(?:[.:]|\[)([\w-]+)$/.exec(key) ?? []
  const meant = base && bracketed.find(each => alike(base, each))
  return meant ? `${meant}[${name}]` : undefined
}

/** Another spelling of the same words: `source.serviceaccount`, `request.header[x]`. */
function respelled(key: string): string | undefined {
  const open = key.indexOf('[')
  const base = open < 0 ? key : key.slice(0, open)
  const meant = (open < 0 ? plain : bracketed).filter(each => alike(base, each))
  return meant.length === 1 ? `${meant[0]}${key.slice(base.length)}` : undefined
}

/** Word by word the same but for a slip; `destination.host` is not `destination.port`. */
function alike(key: string, candidate: string): boolean {
  const words = key.split('.')
  const wanted = candidate.split('.')
  return words.length === wanted.length && words.every((word, index) => isSlipOf(word, wanted[index] ?? ''))
}

function isSlipOf(word: string, wanted: string): boolean {
  const plainWord = word.replaceAll(/[-_]/g, '')
  if (plainWord.toLowerCase() === wanted.toLowerCase()) return true
  return plainWord.length > 2 && nearest(plainWord, [wanted]) === wanted
}
