// Whether a part of a policy test has the shape that its schema gives it: what cannot be run, and what is ignored.

import { nearest } from '../istio/nearest.ts'
import { fieldsMeant, misspeltFields } from '../istio/schema/meant.ts'
import type { Field, ListSchema, NumberSchema, ObjectSchema, Schema, StringSchema } from '../istio/schema/schema.ts'
import { parseAddress } from '../istio/values/addressBlock.ts'
import { get, type Mapping, type Node, type Scalar, type Span } from '../yaml/tree.ts'
import type { TestProblem } from './question.ts'

/** `name` is the field that the value stands in. */
export function problemsOf(schema: Schema, node: Node, name: string): readonly TestProblem[] {
  switch (schema.type) {
    case 'object':
      return node.kind === 'mapping' ? inObject(schema, node) : [broken(node, `"${name}" takes a map of fields.`)]
    case 'list':
      return inList(schema, node, name)
    case 'map':
      return node.kind === 'mapping' ? [] : [broken(node, `"${name}" takes a map.`)]
    case 'string':
      return inText(schema, node, name)
    case 'integer':
      return inNumber(schema, node, name)
    case 'boolean':
      return node.kind === 'scalar' && typeof node.value === 'boolean' ? [] : [broken(node, `"${name}" takes true or false.`)]
    default:
      return []
  }
}

export function broken({ span }: { readonly span: Span }, message: string, meant?: string): TestProblem {
  return { is: 'broken', span, message, ...(meant === undefined ? {} : { meant }) }
}

/** Whether nothing is written there, or null. */
export function isAbsent(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}

function inObject(schema: ObjectSchema, node: Mapping): readonly TestProblem[] {
  const misspelt = misspeltFields(schema, node)
  const isMissing = ([name, field]: readonly [string, Field]) => field.required !== undefined && isAbsent(get(node, name))
  const missing = Object.entries(schema.fields).filter(isMissing)
  const needed = new Set(missing.map(([name]) => name))
  return [
    ...missing
      .filter(([name]) => !misspelt.has(name))
      .map(([name]) => broken(placeOf(node), `"${name}" is missing in ${schema.name}. Write it.`)),
    ...(schema.oneOf ?? []).flatMap(({ fields }) => severalOf(fields, node)),
    ...node.entries.flatMap(({ key, value }) => {
      if (!Object.hasOwn(schema.fields, key.text)) return [unknownField(schema, node, key, needed)]
      const field = schema.fields[key.text]
      return field && value && !isAbsent(value) ? problemsOf(field.schema, value, key.text) : []
    }),
  ]
}

/** A whole map is no good place for a line under it: the first key is. */
function placeOf(node: Mapping): { readonly span: Span } {
  return node.flow ? node : (node.entries[0]?.key ?? node)
}

function severalOf(fields: readonly string[], node: Mapping): readonly TestProblem[] {
  const written = node.entries.filter(({ key, value }) => fields.includes(key.text) && !isAbsent(value))
  const names = fields.map(each => `"${each}"`).join(', ')
  if (written.length === 0) return [broken(placeOf(node), `One of ${names} is needed here.`)]
  return written.slice(1).map(({ key }) => broken(key, `Only one of ${names} can be written. Keep one.`))
}

/** What is not known is no mistake, unless it stands for something that is needed. */
function unknownField(schema: ObjectSchema, node: Mapping, key: Scalar, needed: ReadonlySet<string>): TestProblem {
  const meant = fieldsMeant(schema, node)(key.text)
  const what = `"${key.text}" is not a field of ${schema.name}`
  if (meant !== undefined && needed.has(meant)) return broken(key, `${what}. Did you mean "${meant}"?`, meant)
  const ignored = { is: 'ignored', span: key.span } as const
  return meant === undefined
    ? { ...ignored, message: `${what}, so it is ignored.` }
    : { ...ignored, message: `${what}, so it is ignored. Did you mean "${meant}"?`, meant }
}

function inList(schema: ListSchema, node: Node, name: string): readonly TestProblem[] {
  if (node.kind !== 'sequence') return [broken(node, `"${name}" takes a list.`)]
  return node.items.flatMap(item => (item ? problemsOf(schema.items, item, name) : []))
}

function inText(schema: StringSchema, node: Node, name: string): readonly TestProblem[] {
  if (node.kind !== 'scalar') return [broken(node, `"${name}" takes a text.`)]
  const { value } = node
  if (typeof value !== 'string') return [broken(node, `"${name}" takes a text, and YAML reads ${node.text} as another type. Quote it.`)]
  if (schema.words && !Object.hasOwn(schema.words, value)) {
    const words = Object.keys(schema.words)
    return [broken(node, `"${value}" is not a value of "${name}". It takes ${words.join(', ')}.`, nearest(value, words))]
  }
  const wrong = forms[schema.value ?? '']?.(value)
  return wrong === undefined ? [] : [broken(node, wrong.message, wrong.meant)]
}

type Wrong = { readonly message: string; readonly meant?: string } | undefined

const forms: Readonly<Record<string, (text: string) => Wrong>> = {
  ipAddress: text => (parseAddress(text) ? undefined : { message: `"${text}" is no IP address.` }),
  workload: namespacedName,
  serviceName: namespacedName,
  policyName: namespacedName,
  principal: text =>
    text.startsWith('spiffe://')
      ? { message: 'An identity is written without "spiffe://" here. Remove it.', meant: text.slice('spiffe://'.length) }
      : undefined,
}

function namespacedName(text: string): Wrong {
  return /^[^/]+\/[^/]+$/.test(text) ? undefined : { message: `"${text}" names no namespace. Write namespace/name.` }
}

/** In policies ports are texts, so digits in quotes are a number too. */
function inNumber({ min, max }: NumberSchema, node: Node, name: string): readonly TestProblem[] {
  const value = wholeNumber(node)
  if (value === undefined) return [broken(node, `"${name}" takes a whole number.`)]
  if (min !== undefined && value < min) return [broken(node, `"${name}" is at least ${min}.`)]
  if (max !== undefined && value > max) return [broken(node, `"${name}" is at most ${max}.`)]
  return []
}

export function wholeNumber(node: Node | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined
  const value = typeof node.value === 'string' && /^\d{1,9}$/.test(node.value) ? Number(node.value) : node.value
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
