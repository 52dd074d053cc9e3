// The shape a CRD gives to its kind.
import { parseAllDocuments } from 'yaml'
import { type Facts, given, groupsOf, type Shape } from './shape.ts'

export interface Definition {
  readonly group: string
  readonly kind: string
  /** By version. */
  readonly shapes: ReadonlyMap<string, Shape>
  /** Texts of its CEL rules. */
  readonly rules: readonly string[]
}

interface JsonSchema {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly pattern?: string
  readonly not?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[]
}

interface Document {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly schema: { readonly openAPIV3Schema: JsonSchema }
    }[]
  }
}

export function definitionsIn(text: string): readonly Definition[] {
  return parseAllDocuments(text).flatMap(document => {
    const definition = document.toJS() as Document | null
    if (!definition) return []
    const { group, names, versions } = definition.spec
    const served = versions.filter(version => version.served)
    const shapes = served.map(({ name, schema }) => {
      const spec = schema.openAPIV3Schema.properties?.spec
      const required = schema.openAPIV3Schema.required?.includes('spec') ? ({ required: true } as const) : {}
      return [name, new Map(spec ? describe('spec', spec, required) : [])] as const
    })
    const rules = served.flatMap(({ schema }) => [...rulesOf(schema.openAPIV3Schema)])
    return [{ group, kind: names.kind, shapes: new Map(shapes), rules }]
  })
}

function* describe(path: string, schema: JsonSchema, more: Partial<Facts>): Generator<[string, Facts]> {
  yield [path, { ...factsOf(schema), ...more }]
  const { items, additionalProperties: values } = schema
  if (items) yield* describe(`${path}[]`, items, {})
  if (typeof values === 'object') yield* describe(`${path}{}`, values, {})
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield* describe(`${path}.${name}`, field, schema.required?.includes(name) ? { required: true } : {})
  }
}

function factsOf(schema: JsonSchema): Facts {
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => rule.replaceAll(/\s/g, '').replaceAll('"', "'"))
  const port = rules.includes('0<self&&self<=65535')
  return {
    type: typeOf(schema),
    ...given('format', formatOf(schema)),
    ...given('words', schema.enum && [...schema.enum].toSorted().join('|')),
    ...given('min', port ? 1 : (lower(schema) ?? schema.minLength ?? schema.minItems ?? schema.minProperties)),
    ...given('max', port ? 65535 : (upper(schema) ?? schema.maxLength ?? schema.maxItems ?? schema.maxProperties)),
    ...given('pattern', schema.pattern && new RegExp(schema.pattern).source),
    ...given('positive', rules.includes("duration(self)>=duration('1ms')") ? (true as const) : undefined),
    ...given('uniqueBy', schema['x-kubernetes-list-map-keys']?.join('|')),
    ...given('oneOf', groupsOf([...alternatives(schema), ...rules.flatMap(exclusive)])),
  }
}

function typeOf(schema: JsonSchema): string {
  if (schema.type === 'array') return 'list'
  if (schema['x-kubernetes-int-or-string']) return 'integer or string'
  if (schema.properties) return 'object'
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'any'
  if (schema.additionalProperties) return 'map'
  return schema.type ?? 'any'
}

const uint32 = 4_294_967_295

/** The generator writes an unsigned number as its range. */
function formatOf({ type, format, minimum, maximum }: JsonSchema): string | undefined {
  if (type !== 'integer') return type === 'number' ? format : undefined
  if (maximum === uint32) return 'uint32'
  return format ?? (minimum === 0 ? 'unsigned' : undefined)
}

function lower(schema: JsonSchema): number | undefined {
  return schema.minimum === 0 && formatOf(schema)?.startsWith('u') ? undefined : schema.minimum
}

function upper(schema: JsonSchema): number | undefined {
  return formatOf(schema) === 'uint32' ? undefined : schema.maximum
}

/** Groups of fields, as the generator writes a `oneof` of the protocol buffers: none of them, or one alone. */
function alternatives(schema: JsonSchema): readonly (readonly string[])[] {
  const own = (schema.oneOf ?? []).flatMap(({ required }) => (required?.length === 1 ? required : []))
  return [own, ...(schema.allOf ?? []).flatMap(alternatives)]
}

/** `(has(self.a)?1:0)+(has(self.b)?1:0)<=1` */
function exclusive(rule: string): readonly (readonly string[])[] {
  if (!/^\(has\(self\.\w+\)\?1:0\)(\+\(has\(self\.\w+\)\?1:0\))+<=1$/.test(rule)) return []
  return [[...rule.matchAll(/has\(self\.(\w+)\)/g)].flatMap(([, name]) => name ?? [])]
}

function* rulesOf(schema: JsonSchema): Generator<string> {
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) yield rule
  const below = [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})]
  for (const each of below) if (typeof each === 'object') yield* rulesOf(each)
}
