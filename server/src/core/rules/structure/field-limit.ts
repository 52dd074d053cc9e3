import type { NumberSchema, Schema } from '../../istio/schema/schema.ts'
import { holds, numberOf } from '../../istio/schema/values.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Node } from '../../yaml/tree.ts'
import { type Judge, judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'field-limit',
  on: 'schema',
  severity: 'error',
  istio: ['crd'],
  summary: 'A value is longer, larger or of another form than the CRD allows.',
  why: 'The API server refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs:
    - { group: gateway.networking.k8s.io, kind: "Gate way", name: shop }
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs:
    - { group: gateway.networking.k8s.io, kind: Gateway, name: shop }
`,

  *check(visit) {
    const breach = breachOf(visit.schema, visit.node)
    const judges = breach && judgesOf(visit)
    if (!judges) return
    const who = judges.includes('crd') ? 'the API server' : 'Istio'
    yield judged(judges, problem(whereOf(visit), `"${visit.name}" ${breach}, so ${who} refuses the object.`))
  },
} satisfies SchemaRule

/** To the CRD a number in quotes is of the wrong type, which is another rule's finding; Istio's decoder takes the quotes off. */
function judgesOf({ schema, node }: Visit): readonly [Judge, ...Judge[]] | undefined {
  const isEmpty = schema.type === 'string' && schema.nonEmpty && node.kind === 'scalar' && node.value === ''
  const isRefusedByBoth = isEmpty || 'refusedBy' in schema
  if (isNumber(schema) && node.kind === 'scalar' && node.quoted) return isRefusedByBoth ? ['webhook'] : undefined
  return isRefusedByBoth ? ['webhook', 'crd'] : ['crd']
}

function isNumber(schema: Schema): schema is NumberSchema {
  return schema.type === 'integer' || schema.type === 'number'
}

/** What is wrong in words that follow the name of the field; undefined where nothing is, or where the type is wrong already. */
function breachOf(schema: Schema, node: Node): string | undefined {
  if (schema.type === 'list' && node.kind === 'sequence') return outside(node.items.length, schema, 'items')
  if (schema.type === 'map' && node.kind === 'mapping') return outside(node.entries.length, schema, 'entries')
  if (node.kind !== 'scalar') return undefined
  if (isNumber(schema)) {
    const value = numberOf(node)
    if (value === undefined || !holds(schema, value)) return undefined
    const { min, max } = schema
    if (min !== undefined && value < min) return `must be at least ${min}`
    return max !== undefined && value > max ? `must be at most ${max}` : undefined
  }
  if (schema.type !== 'string' || typeof node.value !== 'string' || isFilledIn(node.value)) return undefined
  const { minLength: min, maxLength: max, pattern } = schema
  const length = [...node.value].length
  if (min === 1 && length === 0) return 'is empty'
  const breach = outside(length, { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }, 'characters')
  return breach ?? (pattern?.test(node.value) === false ? `does not match ${pattern.source}` : undefined)
}

/** Longer text is never a placeholder here: that it is too long may be what is wrong. */
function isFilledIn(text: string): boolean {
  return isPlaceholder(text.slice(0, 1000))
}

function outside(count: number, { min, max }: { readonly min?: number; readonly max?: number }, what: string): string | undefined {
  if (min !== undefined && count < min) return `must have at least ${min} ${what}`
  return max !== undefined && count > max ? `has ${count} ${what}, and at most ${max} are allowed` : undefined
}

function whereOf({ node, key }: Visit): Node {
  return node.kind === 'scalar' ? node : (key ?? node)
}
