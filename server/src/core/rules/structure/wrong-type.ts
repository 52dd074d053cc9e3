import { isNull } from '../../istio/schema/fields.ts'
import type { NumberSchema, Schema } from '../../istio/schema/schema.ts'
import { holds, ranges } from '../../istio/schema/values.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Node, Scalar, Span } from '../../yaml/tree.ts'
import { fix, type Judgement, judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'wrong-type',
  on: 'schema',
  severity: 'error',
  istio: ['webhook', 'crd', 'strict'],
  summary: 'A value of another type than the field has.',
  why: 'The API server refuses the object. YAML often decides the type: 8080 is a number, unquoted yes and on are true.',
  codes: [],
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

  *check(visit) {
    const { schema, node, name, parent } = visit
    if (node.kind === 'scalar' && isPlaceholder(node.text) && !isWordBelow(schema, node.text)) return
    if (isNull(node)) {
      if (parent?.schema.type === 'list') yield nullItem(node, name, schema)
      return
    }
    if (matches(schema, node)) return
    const judgement = refusal(schema, node)
    if (schema.type === 'string' && node.kind === 'scalar') yield quoted(node, name)
    else
      yield judged(
        judgement,
        problem(keyed(node), `"${name}" wants ${wanted(schema)}, not ${nameOf(node)}, so ${consequence}`, ...unquote(visit)),
      )
  },
} satisfies SchemaRule

/** What looks like a placeholder may be a word one level too high: `tls: ISTIO_MUTUAL`. */
function isWordBelow(schema: Schema, text: string): boolean {
  if (schema.type !== 'object') return false
  return Object.values(schema.fields).some(({ schema: below }) => below.type === 'string' && Object.hasOwn(below.words ?? {}, text))
}

const consequence = 'the API server refuses the object.'

/** The API server drops a null that stands for a whole field; in a list it stays. To Istio it is an empty message or an empty string. */
function nullItem(node: Node, name: string, schema: Schema): Problem {
  const dash = { start: node.span.start, end: Math.max(node.span.end, node.span.start + 1) }
  return judged(
    isEmptyRefused(schema) ? ['webhook', 'crd'] : ['crd'],
    problem(dash, `An item of "${name}" is empty (YAML reads it as null), so ${consequence} Write a value, or remove the dash.`),
  )
}

function isEmptyRefused(schema: Schema): boolean {
  if (schema.type === 'string') return schema.nonEmpty === true
  return schema.type === 'object' && Object.values(schema.fields).some(({ required }) => required === 'webhook' || required === 'both')
}

function quoted(node: Scalar, name: string): Problem {
  const text = JSON.stringify(node.text)
  const what = `YAML reads ${node.text} as ${nameOf(node)}, and "${name}" wants text, so ${consequence}`
  // Quotes do not undo a tag.
  if (node.tag) return problem(node, `${what} Remove the tag, or write "!!str".`)
  return problem(node, `${what} Quote it.`, fix(`Write ${text}`, { span: node.span, text }))
}

function matches(schema: Schema, node: Node): boolean {
  switch (schema.type) {
    case 'object':
    case 'map':
      return node.kind === 'mapping'
    case 'list':
      return node.kind === 'sequence'
    case 'string':
      // A wrong word is another rule's finding.
      return node.kind === 'scalar' && (schema.words !== undefined || typeof node.value === 'string')
    case 'duration':
      return node.kind === 'scalar' && typeof node.value === 'string'
    case 'boolean':
      return node.kind === 'scalar' && typeof node.value === 'boolean'
    case 'number':
    case 'integer':
      return node.kind === 'scalar' && typeof node.value === 'number' && holds(schema, node.value)
    case 'any':
      return true
  }
}

const wants: Readonly<Record<Exclude<Schema['type'], 'integer'>, string>> = {
  object: 'a map',
  map: 'a map',
  list: 'a list',
  string: 'text',
  duration: 'text such as "5s"',
  boolean: 'true or false',
  number: 'a number',
  any: 'anything',
}

function wanted(schema: Schema): string {
  if (schema.type !== 'integer') return wants[schema.type]
  const [least, most] = ranges[schema.format]
  return schema.format.endsWith('64') ? 'a whole number' : `a whole number from ${least} to ${most}`
}

/** Istio's decoder takes the quotes off a number, and off null, which is 0; the CRD does not. Source: golang/protobuf jsonpb/decode.go. */
function refusal(schema: Schema, node: Node): Judgement {
  const all = ['webhook', 'crd', 'strict'] as const
  if ((schema.type !== 'integer' && schema.type !== 'number') || node.kind !== 'scalar' || typeof node.value !== 'string') return all
  if (node.value.trim() === 'null') return ['crd']
  const value = numberIn(node.value, schema.type)
  return value !== undefined && holds(schema, value) ? ['crd'] : all
}

/** As JSON reads it; whole numbers take neither a point nor an exponent. */
function numberIn(text: string, type: NumberSchema['type']): number | undefined {
  const form = type === 'integer' ? /^\s*-?(?:0|[1-9]\d*)\s*$/ : /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/
  return form.test(text) ? Number(text) : undefined
}

/** A number in quotes loses them. */
function unquote({ schema, node }: Visit): ReturnType<typeof fix>[] {
  if ((schema.type !== 'integer' && schema.type !== 'number') || node.kind !== 'scalar' || !node.quoted) return []
  const value = numberIn(node.text, schema.type)
  return value !== undefined && holds(schema, value) ? [fix(`Write ${value}`, { span: node.span, text: String(value) })] : []
}

function nameOf(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'mapping' ? 'a map' : 'a list'
  if (typeof node.value === 'number') return `the number ${node.text}`
  if (typeof node.value === 'boolean') return node.value ? 'the boolean true' : 'the boolean false'
  return 'text'
}

/** A block collection is marked at its beginning, not over all its lines. */
function keyed(node: Node): Span {
  if (node.kind === 'mapping' && !node.flow) return node.entries[0]?.key.span ?? node.span
  if (node.kind === 'sequence' && !node.flow) return { start: node.span.start, end: node.span.start + 1 }
  return node.span
}
