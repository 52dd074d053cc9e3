// A schema as flat facts, by path: whatever wrote it, two of them can be held against each other.
import type { ObjectSchema, Schema } from '../../server/src/core/istio/schema/schema.ts'

/** What a schema says of one field. Facts that it does not state are absent. */
export interface Facts {
  readonly type: string
  readonly format?: string
  readonly words?: string
  readonly required?: true
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly positive?: true
  readonly uniqueBy?: string
  /** `jwks|jwksUri`, groups of which one may be set. */
  readonly oneOf?: string
  readonly since?: string
  /** What is below may have fields that are not described. */
  readonly open?: true
}

/** `spec.rules[].from[].source.principals[]`; values of a map are `{}`. */
export type Shape = ReadonlyMap<string, Facts>

export function shapeOf(schema: ObjectSchema): Shape {
  const spec = schema.fields.spec
  return new Map(spec ? describe('spec', spec.schema, inherited(spec)) : [])
}

function* describe(path: string, schema: Schema, more: Partial<Facts>): Generator<[string, Facts]> {
  yield [path, { ...factsOf(schema), ...more }]
  const since = more.since ? { since: more.since } : {}
  if (schema.type === 'list') yield* describe(`${path}[]`, schema.items, since)
  if (schema.type === 'map') yield* describe(`${path}{}`, schema.values, since)
  if (schema.type !== 'object') return
  for (const [name, field] of Object.entries(schema.fields))
    yield* describe(`${path}.${name}`, field.schema, { ...since, ...inherited(field) })
}

/** What is below a field is not older than the field. */
function inherited({ required, since }: { readonly required?: string; readonly since?: string }): Partial<Facts> {
  return { ...(required === 'crd' || required === 'both' ? { required: true } : {}), ...(since ? { since } : {}) }
}

function factsOf(schema: Schema): Facts {
  switch (schema.type) {
    case 'object':
      return {
        type: 'object',
        ...given('open', schema.open),
        ...given('oneOf', schema.oneOf && groupsOf(schema.oneOf.map(({ fields }) => fields))),
      }
    case 'list':
      return { type: 'list', ...bounds(schema), ...given('uniqueBy', schema.uniqueBy) }
    case 'map':
      return { type: 'map', ...bounds(schema) }
    case 'string':
      return {
        type: 'string',
        ...given('words', schema.words && Object.keys(schema.words).toSorted().join('|')),
        ...bounds({ ...given('min', schema.minLength), ...given('max', schema.maxLength) }),
        ...given('pattern', schema.pattern?.source),
      }
    case 'integer':
    case 'number':
      return { type: schema.type, format: schema.format, ...bounds(schema) }
    case 'duration':
      return { type: 'string', ...(schema.positive ? { positive: true } : {}) }
    case 'boolean':
      return { type: 'boolean' }
    case 'any':
      return { type: 'any', open: true }
  }
}

export function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T }
}

function bounds({ min, max }: { readonly min?: number; readonly max?: number }): Partial<Facts> {
  return { ...given('min', min), ...given('max', max) }
}

/** In an order that does not depend on who wrote them down. */
export function groupsOf(groups: readonly (readonly string[])[]): string | undefined {
  const named = groups.filter(group => group.length > 1).map(group => group.toSorted().join('|'))
  return named.length > 0 ? [...new Set(named)].toSorted().join(' ') : undefined
}
