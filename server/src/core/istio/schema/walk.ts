// Visits every value of a document together with the schema that stands for it.
import type { YamlDocument } from '../../yaml/parse.ts'
import { type Node, type Scalar, stringAt } from '../../yaml/tree.ts'
import { objectsOf } from '../read.ts'
import { decodedEntries, Fields } from './fields.ts'
import { kindOf } from './index.ts'
import type { ObjectSchema, Schema } from './schema.ts'

/** The object a value stands in. */
export interface VisitedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** As written, else the one the file stands for. */
  readonly namespace: string
  readonly fields: Fields
}

export class Visit {
  readonly schema: Schema
  readonly node: Node
  /** The field the value belongs to, for messages: of a list item the list's, of a value of a map its key. */
  readonly name: string
  readonly object: VisitedObject
  readonly key?: Scalar
  readonly parent?: Visit
  private read?: Fields

  constructor(visit: Pick<Visit, 'schema' | 'node' | 'name' | 'object' | 'key' | 'parent'>) {
    this.schema = visit.schema
    this.node = visit.node
    this.name = visit.name
    this.object = visit.object
    if (visit.key) this.key = visit.key
    if (visit.parent) this.parent = visit.parent
  }

  /** The fields of an object; without any for everything else. */
  get fields(): Fields {
    this.read ??= new Fields(this.schema.type === 'object' ? this.schema : nothing, this.node)
    return this.read
  }
}

const nothing: ObjectSchema = { type: 'object', name: '', fields: {} }

/** Each value once, outer before inner; nothing for kinds without a schema. The items of a List are visited like documents. */
export function* walk(document: Pick<YamlDocument, 'root'>, defaultNamespace = 'default'): Generator<Visit> {
  const visited = new Set<Node>()
  for (const root of objectsOf(document.root)) {
    const apiVersion = stringAt(root, 'apiVersion')?.value ?? ''
    const kind = stringAt(root, 'kind')?.value ?? ''
    const schema = kindOf(apiVersion, kind)?.schema
    if (!root || !schema) continue
    const text = (field: string) => stringAt(root, 'metadata', field)?.value
    const fields = new Fields(schema, root)
    const object = { apiVersion, kind, fields, name: text('name') ?? '', namespace: text('namespace') || defaultNamespace }
    yield* visit(new Visit({ schema, node: root, name: kind, object }), visited)
  }
}

function* visit(here: Visit, visited: Set<Node>): Generator<Visit> {
  const { schema, node, name, object } = here
  if (visited.has(node)) return
  visited.add(node)
  yield here
  const into = (schema: Schema, node: Node, name: string, key?: Scalar) =>
    visit(new Visit({ schema, node, name, object, parent: here, ...(key ? { key } : {}) }), visited)
  if (schema.type === 'object' && node.kind === 'mapping') {
    for (const [known, { key, value }] of decodedEntries(schema, node)) {
      const field = schema.fields[known]
      if (field && value) yield* into(field.schema, value, key.text, key)
    }
  }
  if (schema.type === 'map' && node.kind === 'mapping') {
    for (const { key, value } of node.entries) if (value) yield* into(schema.values, value, key.text, key)
  }
  if (schema.type === 'list' && node.kind === 'sequence') {
    for (const item of node.items) if (item) yield* into(schema.items, item, name)
  }
}
