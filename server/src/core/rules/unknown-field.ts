import { nearest } from '../istio/nearest.ts'
import { isPlaceholder } from '../istio/placeholder.ts'
import type { ObjectSchema } from '../istio/schema/schema.ts'
import { walk } from '../istio/schema/walk.ts'
import type { Scalar } from '../yaml/tree.ts'
import { type DocumentRule, type Problem, problem, replacement } from './rule.ts'

export default {
  id: 'unknown-field',
  on: 'document',
  severity: 'error',
  istio: 'rejects',
  summary: 'A field that this kind does not have.',
  why: 'The API server refuses the object; with validation switched off it drops the field, and the policy means something else.',
  codes: ['IST0106'],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            princpals: [cluster.local/ns/shop/sa/checkout]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/checkout]
`,

  *check(document) {
    for (const visit of walk(document)) {
      if (visit.schema.type !== 'object' || visit.node.kind !== 'mapping') continue
      for (const { key } of visit.node.entries) {
        if (Object.hasOwn(visit.schema.fields, key.text) || isPlaceholder(key.text)) continue
        yield unknown(
          key,
          visit.schema,
          visit.node.entries.map(each => each.key.text),
        )
      }
    }
  },
} satisfies DocumentRule

function unknown(key: Scalar, schema: ObjectSchema, written: readonly string[]): Problem {
  const fields = Object.keys(schema.fields).filter(each => !written.includes(each))
  const camel = key.text.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const meant = fields.includes(camel) ? camel : nearest(key.text, fields)
  const what = `"${key.text}" is not a field of ${schema.name}, so the API server refuses the object.`
  if (meant) return problem(key, `${what} Did you mean "${meant}"?`, replacement(key, meant))
  const known = Object.keys(schema.fields)
  return problem(key, known.length <= 8 ? `${what} Its fields are ${known.map(each => `"${each}"`).join(', ')}.` : what)
}
