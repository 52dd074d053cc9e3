// Whether a file says of an object what the cluster has: compared by meaning, so that what the API server adds, drops or sorts makes no difference.
import type { SourceFile } from '../../istio/file.ts'
import { objectsOf } from '../../istio/read.ts'
import { apiKind, type Resource } from '../../istio/resources.ts'
import { kindOf } from '../../istio/schema/index.ts'
import type { Schema } from '../../istio/schema/schema.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { at, fromJson, type Node, type Path, stringAt } from '../../yaml/tree.ts'

/** Where they differ: paths into the object, in the order of the file's fields, each as deep as the difference. Empty: they say the same. */
export type Drift = readonly Path[]

/**
 * Undefined where it is not known: another object, or one that is not read completely. A placeholder of the file may become what the cluster has.
 * Of the metadata only what Istio reads counts.
 */
export function driftOf(written: Node | undefined, live: Pick<Resource, 'written'>): Drift | undefined {
  if (!written || live.written === undefined) return undefined
  const held = fromJson(JSON.parse(live.written))
  const schema = kindOf(textAt(written, 'apiVersion'), textAt(written, 'kind'))?.schema
  if (!schema || textAt(held, 'kind') !== textAt(written, 'kind')) return undefined
  const spec = differences(at(written, ['spec']), at(held, ['spec']), schema.fields.spec?.schema, ['spec'])
  return [...metadata.flatMap(path => (meaningAt(written, path) === meaningAt(held, path) ? [] : [path])), ...spec]
}

/** What istiod looks at: a revision reads only what is labelled for it, and a dry run decides nothing. */
const revision = ['metadata', 'labels', 'istio.io/rev'] as const
const dryRun = ['metadata', 'annotations', 'istio.io/dry-run'] as const
const metadata: readonly Path[] = [revision, dryRun]

function meaningAt(object: Node | undefined, path: Path): string {
  const text = textAt(object, ...path)
  // Every value that Go's ParseBool reads as true.
  return path === dryRun ? String(/^(?:1|t|T|true|True|TRUE)$/.test(text)) : text
}

function textAt(node: Node | undefined, ...path: Path): string {
  return stringAt(node, ...path)?.value ?? ''
}

/** Null, an empty list and a default are as good as nothing. An empty object is something: `rules: [{}]`, `selector: {}` in ambient. */
export function differences(
  one: Node | undefined,
  other: Node | undefined,
  schema: Schema | undefined,
  path: Path,
  unwritten?: string,
): Path[] {
  const absent = (node: Node | undefined) => isNothing(node, schema) || (node?.kind === 'scalar' && isDefault(node.text, unwritten))
  if (isOpen(one)) return []
  if (absent(one) || absent(other)) return absent(one) && absent(other) ? [] : [path]
  if (one?.kind === 'mapping' && other?.kind === 'mapping') {
    return namesIn(one, other).flatMap(name => {
      const below = fieldOf(schema, name)
      return differences(at(one, [name]), at(other, [name]), below.schema, [...path, name], below.default)
    })
  }
  if (one?.kind === 'sequence' && other?.kind === 'sequence') {
    if (one.items.length !== other.items.length) return [path]
    const items = schema?.type === 'list' ? schema.items : undefined
    return one.items.flatMap((item, index) => itemDifferences(item, other.items[index], items, [...path, index]))
  }
  return one?.kind === 'scalar' && other?.kind === 'scalar' && one.value === other.value ? [] : [path]
}

/** What a schema says of a field of an object, or of a key of a map. */
export function fieldOf(schema: Schema | undefined, name: string): { readonly schema?: Schema; readonly default?: string } {
  if (schema?.type === 'map') return { schema: schema.values }
  return schema?.type === 'object' && Object.hasOwn(schema.fields, name) ? (schema.fields[name] ?? {}) : {}
}

/** In a list an empty text, list or object is something. */
function itemDifferences(one: Node | undefined, other: Node | undefined, schema: Schema | undefined, path: Path): Path[] {
  const [first, second] = [formOf(one), formOf(other)]
  if (first !== second) return isOpen(one) ? [] : [path]
  return first === 'nothing' || first === 'empty' ? [] : differences(one, other, schema, path)
}

function formOf(node: Node | undefined): 'nothing' | 'empty' | Node['kind'] {
  if (!node || isNull(node)) return 'nothing'
  return node.kind === 'sequence' && node.items.length === 0 ? 'empty' : node.kind
}

function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}

function isNothing(node: Node | undefined, schema: Schema | undefined): boolean {
  if (isNull(node) || (node?.kind === 'sequence' && node.items.length === 0)) return true
  return node?.kind === 'mapping' && node.entries.length === 0 && schema?.type === 'map'
}

function isDefault(text: string, unwritten: string | undefined): boolean {
  return unwritten !== undefined && (text === unwritten || (text === '' && unwritten === '""'))
}

/** Somebody fills it in before the object is applied. */
function isOpen(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && isPlaceholder(node.text)
}

function namesIn(...mappings: readonly (Node & { readonly kind: 'mapping' })[]): readonly string[] {
  return [...new Set(mappings.flatMap(({ entries }) => entries.map(({ key }) => key.text)))]
}

/** `spec.rules[0].to[0].operation.methods`. */
export function pathText(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/** The object in the tree of its document; undefined where the document cannot be read completely. */
export function nodeOf(file: SourceFile, { kind, namespace, name, source }: Resource): Node | undefined {
  if (source.from !== 'file') return undefined
  const document = file.documents.find(({ index }) => index === source.document)
  if (!document || document.problems.length > 0 || document.templated) return undefined
  const text = (node: Node | undefined, ...path: string[]) => stringAt(node, ...path)?.value
  return objectsOf(document.root).find(
    node =>
      text(node, 'kind') === apiKind({ kind }) &&
      text(node, 'metadata', 'name') === name &&
      text(node, 'metadata', 'namespace') === namespace,
  )
}
