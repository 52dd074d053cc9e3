// The shape of Istio's kinds in our own words: what feeds structure checks, completion, hover and the reference.

/** What a string stands for: completion offers real ones, rules check their form. */
export type ValueKind =
  | 'principal'
  | 'requestPrincipal'
  | 'namespace'
  | 'serviceAccount'
  | 'trustDomain'
  | 'ipBlock'
  | 'method'
  | 'port'
  | 'path'
  | 'host'
  | 'conditionKey'
  | 'url'
  | 'jwks'
  | 'header'
  | 'serviceHost'
  | 'exportTo'
  | 'cipherSuite'
  | 'credentialName'
  | 'workload'
  | 'serviceName'
  | 'policyName'
  | 'ipAddress'

export type Schema = ObjectSchema | ListSchema | MapSchema | StringSchema | NumberSchema | DurationSchema | SimpleSchema

export interface ObjectSchema {
  readonly type: 'object'
  /** What this thing is called in a sentence: `a source`, `mtls`. */
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
  readonly oneOf?: readonly OneOf[]
  /** Istio's webhook refuses it with nothing set. */
  readonly atLeastOne?: true
  /** Has fields that are not described here: a field that is not known is not wrong. */
  readonly open?: true
}

/** Fields of which at most one can be set. The CRD counts an empty list as set, Istio's webhook does not. */
export interface OneOf {
  readonly fields: readonly string[]
  readonly refusedBy: 'crd' | 'both'
}

/** A minor version of Istio: `1.27`. */
export type Version = `1.${number}`

export interface Field {
  readonly schema: Schema
  /** What it does, and the trap if there is one. Markdown, one to three sentences. */
  readonly text: string
  /** One line of YAML that shows it in use. */
  readonly example?: string
  /** Who refuses the object without it: the CRD, Istio's webhook, or both. */
  readonly required?: 'crd' | 'webhook' | 'both'
  /** The first minor version that has it; absent: older than any version we know. */
  readonly since?: Version
  /** What holds where nothing is written, as it would be written. */
  readonly default?: string
  /** Written by machines: known, and never offered. */
  readonly readOnly?: true
}

/** Bounds are the CRD's. */
export interface ListSchema {
  readonly type: 'list'
  readonly items: Schema
  readonly min?: number
  readonly max?: number
  /** The field by which the API server tells items apart (`x-kubernetes-list-map-keys`). */
  readonly uniqueBy?: string
}

export interface MapSchema {
  readonly type: 'map'
  readonly keys: 'port' | 'label' | 'text'
  readonly values: Schema
  readonly min?: number
  readonly max?: number
}

interface Bounded {
  /** Istio's webhook too refuses what is out of bounds. */
  readonly refusedBy?: 'both'
}

/** Lengths count Unicode characters. */
export interface StringSchema extends Bounded {
  readonly type: 'string'
  readonly value?: ValueKind
  /** The only words allowed, each with what it means. */
  readonly words?: Readonly<Record<string, string>>
  /** Istio's webhook refuses an empty text. */
  readonly nonEmpty?: true
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: RegExp
}

export interface NumberSchema extends Bounded {
  readonly type: 'integer' | 'number'
  /** What the decoder can hold; the CRD's bounds come on top of it. */
  readonly format: 'int32' | 'uint32' | 'int64' | 'uint64' | 'double'
  readonly min?: number
  readonly max?: number
}

/** A string that Go reads as a duration: `1h30m`, `500ms`. */
export interface DurationSchema {
  readonly type: 'duration'
  /** At least one millisecond: to the CRD and to Istio's webhook, or to the CRD alone. */
  readonly positive?: true | 'crd'
}

export interface SimpleSchema {
  readonly type: 'boolean' | 'any'
}

export const string: StringSchema = { type: 'string' }
export const boolean: SimpleSchema = { type: 'boolean' }
export const any: SimpleSchema = { type: 'any' }
export const integer: NumberSchema = { type: 'integer', format: 'int32' }
export const unsigned: NumberSchema = { type: 'integer', format: 'uint32' }
export const duration: DurationSchema = { type: 'duration' }
export const positiveDuration: DurationSchema = { type: 'duration', positive: true }
export const strings: ListSchema = { type: 'list', items: string }

export function listOf(items: Schema, bounds: Omit<ListSchema, 'type' | 'items'> = {}): ListSchema {
  return { type: 'list', items, ...bounds }
}

export function valuesOf(value: ValueKind, bounds: Omit<ListSchema, 'type' | 'items'> = {}): ListSchema {
  return { type: 'list', items: { type: 'string', value }, ...bounds }
}

export function wordsOf(words: Readonly<Record<string, string>>): StringSchema {
  return { type: 'string', words }
}

export function object(
  name: string,
  fields: Readonly<Record<string, Field>>,
  more: Pick<ObjectSchema, 'oneOf' | 'atLeastOne' | 'open'> = {},
): ObjectSchema {
  return { type: 'object', name, fields, ...more }
}

export function field(schema: Schema, text: string, more: Omit<Field, 'schema' | 'text'> = {}): Field {
  return { schema, text, ...more }
}
