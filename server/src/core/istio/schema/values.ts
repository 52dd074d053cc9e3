// Scalars as Istio's decoder reads them. Source: golang/protobuf jsonpb/decode.go.
import type { Node } from '../../yaml/tree.ts'
import { isPlaceholder } from '../values/placeholder.ts'

/** A number; the decoder takes quotes off. */
export function numberOf(node: Node | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined
  if (typeof node.value === 'number') return node.value
  return typeof node.value === 'string' && /^-?\d+(?:\.\d+)?$/.test(node.value) ? Number(node.value) : undefined
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
