// Fields as Istio's decoder holds them, with what holds where nothing is written. `undefined` is what nobody can know: a placeholder, or a
// value that does not decode.
import type { Span } from '../../yaml/tree.ts'
import { isPlaceholder } from '../values/placeholder.ts'
import type { Fields } from './fields.ts'
import { isTrue, isUnknown, numberOf } from './values.ts'

/** Whether a field is certainly not there: a key that something else fills in may be any. */
export function lacks(fields: Fields, name: string): boolean {
  return !fields.has(name) && !fields.node?.entries.some(({ key }) => isPlaceholder(key.text))
}

/** Whether a list certainly has no items. */
export function hasNoItems(fields: Fields, name: string): boolean {
  const node = fields.get(name)
  return node === undefined ? lacks(fields, name) : node.kind === 'sequence' && node.items.length === 0
}

/** Whether a field certainly holds something. */
export function holds(fields: Fields, name: string): boolean {
  return fields.isSet(name) && !isUnknown(fields.get(name))
}

export function trueAt(fields: Fields, name: string): boolean {
  return isTrue(fields.get(name))
}

export function textAt(fields: Fields, name: string): string | undefined {
  if (lacks(fields, name)) return ''
  return isUnknown(fields.get(name)) ? undefined : fields.text(name)?.value
}

export function numberAt(fields: Fields, name: string): number | undefined {
  return lacks(fields, name) ? 0 : numberOf(fields.get(name))
}

/** The word of an enumeration whose words stand in the order of their numbers. A number without a word is left as it is. */
export function wordAt(fields: Fields, name: string): string | undefined {
  const schema = fields.schema.fields[name]?.schema
  const words = schema?.type === 'string' && schema.words ? Object.keys(schema.words) : []
  if (lacks(fields, name)) return words[0]
  const node = fields.get(name)
  if (node?.kind !== 'scalar') return undefined
  if (typeof node.value === 'number') return words[node.value] ?? node.text
  return words.find(word => word === node.value)
}

/** Where to say that something is missing in an object: its first key, or nearby where nothing is written. */
export function placeIn({ node }: Fields, nearby: Span): Span {
  if (!node) return nearby
  return node.flow ? node.span : (node.entries[0]?.key.span ?? nearby)
}
