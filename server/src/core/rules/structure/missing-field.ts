import { misspeltFields } from '../../istio/schema/meant.ts'
import type { Field } from '../../istio/schema/schema.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Judgement, judged, problem, type SchemaRule } from '../rule.ts'

const refusals: Readonly<Record<NonNullable<Field['required']>, Judgement>> = {
  crd: ['crd'],
  webhook: ['webhook'],
  both: ['webhook', 'crd'],
}

export default {
  id: 'missing-field',
  on: 'schema',
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A field that must be written is missing.',
  why: 'The API server refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - values: ["10.0.0.0/8"]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: source.ip
          values: ["10.0.0.0/8"]
`,

  *check(visit) {
    const { schema, node, fields } = visit
    if (schema.type !== 'object' || node.kind !== 'mapping') return
    // A key that something else fills in may be any of them.
    if (node.entries.some(({ key }) => isPlaceholder(key.text))) return
    const misspelt = misspeltFields(schema, node)
    for (const [name, { required }] of Object.entries(schema.fields)) {
      if (!required || fields.has(name) || misspelt.has(name)) continue
      const who = required === 'webhook' ? 'Istio' : 'the API server'
      const found = problem(whereOf(visit), `"${name}" is missing in ${schema.name}, so ${who} refuses the object. Add it.`)
      yield judged(refusals[required], found)
    }
  },
} satisfies SchemaRule

/** The key the object stands under; of a list item its first key; of a whole document its kind. */
function whereOf({ node, key, parent, object }: Visit) {
  if (key) return key
  if (node.kind === 'mapping' && node.entries[0] && !node.flow) return node.entries[0].key
  return parent && node.span.end > node.span.start ? node : (object.fields.key('kind') ?? node)
}
