// Values of policies compared with each other: whether one matches all that another does, or nothing of it. False where that is not certain.
import { type AddressBlock, parseAddressBlock } from '../../istio/values/addressBlock.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { pathMatch } from '../authorization/pathMatch.ts'
import type { StringMatch } from '../authorization/stringMatch.ts'
import type { Condition, Subject } from './condition.ts'

export type Pattern =
  | { readonly is: 'any' }
  | { readonly is: 'exact' | 'prefix' | 'suffix'; readonly text: string }
  | { readonly is: 'block'; readonly block: AddressBlock }
  /** Which texts match can only be tried, or not even that. */
  | { readonly is: 'opaque'; readonly text: string; readonly matches?: StringMatch }

/** Read once for each condition. */
export function patternsOf(condition: Condition): readonly Pattern[] {
  const known = read.get(condition) ?? condition.values.map(value => patternOf(condition.subject, value))
  read.set(condition, known)
  return known
}

const read = new WeakMap<Condition, readonly Pattern[]>()

function patternOf({ aspect }: Subject, value: string): Pattern {
  if (isPlaceholder(value)) return { is: 'opaque', text: value }
  switch (aspect) {
    case 'address':
    case 'client address':
    case 'destination address': {
      const block = parseAddressBlock(value)
      return block ? { is: 'block', block } : { is: 'opaque', text: value }
    }
    case 'port':
      return { is: 'exact', text: String(Number(value)) }
    case 'host':
      return textPattern(value.toLowerCase())
    case 'path':
      return /\{\*\*?\}/.test(value) ? { is: 'opaque', text: value, matches: pathMatch(value) } : textPattern(value)
    case 'token':
      // Its two halves are compared apart, so that a text that begins another need not match what that matches.
      return value === '*' || !/^\*|\*$/.test(value) ? textPattern(value) : { is: 'opaque', text: value }
    case 'namespace':
      return value.slice(1, -1).includes('*') ? { is: 'opaque', text: value } : textPattern(value)
    default:
      return textPattern(value)
  }
}

function textPattern(value: string): Pattern {
  if (value === '*') return { is: 'any' }
  if (value.startsWith('*')) return { is: 'suffix', text: value.slice(1) }
  if (value.endsWith('*')) return { is: 'prefix', text: value.slice(0, -1) }
  return { is: 'exact', text: value }
}

/** Whether everything that `b` matches is matched by `a`. */
export function covers(a: Pattern, b: Pattern): boolean {
  if (a.is === 'block') return b.is === 'block' && blockCovers(a.block, b.block)
  if (b.is === 'block') return false
  if (b.is === 'exact') return b.text === '' ? a.is === 'exact' && a.text === '' : matches(a, b.text)
  if (a.is === 'any') return b.is !== 'opaque'
  if (a.is !== b.is) return false
  switch (a.is) {
    case 'prefix':
      return b.text.startsWith(a.text)
    case 'suffix':
      return b.text.endsWith(a.text)
    default:
      return a.text === b.text
  }
}

/** Whether nothing that one matches is matched by the other. */
export function disjoint(a: Pattern, b: Pattern): boolean {
  if (a.is === 'block' || b.is === 'block') return a.is === 'block' && b.is === 'block' && !overlap(a.block, b.block)
  if (a.is === 'exact') return isTestable(b) && !matches(b, a.text)
  if (b.is === 'exact') return isTestable(a) && !matches(a, b.text)
  if (a.is === 'prefix' && b.is === 'prefix') return !a.text.startsWith(b.text) && !b.text.startsWith(a.text)
  if (a.is === 'suffix' && b.is === 'suffix') return !a.text.endsWith(b.text) && !b.text.endsWith(a.text)
  return false
}

type TextPattern = Exclude<Pattern, { is: 'block' }>

function isTestable(pattern: TextPattern): boolean {
  return pattern.is !== 'opaque' || pattern.matches !== undefined
}

function matches(pattern: TextPattern, text: string): boolean {
  switch (pattern.is) {
    case 'any':
      return true
    case 'exact':
      return text === pattern.text
    case 'prefix':
      return text.startsWith(pattern.text)
    case 'suffix':
      return text.endsWith(pattern.text)
    case 'opaque':
      return pattern.matches?.(text) ?? false
  }
}

function blockCovers(a: AddressBlock, b: AddressBlock): boolean {
  return isShorter(a, b) && overlap(a, b)
}

function isShorter(a: AddressBlock, b: AddressBlock): boolean {
  return a.masks.every((mask, index) => (mask & (b.masks[index] ?? 0)) === mask)
}

function overlap(a: AddressBlock, b: AddressBlock): boolean {
  if (a.version !== b.version) return false
  const common = (index: number) => (a.masks[index] ?? 0) & (b.masks[index] ?? 0)
  return a.network.every((group, index) => (group & common(index)) === ((b.network[index] ?? 0) & common(index)))
}
