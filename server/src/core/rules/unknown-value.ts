import { nearest } from '../istio/nearest.ts'
import { isPlaceholder } from '../istio/placeholder.ts'
import { walk } from '../istio/schema/walk.ts'
import { type DocumentRule, problem, replacement } from './rule.ts'

export default {
  id: 'unknown-value',
  on: 'document',
  severity: 'error',
  istio: 'rejects',
  summary: 'A word that this field does not know.',
  why: 'These fields take a fixed set of words, in capitals; the API server refuses any other.',
  codes: ['IST0106'],
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

  *check(document) {
    for (const { schema, node, name } of walk(document)) {
      if (schema.type !== 'string' || !schema.words || node.kind !== 'scalar' || node.value === null) continue
      const words = Object.keys(schema.words)
      if ((words.includes(node.text) && typeof node.value === 'string') || isPlaceholder(node.text)) continue
      const meant = nearest(node.text, words)
      const what = `"${node.text}" is not a value of "${name}", so the API server refuses the object.`
      if (meant) yield problem(node, `${what} Did you mean "${meant}"?`, replacement(node, meant))
      else yield problem(node, `${what} It takes ${words.map(each => `"${each}"`).join(', ')}.`)
    }
  },
} satisfies DocumentRule
