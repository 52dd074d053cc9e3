// A value of a document as CEL rules of a CRD see it.
import type { Node, Scalar } from '../../yaml/tree.ts'
import type { OpenApiSchema } from '../openApi.ts'
import { isPlaceholder } from '../values/placeholder.ts'

/** What CEL counts with: whole numbers are `int` where the CRD says integer, everything else is `double`. */
export type CelValue = string | bigint | number | boolean | readonly CelValue[] | ReadonlyMap<string, CelValue>

export interface Cel {
  /** What an expression says of `self`; undefined where nobody here can tell. */
  evaluate(expression: string, self: CelValue): boolean | string | undefined
  /** Where a text stops being an expression; undefined where it is one, and where nobody here can tell. */
  errorAt(expression: string): number | undefined
}

/** Rules can be quadratic, and the API server's own bounds on cost are not counted here. */
const mostValues = 500

/**
 * Undefined for what is not known: a placeholder, a default that the API server would fill in, a value of another type, and formats that
 * Kubernetes turns into other types. Fields the schema does not know are pruned before the rules see the object.
 * Source: k8s.io/apiextensions-apiserver pkg/apiserver/schema/cel, k8s.io/apiserver pkg/cel/common/values.go.
 */
export function celValue(node: Node, schema: OpenApiSchema): CelValue | undefined {
  return count(node) <= mostValues ? convert(node, schema) : undefined
}

function convert(node: Node, schema: OpenApiSchema): CelValue | undefined {
  if (node.kind === 'scalar') return scalar(node, schema)
  if (node.kind === 'sequence') {
    const items = schema.items
    if (schema.type !== 'array' || !items) return undefined
    const values = node.items.map(item => item && convert(item, items))
    return values.every(value => value !== undefined) ? values : undefined
  }
  if (schema.type !== 'object') return undefined
  if ([...schema.properties].some(([name, { defaulted }]) => defaulted && !node.entries.some(({ key }) => key.text === name)))
    return undefined
  const found = new Map<string, CelValue>()
  for (const { key, value } of node.entries) {
    if (isPlaceholder(key.text)) return undefined
    const property = schema.properties.get(key.text)
    const below = property ?? schema.additional
    if (!below) {
      if (schema.open) return undefined
      continue
    }
    if (!value || (value.kind === 'scalar' && value.value === null && !below.nullable)) continue
    const converted = convert(value, below)
    if (converted === undefined) return undefined
    found.set(property ? escaped(key.text) : key.text, converted)
  }
  return found
}

/** Formats that are no strings to CEL rules. */
const converted: ReadonlySet<string> = new Set(['byte', 'date', 'date-time', 'datetime', 'duration', 'quantity'])

function scalar({ value, text }: Scalar, { type, format, words }: OpenApiSchema): CelValue | undefined {
  if (isPlaceholder(text) && !words?.includes(text)) return undefined
  // Whether such a null counts as set is where implementations of CEL differ.
  if (value === null) return undefined
  if (typeof value === 'number') {
    if (type === 'number') return value
    if (type === 'integer' || type === undefined) return Number.isSafeInteger(value) ? BigInt(value) : undefined
    return undefined
  }
  if (typeof value === 'string') return (type ?? 'string') === 'string' && !converted.has(format ?? '') ? value : undefined
  return (type ?? 'boolean') === 'boolean' ? value : undefined
}

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/** Names of fields that are no CEL identifiers. Source: k8s.io/apiserver pkg/cel/escaping.go. */
function escaped(name: string): string {
  if (reserved.has(name)) return `__${name}__`
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}

function count(node: Node | undefined): number {
  if (node?.kind === 'mapping') return node.entries.reduce((sum, { value }) => sum + count(value), 1)
  return node?.kind === 'sequence' ? node.items.reduce((sum, item) => sum + count(item), 1) : 1
}
