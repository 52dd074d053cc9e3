// The shape of Istio's kinds in our own words: what feeds structure checks, completion and hover.

/** What a string stands for, so that completion can offer real ones. */
export type ValueKind = 'principal' | 'namespace' | 'serviceAccount' | 'method' | 'port' | 'path' | 'host' | 'conditionKey'

export type Schema = ObjectSchema | ListSchema | MapSchema | StringSchema | SimpleSchema

export interface ObjectSchema {
  readonly type: 'object'
  /** What this thing is called in a sentence: `a source`, `mtls`. */
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
}

export interface Field {
  readonly schema: Schema
  /** What it does, and the trap if there is one. Markdown, one to three sentences. */
  readonly text: string
}

export interface ListSchema {
  readonly type: 'list'
  readonly items: Schema
}

export interface MapSchema {
  readonly type: 'map'
  readonly keys: 'port' | 'label'
  readonly values: Schema
}

export interface StringSchema {
  readonly type: 'string'
  readonly value?: ValueKind
  /** The only words allowed, each with what it means. */
  readonly words?: Readonly<Record<string, string>>
}

export interface SimpleSchema {
  readonly type: 'boolean' | 'integer' | 'duration' | 'any'
}

export const string: StringSchema = { type: 'string' }
export const any: SimpleSchema = { type: 'any' }
export const strings: ListSchema = { type: 'list', items: string }

export function listOf(items: Schema): ListSchema {
  return { type: 'list', items }
}

export function valuesOf(value: ValueKind): ListSchema {
  return { type: 'list', items: { type: 'string', value } }
}

export function object(name: string, fields: Readonly<Record<string, Field>>): ObjectSchema {
  return { type: 'object', name, fields }
}

export function field(schema: Schema, text: string): Field {
  return { schema, text }
}
