import { isPlaceholder } from '../istio/placeholder.ts'
import type { Schema } from '../istio/schema/schema.ts'
import { walk } from '../istio/schema/walk.ts'
import type { Node } from '../yaml/tree.ts'
import { type DocumentRule, fix, problem } from './rule.ts'

export default {
  id: 'wrong-type',
  on: 'document',
  severity: 'error',
  istio: 'rejects',
  summary: 'A value of another type than the field has.',
  why: 'The API server refuses it. YAML often decides the type: 8080 is a number, unquoted yes and on are true.',
  codes: ['IST0106'],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            ports: [8080]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            ports: ["8080"]
`,

  *check(document) {
    for (const { schema, node, name } of walk(document)) {
      const expected = expectation(schema, node)
      if (!expected || (node.kind === 'scalar' && isPlaceholder(node.text))) continue
      if (schema.type === 'string' && !schema.words && node.kind === 'scalar') {
        const quoted = JSON.stringify(node.text)
        const what = `YAML reads ${node.text} as ${nameOf(node)}, and "${name}" wants text, so the API server refuses the object.`
        yield problem(node, `${what} Quote it.`, fix(`Write ${quoted}`, { span: node.span, text: quoted }))
        continue
      }
      yield problem(keyed(node), `"${name}" wants ${expected}, not ${nameOf(node)}, so the API server refuses the object.`)
    }
  },
} satisfies DocumentRule

/** What the schema wants instead of this node; undefined where the node is right. Null is dropped by the API server, so it is right everywhere. */
function expectation(schema: Schema, node: Node): string | undefined {
  if (node.kind === 'scalar' && node.value === null) return undefined
  switch (schema.type) {
    case 'object':
    case 'map':
      return node.kind === 'mapping' ? undefined : 'a map'
    case 'list':
      return node.kind === 'sequence' ? undefined : 'a list'
    case 'string':
      // A wrong word is another rule's finding.
      if (schema.words && node.kind === 'scalar') return undefined
      return node.kind === 'scalar' && typeof node.value === 'string' ? undefined : 'text'
    case 'boolean':
      return node.kind === 'scalar' && typeof node.value === 'boolean' ? undefined : 'true or false'
    case 'integer':
      return node.kind === 'scalar' && typeof node.value === 'number' ? undefined : 'a number'
    default:
      return undefined
  }
}

function nameOf(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'mapping' ? 'a map' : 'a list'
  if (typeof node.value === 'number') return 'a number'
  if (typeof node.value === 'boolean') return node.value ? 'the boolean true' : 'the boolean false'
  return 'text'
}

/** A block collection is marked at its beginning, not over all its lines. */
function keyed(node: Node): { start: number; end: number } {
  if (node.kind === 'mapping' && !node.flow) return node.entries[0]?.key.span ?? node.span
  if (node.kind === 'sequence' && !node.flow) return { start: node.span.start, end: node.span.start + 1 }
  return node.span
}
