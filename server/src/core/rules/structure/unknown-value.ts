import { nearest } from '../../istio/nearest.ts'
import { isPlaceholder } from '../../istio/placeholder.ts'
import { judged, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'unknown-value',
  on: 'schema',
  severity: 'error',
  istio: ['webhook', 'crd', 'strict'],
  summary: 'A word that this field does not know.',
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

  *check({ schema, node, name }) {
    if (schema.type !== 'string' || !schema.words || node.kind !== 'scalar' || node.value === null) return
    const words = Object.keys(schema.words)
    if ((words.includes(node.text) && typeof node.value === 'string') || isPlaceholder(node.text)) return
    const meant = words.find(word => word.toLowerCase() === node.text.toLowerCase()) ?? nearest(node.text, words)
    const what = `"${node.text}" is not a value of "${name}", so the API server refuses the object.`
    const found = meant
      ? problem(node, `${what} Did you mean "${meant}"?`, replacement(node, meant))
      : problem(node, `${what} It takes ${words.map(each => `"${each}"`).join(', ')}.`)
    // Istio's decoder takes the number of a word, known or not; the CRD takes words only.
    yield Number.isInteger(node.value) ? judged(['crd'], found) : found
  },
} satisfies SchemaRule
