// The schema inside a CRD: which fields exist, which words they take, and which CEL rules hold beyond those that are told anyway.
import { at, entriesAt, get, itemsAt, type Node, stringAt } from '../yaml/tree.ts'
import { isTold } from './cel/rules.ts'
import type { ObjectSchema, Schema } from './schema/schema.ts'

export interface OpenApiSchema {
  /** Absent where several types are allowed. */
  readonly type?: string
  readonly format?: string
  readonly nullable: boolean
  readonly defaulted: boolean
  /** Keeps fields that it does not name. */
  readonly open: boolean
  readonly properties: ReadonlyMap<string, OpenApiSchema>
  /** Of the values of a map. */
  readonly additional?: OpenApiSchema
  readonly items?: OpenApiSchema
  readonly words?: readonly string[]
  readonly rules: readonly CelRule[]
}

/** Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1 ValidationRule. */
export interface CelRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
}

/** With what is known of the same place here, whose rules need not be told twice. */
export function readOpenApi(node: Node, known: Schema | undefined): OpenApiSchema {
  const type = stringAt(node, 'type')?.value
  const format = stringAt(node, 'format')?.value
  const additional = at(node, ['additionalProperties'])
  const items = get(node, 'items')
  const words = itemsAt(node, 'enum').flatMap(item => (item?.kind === 'scalar' && item.value !== null ? [String(item.value)] : []))
  return {
    nullable: isTrue(node, 'nullable'),
    defaulted: get(node, 'default') !== undefined,
    open:
      isTrue(node, 'x-kubernetes-preserve-unknown-fields') ||
      isTrue(node, 'x-kubernetes-embedded-resource') ||
      isTrue(node, 'additionalProperties'),
    properties: new Map(
      entriesAt(node, 'properties').flatMap(({ key, value }) =>
        value ? [[key.text, readOpenApi(value, below(known, key.text))] as const] : [],
      ),
    ),
    rules: rulesOf(node).filter(({ rule }) => known === undefined || !isTold(rule)),
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(additional?.kind === 'mapping' ? { additional: readOpenApi(additional, known?.type === 'map' ? known.values : undefined) } : {}),
    ...(items ? { items: readOpenApi(items, known?.type === 'list' ? known.items : undefined) } : {}),
    ...(words.length > 0 ? { words } : {}),
  }
}

/** The root of an object: what every object has stands in no CRD. */
export function readRoot(node: Node, known: ObjectSchema | undefined): OpenApiSchema {
  const root = readOpenApi(node, known)
  const text = { ...nothing, type: 'string' }
  const metadata = {
    ...nothing,
    type: 'object',
    open: true,
    properties: new Map([['name', text] as const, ['generateName', text] as const]),
  }
  const common = [['apiVersion', text] as const, ['kind', text] as const, ['metadata', metadata] as const]
  return { ...root, properties: new Map([...root.properties, ...common]) }
}

const nothing: OpenApiSchema = { nullable: false, defaulted: false, open: false, properties: new Map(), rules: [] }

/** What a key leads to; undefined for a field that the schema does not have, or does not describe. */
export function openApiBelow(schema: OpenApiSchema, key: string): OpenApiSchema | undefined {
  return schema.properties.get(key) ?? schema.additional
}

/** Whether the API server takes this key. */
export function admits(schema: OpenApiSchema, key: string): boolean {
  return schema.open || schema.type === undefined || openApiBelow(schema, key) !== undefined
}

/** Whether there is any rule to evaluate. */
export function hasRules(schema: OpenApiSchema): boolean {
  const below = [...schema.properties.values(), schema.additional, schema.items]
  return schema.rules.length > 0 || below.some(each => each !== undefined && hasRules(each))
}

function rulesOf(node: Node): readonly CelRule[] {
  return itemsAt(node, 'x-kubernetes-validations').flatMap(each => {
    const rule = stringAt(each, 'rule')?.value
    const message = stringAt(each, 'message')?.value
    const messageExpression = stringAt(each, 'messageExpression')?.value
    return rule === undefined ? [] : [{ rule, ...(message ? { message } : {}), ...(messageExpression ? { messageExpression } : {}) }]
  })
}

function below(known: Schema | undefined, key: string): Schema | undefined {
  return known?.type === 'object' && Object.hasOwn(known.fields, key) ? known.fields[key]?.schema : undefined
}

function isTrue(node: Node, key: string): boolean {
  const found = get(node, key)
  return found?.kind === 'scalar' && found.value === true
}
