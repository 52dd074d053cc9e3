// The fields of a mapping as Istio's decoder reads them.
import { type Entry, type Located, type Mapping, type Node, type Scalar, type Span, stringAt } from '../../yaml/tree.ts'
import type { ObjectSchema } from './schema.ts'

/**
 * Known fields only. A snake_case spelling counts where the proper one is not there (the decoder takes it, the CRD does not), a null is not
 * there, and of repeated keys the last one counts. Source: golang/protobuf jsonpb/decode.go, k8s.io/apiextensions-apiserver pkg/apiserver/schema/defaulting/prune.go.
 */
export class Fields {
  readonly schema: ObjectSchema
  /** Absent for a null item of a list, which decodes as an empty message. */
  readonly node: Mapping | undefined
  private readonly entries = new Map<string, Entry & { readonly value: Node }>()

  constructor(schema: ObjectSchema, node: Node | undefined) {
    this.schema = schema
    this.node = node?.kind === 'mapping' ? node : undefined
    if (!this.node) return
    for (const [name, entry] of decodedEntries(schema, this.node)) {
      if (isNull(entry.value)) this.entries.delete(name)
      else this.entries.set(name, entry as Entry & { readonly value: Node })
    }
  }

  /** The names of the fields that are written, in order. */
  get names(): readonly string[] {
    return [...this.entries.keys()]
  }

  /** Whether the field is written at all: an empty list counts. So the CRD asks. */
  has(name: string): boolean {
    return this.entries.has(name)
  }

  /** Whether the field holds something: neither an empty list nor an empty string. So Istio's Go code asks. */
  isSet(name: string): boolean {
    const node = this.get(name)
    if (node === undefined) return false
    return node.kind === 'sequence' ? node.items.length > 0 : node.kind !== 'scalar' || node.value !== ''
  }

  get(name: string): Node | undefined {
    return this.entries.get(name)?.value
  }

  key(name: string): Scalar | undefined {
    return this.entries.get(name)?.key
  }

  /** Key and value together. */
  span(name: string): Span | undefined {
    return this.entries.get(name)?.span
  }

  text(name: string): Located<string> | undefined {
    return stringAt(this.get(name))
  }

  items(name: string): readonly (Node | undefined)[] {
    const node = this.get(name)
    return node?.kind === 'sequence' ? node.items : []
  }

  texts(name: string): readonly Located<string>[] {
    return this.items(name).flatMap(item => stringAt(item) ?? [])
  }

  /** The message in a field, or undefined where none is written. */
  object(name: string): Fields | undefined {
    const schema = this.schema.fields[name]?.schema
    const node = this.get(name)
    return schema?.type === 'object' && node?.kind === 'mapping' ? new Fields(schema, node) : undefined
  }

  /** The messages in a list, with their places. A null item is an empty message to Istio. */
  objects(name: string): readonly Fields[] {
    const schema = this.schema.fields[name]?.schema
    const items = schema?.type === 'list' ? schema.items : undefined
    return items?.type === 'object' ? this.items(name).map(item => new Fields(items, item)) : []
  }
}

/** These are named so in the protocol buffers too, and have no other spelling. */
const onlyCamelCase: ReadonlySet<string> = new Set(['targetRef', 'targetRefs'])

/** The field a key means: by its name, or by its snake_case spelling. */
export function fieldNamed(schema: ObjectSchema, key: string): string | undefined {
  if (Object.hasOwn(schema.fields, key)) return key
  const camel = key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return camel !== key && Object.hasOwn(schema.fields, camel) && !onlyCamelCase.has(camel) ? camel : undefined
}

/** The entries that are known, each with the name of its field. Beside its proper spelling the snake_case one is not decoded. */
export function* decodedEntries(schema: ObjectSchema, { entries }: Mapping): Generator<readonly [name: string, entry: Entry]> {
  const written = new Set(entries.map(({ key }) => key.text))
  for (const entry of entries) {
    const name = fieldNamed(schema, entry.key.text)
    if (name === entry.key.text || (name !== undefined && !written.has(name))) yield [name, entry]
  }
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}
