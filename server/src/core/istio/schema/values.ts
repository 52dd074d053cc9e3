// Scalars as Istio's decoder reads them. Source: golang/protobuf jsonpb/decode.go.
import type { Node } from '../../yaml/tree.ts'
import { isPlaceholder } from '../values/placeholder.ts'
import type { NumberSchema } from './schema.ts'

/** A number; the decoder takes quotes off, and off null too, which is 0. */
export function numberOf(node: Node | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined
  if (typeof node.value === 'number') return node.value
  const text = typeof node.value === 'string' ? node.value.trim() : ''
  if (text === 'null') return 0
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** What the decoder can hold. */
export const ranges: Readonly<Record<NumberSchema['format'], readonly [least: number, most: number]>> = {
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [-(2 ** 63), 2 ** 63],
  uint64: [0, 2 ** 64],
  double: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
}

/** Whether the decoder can hold a number. */
export function holds({ type, format }: NumberSchema, value: number): boolean {
  const [least, most] = ranges[format]
  return (type === 'number' || Number.isInteger(value)) && least <= value && value <= most
}

/** A word of a table that is in the order of the enumeration; a number means the word at its place. */
export function wordOf<W extends string>(node: Node | undefined, words: Readonly<Record<W, string>>): W | undefined {
  if (node?.kind !== 'scalar') return undefined
  const word = typeof node.value === 'number' ? Object.keys(words)[node.value] : node.text
  return word !== undefined && isWord(word, words) ? word : undefined
}

function isWord<W extends string>(word: string, words: Readonly<Record<W, string>>): word is W {
  return Object.hasOwn(words, word)
}

export function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true
}

/** Whether something else fills the value in later, so that nothing is known of it. */
export function isUnknown(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && isPlaceholder(node.text)
}
