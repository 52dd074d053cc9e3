// Visits every value of a document together with the schema that stands for it.

import type { YamlDocument } from '../../yaml/parse.ts'
import { type Node, stringAt } from '../../yaml/tree.ts'
import { objectsOf } from '../read.ts'
import { schemaOf } from './index.ts'
import type { Schema } from './schema.ts'

export interface Visit {
  readonly schema: Schema
  readonly node: Node
  /** The field the value belongs to, for messages: of a list item, the list's. */
  readonly name: string
}

/** Each value once, outer before inner; nothing for kinds without a schema. The items of a List are visited like documents. */
export function* walk(document: Pick<YamlDocument, 'root'>): Generator<Visit> {
  const visited = new Set<Node>()
  for (const object of objectsOf(document.root)) {
    const kind = stringAt(object, 'kind')?.value
    const apiVersion = stringAt(object, 'apiVersion')?.value
    const schema = kind && apiVersion ? schemaOf(apiVersion, kind) : undefined
    if (object && schema) yield* visit(schema, object, kind ?? '', visited)
  }
}

function* visit(schema: Schema, node: Node, name: string, visited: Set<Node>): Generator<Visit> {
  if (visited.has(node)) return
  visited.add(node)
  yield { schema, node, name }
  if (schema.type === 'object' && node.kind === 'mapping') {
    for (const { key, value } of node.entries) {
      const field = Object.hasOwn(schema.fields, key.text) ? schema.fields[key.text] : undefined
      if (field && value) yield* visit(field.schema, value, key.text, visited)
    }
  }
  if (schema.type === 'map' && node.kind === 'mapping') {
    for (const { key, value } of node.entries) if (value) yield* visit(schema.values, value, key.text, visited)
  }
  if (schema.type === 'list' && node.kind === 'sequence') {
    for (const item of node.items) if (item) yield* visit(schema.items, item, name, visited)
  }
}
