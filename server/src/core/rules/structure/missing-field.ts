import { misspeltFields } from '../../istio/schema/meant.ts'
import type { Field } from '../../istio/schema/schema.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Judge, judged, problem, type SchemaRule } from '../rule.ts'

const refusals: Readonly<Record<NonNullable<Field['required']>, readonly Judge[]>> = {
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
    const missing = Object.entries(schema.fields).filter(([name, { required }]) => required && !fields.has(name) && !misspelt.has(name))
    const refusing = new Set(missing.flatMap(([, { required }]) => (required ? refusals[required] : [])))
    const [first, ...others] = (['webhook', 'crd'] as const).filter(judge => refusing.has(judge))
    if (!first) return
    const names = missing.map(([name]) => `"${name}"`).join(' and ')
    const [are, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them']
    const who = refusing.has('crd') ? 'the API server' : 'Istio'
    const message = `${names} ${are} missing in ${schema.name}, so ${who} refuses the object. Add ${them}.`
    yield judged([first, ...others], problem(whereOf(visit), message))
  },
} satisfies SchemaRule

/** The key the object stands under; of a list item its first key; of a whole document its kind. */
function whereOf({ node, key, parent, object }: Visit) {
  if (key) return key
  if (node.kind === 'mapping' && node.entries[0] && !node.flow) return node.entries[0].key
  return parent && node.span.end > node.span.start ? node : (object.fields.key('kind') ?? node)
}
