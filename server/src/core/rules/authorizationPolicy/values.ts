import { condition } from '../../istio/schema/authorizationPolicy.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Located, stringAt } from '../../yaml/tree.ts'

/** The value visited, or all values of a condition on one of the attributes. Empty ones have a finding of their own. */
export function comparedValues(visit: Visit, ...attributes: readonly string[]): readonly Located<string>[] {
  return written(visit, attributes).filter(({ value }) => value !== '' && !isPlaceholder(value))
}

function written({ schema, node, fields }: Visit, attributes: readonly string[]): readonly Located<string>[] {
  if (schema !== condition) return [stringAt(node)].flatMap(each => each ?? [])
  const key = fields.text('key')?.value
  return key !== undefined && attributes.includes(key) ? [...fields.texts('values'), ...fields.texts('notValues')] : []
}

/** A field and its opposite: `ports`, `notPorts`. */
export function withOpposite(field: string): readonly string[] {
  return [field, `not${field.slice(0, 1).toUpperCase()}${field.slice(1)}`]
}
