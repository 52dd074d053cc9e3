import type { Fields } from '../../istio/schema/fields.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'

/** Signs that no key set has; text of several keys is too long for the usual question whether it is a placeholder. */
const filledIn = /[<$]|\{\{|\{%/
const beginning = 1000

/** The text of `jwks`, if somebody wrote it and nothing fills it in later. */
export function inlineKeys(rule: Fields): Located<string> | undefined {
  const text = rule.text('jwks')
  if (!text || text.value === '') return undefined
  return filledIn.test(text.value) || isPlaceholder(text.value.slice(0, beginning)) ? undefined : text
}
