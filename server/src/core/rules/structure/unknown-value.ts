import { nearest } from '../../istio/nearest.ts'
import { kinds } from '../../istio/schema/index.ts'
import type { Schema } from '../../istio/schema/schema.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { liveSchemaAt } from '../../mesh/liveSchema.ts'
import type { Scalar } from '../../yaml/tree.ts'
import { judged, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'unknown-value',
  on: 'schema',
  severity: 'error',
  istio: ['webhook', 'crd', 'strict'],
  summary: 'A value that this field does not have.',
  why: 'These fields take a fixed set of words, in capitals; the API server refuses any other.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls:
    mode: PERMISIVE
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls:
    mode: PERMISSIVE
`,

  *check(visit, mesh) {
    const { schema, node, name } = visit
    if (schema.type !== 'string' || !schema.words || node.kind !== 'scalar' || node.value === null) return
    const words = Object.keys(schema.words)
    if ((words.includes(node.text) && typeof node.value === 'string') || isFilledIn(node.text)) return
    // A newer CRD may have it.
    if (liveSchemaAt(mesh, visit)?.words?.includes(node.text)) return
    const meant = words.find(word => word.toLowerCase() === node.text.toLowerCase()) ?? nearest(node.text, words)
    const what = `"${node.text}" is not a value of "${name}", so the API server refuses the object.`
    const found = meant
      ? problem(node, `${what} Did you mean "${meant}"?`, replacement(node, meant))
      : problem(node, `${what} It takes ${words.map(each => `"${each}"`).join(', ')}.`)
    yield isInt32(node.value) ? judged(['crd'], found) : found
  },
} satisfies SchemaRule

/** Istio's decoder takes the number of a word, known or not; the CRD takes words only. Source: golang/protobuf jsonpb/decode.go. */
function isInt32(value: Scalar['value']): boolean {
  return typeof value === 'number' && (value | 0) === value
}

/** `ISTIO_MUTUAL` looks like a placeholder, but it is the word of another field. */
function isFilledIn(text: string): boolean {
  return isPlaceholder(text) && !allWords.has(text)
}

const allWords: ReadonlySet<string> = new Set(kinds.flatMap(({ schema }) => [...wordsIn(schema, new Set())]))

function* wordsIn(schema: Schema, seen: Set<Schema>): Generator<string> {
  if (seen.has(schema)) return
  seen.add(schema)
  if (schema.type === 'string') yield* Object.keys(schema.words ?? {})
  if (schema.type === 'list') yield* wordsIn(schema.items, seen)
  if (schema.type === 'map') yield* wordsIn(schema.values, seen)
  if (schema.type === 'object') for (const field of Object.values(schema.fields)) yield* wordsIn(field.schema, seen)
}
