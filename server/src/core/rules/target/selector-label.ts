import { isNull } from '../../istio/schema/fields.ts'
import { matchLabels } from '../../istio/schema/shared.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Entry } from '../../yaml/tree.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'selector-label',
  on: 'schema',
  of: [matchLabels],
  entrywise: true,
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A selector has a wildcard, or a label without a name.',
  why: 'A selector takes no wildcards, so the API server refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout-* }
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
`,

  *check({ node }) {
    if (node.kind !== 'mapping') return
    for (const entry of node.entries) {
      const found = wrongKey(entry)
      // The API server drops a label that is null before it looks at its name.
      if (found) yield isNull(entry.value) ? judged(['webhook'], found) : found
      const value = wrongValue(entry)
      if (value) yield value
    }
  },
} satisfies SchemaRule

const advice = 'A selector takes no wildcards: write the label of the pods in full, or leave it out.'

function wrongKey({ key }: Entry): Problem | undefined {
  if (key.value === null || isPlaceholder(key.text)) return undefined
  if (key.text === '') return problem(key, 'This label has no name, so the API server refuses the object. Name it, or remove it.')
  return key.text.includes('*') ? problem(key, `"${key.text}" has a "*", so the API server refuses the object. ${advice}`) : undefined
}

function wrongValue({ value }: Entry): Problem | undefined {
  if (value?.kind !== 'scalar' || typeof value.value !== 'string' || isPlaceholder(value.value)) return undefined
  return value.value.includes('*')
    ? problem(value, `"${value.value}" has a "*", so the API server refuses the object. ${advice}`)
    : undefined
}
