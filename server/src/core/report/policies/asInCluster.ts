// A document of a file with what the cluster has in its place: comments, order and quotes stay, so that a diff shows nothing but what differs.
import type { Resource } from '../../istio/resources.ts'
import { kindOf } from '../../istio/schema/index.ts'
import type { Schema } from '../../istio/schema/schema.ts'
import { yamlOf } from '../../istio/written.ts'
import { applyEdits, columnOf, type Edit, lineEndOf, plain, replaceScalar, withLineEndsOf } from '../../yaml/edit.ts'
import { lineStartOf } from '../../yaml/lines.ts'
import { parseYaml } from '../../yaml/parse.ts'
import { type Entry, fromJson, get, type Mapping, type Node, type Sequence, stringAt } from '../../yaml/tree.ts'
import { writeYaml } from '../../yaml/write.ts'
import { differences, driftOf, fieldOf } from './drift.ts'

/**
 * The text of the document, `root` being its tree; what only machines write into metadata stays out. Where the text is written in a way that
 * cannot be kept, it is the whole object.
 */
export function textAsInCluster(text: string, root: Node, live: Pick<Resource, 'written'>): string {
  const edited = applyEdits(text, editsToCluster(text, root, live))
  const documents = parseYaml(edited)
  const same = documents.length === 1 && documents[0]?.problems.length === 0 && driftOf(documents[0].root, live)?.length === 0
  return same ? edited : (yamlOf(live) ?? edited)
}

function editsToCluster(text: string, written: Node, { written: live }: Pick<Resource, 'written'>): readonly Edit[] {
  if (live === undefined || written.kind !== 'mapping') return []
  const held = JSON.parse(live)
  const { labels, annotations } = held.metadata ?? {}
  const schema = kindOf(stringAt(written, 'apiVersion')?.value ?? '', stringAt(written, 'kind')?.value ?? '')?.schema
  const editor = new Editor(text)
  const metadata = get(written, 'metadata')
  if (metadata?.kind === 'mapping') editor.fields(metadata, { labels, annotations }, undefined, ['labels', 'annotations'])
  editor.fields(written, { spec: held.spec }, schema, ['spec'])
  return editor.edits.map(edit => withLineEndsOf(text, edit))
}

class Editor {
  readonly edits: Edit[] = []
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** `names` limits it to some of the fields; what is null in the cluster is not there. */
  fields(one: Mapping, other: Readonly<Record<string, unknown>>, schema: Schema | undefined, names?: readonly string[]): void {
    const missing = new Map(Object.entries(other).filter(([name, value]) => value != null && (names?.includes(name) ?? true)))
    for (const entry of one.entries) {
      const name = entry.key.text
      if (names && !names.includes(name)) continue
      const below = fieldOf(schema, name)
      const value = missing.get(name)
      missing.delete(name)
      if (differences(entry.value, fromJson(value), below.schema, [], below.default).length === 0) continue
      if (value == null || (Array.isArray(value) && value.length === 0)) this.remove(entry)
      else if (entry.value) this.node(entry.value, value, below.schema)
      else this.edits.push({ span: { start: entry.key.span.end + 1, end: entry.key.span.end + 1 }, newText: ` ${JSON.stringify(value)}` })
    }
    for (const [name, value] of missing) {
      const below = fieldOf(schema, name)
      if (differences(undefined, fromJson(value), below.schema, [], below.default).length > 0) this.addField(one, name, value)
    }
  }

  private node(one: Node, other: unknown, schema: Schema | undefined): void {
    if (one.kind === 'mapping' && !one.flow && one.entries.length > 0 && isObject(other)) this.fields(one, other, schema)
    else if (one.kind === 'sequence' && !one.flow && one.items.length > 0 && Array.isArray(other)) this.items(one, other, schema)
    else if (one.kind === 'scalar' && typeof other === 'string') this.edits.push(replaceScalar(this.text, one.span, other))
    else this.edits.push({ span: { start: one.span.start, end: this.endOf(one) }, newText: inOneLine(other, this.textOf(one)) })
  }

  private items(one: Sequence, other: readonly unknown[], schema: Schema | undefined): void {
    const items = schema?.type === 'list' ? schema.items : undefined
    for (const [index, item] of one.items.entries()) {
      if (!item) continue
      if (index >= other.length) this.removeLines(this.dashOf(item), this.endOf(item))
      else if (differences(item, fromJson(other[index]), items, []).length > 0) this.node(item, other[index], items)
    }
    const last = one.items.at(-1)
    const more = other.slice(one.items.length)
    if (last && more.length > 0)
      this.append(this.endOf(last), columnOf(this.text, { start: this.dashOf(last), end: 0 }), writeYaml(more).text)
  }

  private addField(to: Mapping, name: string, value: unknown): void {
    const last = to.entries.at(-1)
    if (to.flow || !last) {
      const { start, end } = to.span
      const comma = to.entries.length > 0 ? ', ' : ' '
      const close = this.text.lastIndexOf('}', end)
      if (to.flow && close > start)
        this.edits.push({ span: { start: close, end: close }, newText: `${comma}${JSON.stringify(name)}: ${JSON.stringify(value)} ` })
      return
    }
    this.append(this.endOf(last), columnOf(this.text, last.key.span), writeYaml({ [name]: value }).text)
  }

  /** Below the line of `offset`, in this column. */
  private append(offset: number, column: number, yaml: string): void {
    const end = lineEndOf(this.text, offset)
    const newText = yaml
      .trimEnd()
      .split('\n')
      .map(line => `\n${' '.repeat(column)}${line}`)
      .join('')
    this.edits.push({ span: { start: end, end }, newText })
  }

  private remove(entry: Entry): void {
    const { start } = entry.span
    const end = this.endOf(entry)
    const alone = this.text.slice(lineStartOf(this.text, start), start).trim() === ''
    if (alone) this.removeLines(start, end)
    // In braces, or behind a dash: as good as nothing.
    else this.edits.push({ span: { start: entry.key.span.end + 1, end }, newText: ' null' })
  }

  private removeLines(from: number, to: number): void {
    const start = lineStartOf(this.text, from)
    const end = lineEndOf(this.text, to)
    const lineBreak = /^\r?\n/.exec(this.text.slice(end, end + 2))?.[0].length ?? 0
    this.edits.push({ span: { start, end: end + lineBreak }, newText: '' })
  }

  private dashOf(item: Node): number {
    return this.text.lastIndexOf('-', item.span.start - 1)
  }

  private textOf(node: Node): string {
    return this.text.slice(node.span.start, this.endOf(node))
  }

  /** Without the line break and the blanks that a collection may count as its own. */
  private endOf({ span }: { readonly span: { readonly start: number; readonly end: number } }): number {
    return span.start + this.text.slice(span.start, span.end).trimEnd().length
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Quoted as what it replaces is: JSON stays JSON. */
function inOneLine(value: unknown, before: string): string {
  if (Array.isArray(value)) return `[${value.map(each => inOneLine(each, before)).join(', ')}]`
  const quoted = before.includes('"')
  if (typeof value === 'string') return quoted ? JSON.stringify(value) : plain(value)
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, each]) => `${inOneLine(name, before)}: ${inOneLine(each, before)}`)
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}'
}
