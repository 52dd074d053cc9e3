// Our schema as JSON Schema, for the YAML extension: what exists, of which type, in which words. Everything finer is our own rules' to say.
import { describeField } from './describe.ts'
import type { KindSchema } from './index.ts'
import type { Field, ObjectSchema, Schema } from './schema.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/** Draft-07. Documents of other kinds are left alone. */
export function jsonSchema(kinds: readonly KindSchema[]): JsonSchema {
  const definitions = new Definitions()
  const branches = kinds.map(({ group, kind, schema }) => ({
    if: {
      required: ['apiVersion', 'kind'],
      properties: { apiVersion: { type: 'string', pattern: `^${group.replaceAll('.', '\\.')}/` }, kind: { const: kind } },
    },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
    then: definitions.of(schema),
  }))
  return { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', allOf: branches, definitions: definitions.all }
}

/** A reader of YAML 1.2 takes them for text. */
const yaml11Boolean: JsonSchema = { type: 'string', pattern: '^(y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$' }

/** Each object schema once, however many fields share it. */
class Definitions {
  readonly all: Record<string, JsonSchema> = {}
  private readonly names = new Map<ObjectSchema, string>()

  of(schema: Schema): JsonSchema {
    switch (schema.type) {
      case 'object':
        return { $ref: `#/definitions/${this.nameOf(schema)}` }
      case 'list':
        return { type: 'array', items: this.of(schema.items) }
      case 'map':
        return { type: 'object', additionalProperties: this.orNull(this.of(schema.values)) }
      case 'string':
        return schema.words
          ? { type: 'string', enum: Object.keys(schema.words), markdownEnumDescriptions: Object.values(schema.words) }
          : { type: 'string' }
      case 'duration':
        return { type: 'string' }
      case 'boolean':
        return { anyOf: [{ type: 'boolean' }, yaml11Boolean] }
      case 'any':
        return {}
      default:
        return { type: schema.type }
    }
  }

  private nameOf(schema: ObjectSchema): string {
    const known = this.names.get(schema)
    if (known) return known
    const name = String(this.names.size)
    this.names.set(schema, name)
    const properties = Object.fromEntries(Object.entries(schema.fields).map(([key, field]) => [key, this.property(field)]))
    this.all[name] = { type: 'object', properties, ...(schema.open ? {} : { additionalProperties: false }) }
    return name
  }

  private property(field: Field): JsonSchema {
    return { ...this.orNull(this.of(field.schema)), markdownDescription: describeField(field) }
  }

  /** The API server drops a null that stands for a whole field. */
  private orNull(schema: JsonSchema): JsonSchema {
    if (Object.keys(schema).length === 0) return schema
    return { anyOf: [schema, { type: 'null' }] }
  }
}
