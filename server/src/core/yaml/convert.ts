// From the nodes of the YAML library to ours, read as Kubernetes' reader reads them. Source: go-yaml v2 decode.go, sigs.k8s.io/yaml yaml.go.
import { isAlias, isMap, isPair, isScalar, isSeq, type Scalar as LibraryScalar, type Pair } from 'yaml'
import type { YamlProblem } from './problem.ts'
import { readPlain, readTagged } from './scalar.ts'
import type { Entry, Mapping, Node, Scalar, Sequence, Span } from './tree.ts'

const deepest = 100
const mostRepeated = 100_000

/** Turns the library's nodes into ours. Each node is converted once; what aliases repeat is counted, since readers visit it again and again. */
export class Converter {
  private readonly done = new Map<unknown, Node | undefined>()
  /** Nodes whose children are being read. */
  private readonly open = new Set<unknown>()
  private readonly sizes = new Map<Node, number>()
  /** Anchored nodes met so far: an alias means the last one before it. The library would search the whole document for each. */
  private readonly anchors = new Map<string, unknown>()
  private readonly problems: YamlProblem[]
  /** As written, even where something else was parsed in its place. */
  private readonly text: string
  private readonly templated: boolean
  private repeated = 0

  constructor(problems: YamlProblem[], text: string, templated: boolean) {
    this.problems = problems
    this.text = text
    this.templated = templated
  }

  convert(node: unknown, depth: number): Node | undefined {
    if (depth > deepest) return undefined
    if (this.done.has(node)) return this.done.get(node)
    // Entered before its children are read: an alias to its own parent finds nothing instead of going round for ever.
    this.done.set(node, undefined)
    this.noteAnchor(node)
    this.open.add(node)
    const converted = this.convertNew(node, depth)
    this.open.delete(node)
    this.done.set(node, converted)
    return converted
  }

  private convertNew(node: unknown, depth: number): Node | undefined {
    if (isScalar(node)) return this.asWritten(this.toScalar(node))
    if (isMap(node)) return this.toMapping(node.items, !!node.flow, spanOf(node), depth)
    if (isSeq(node)) {
      const items = node.items.map(item => this.toItem(item, depth + 1))
      return { kind: 'sequence', items, flow: !!node.flow, span: spanOf(node) } satisfies Sequence
    }
    if (isAlias(node)) {
      const target = this.anchors.get(node.source)
      if (target === undefined) this.problems.push({ code: 'BAD_ALIAS', detail: `unknown anchor ${node.source}`, span: spanOf(node) })
      else if (this.open.has(target)) this.problems.push({ code: 'SELF_ALIAS', detail: node.source, span: spanOf(node) })
      const converted = this.done.get(target)
      return converted && this.repeat(converted, spanOf(node))
    }
    return undefined
  }

  private toItem(item: unknown, depth: number): Node | undefined {
    const pair = isPair(item) ? item : isMap(item) && item.items.length === 1 ? item.items[0] : undefined
    const address = pair && this.endingInColon(pair)
    if (address) return address
    return isPair(item) ? this.toMapping([item], true, spanOf(item.key), depth) : this.convertValue(item, depth)
  }

  /** In `[fd00::]` the last colon belongs to the text; the library sees a key. */
  private endingInColon({ key }: Pair): Scalar | undefined {
    if (!isScalar(key) || key.type !== 'PLAIN') return undefined
    const { start, end } = spanOf(key)
    if (!/^:[\],]/.test(this.text.slice(end, end + 2))) return undefined
    const text = this.text.slice(start, end + 1)
    return { kind: 'scalar', value: text, text, quoted: false, span: { start, end: end + 1 } }
  }

  private toScalar(node: LibraryScalar): Scalar {
    const text = node.source ?? ''
    const span = spanOf(node)
    const quoted = node.type !== undefined && node.type !== 'PLAIN'
    const value = node.tag ? readTagged(node.tag, text) : quoted ? text : readPlain(text)
    if (value === undefined) this.problems.push({ code: 'BAD_TAG', detail: node.tag ?? '', span })
    return { kind: 'scalar', value: value === undefined ? text : value, text, quoted, ...(node.tag ? { tag: node.tag } : {}), span }
  }

  /** JSON has no infinity; as a key its name is text. */
  private convertValue(node: unknown, depth: number): Node | undefined {
    const value = this.convert(node, depth)
    if (value?.kind === 'scalar' && typeof value.value === 'number' && !Number.isFinite(value.value)) {
      this.problems.push({ code: 'NO_NUMBER', detail: value.text, span: value.span })
    }
    return value
  }

  private asWritten(scalar: Scalar): Scalar {
    const written = this.templated ? this.text.slice(scalar.span.start, scalar.span.end) : ''
    if (!/\{\{|\{%|%\{/.test(written)) return scalar
    const text = scalar.quoted ? written.slice(1, -1) : written
    return { ...scalar, value: text, text }
  }

  private noteAnchor(node: unknown): void {
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) this.anchors.set(node.anchor, node)
  }

  /** Kubernetes' reader, too, refuses documents whose aliases unfold to far more than is written. Source: go-yaml decode.go (allowedAliasRatio). */
  private repeat(target: Node, span: Span): Node | undefined {
    const before = this.repeated
    this.repeated += this.sizeOf(target)
    if (this.repeated <= mostRepeated) return { ...target, span }
    if (before <= mostRepeated) this.problems.push({ code: 'TOO_MANY_ALIASES', detail: 'excessive aliasing', span })
    return undefined
  }

  /** Nodes a reader visits below this one, repeated ones included. */
  private sizeOf(node: Node): number {
    const known = this.sizes.get(node)
    if (known !== undefined) return known
    const children = node.kind === 'scalar' ? [] : node.kind === 'sequence' ? node.items : node.entries.map(each => each.value)
    const size = children.reduce((sum, child) => sum + (child ? this.sizeOf(child) : 1), 1)
    this.sizes.set(node, size)
    return size
  }

  private keyOf(key: unknown, span: Span): Scalar | undefined {
    const node = this.convert(key, 0)
    if (node?.kind === 'scalar' && node.value !== null) return node
    // JSON has text for keys, and the reader turns numbers and booleans into it; nothing else.
    const code = node && node.kind !== 'scalar' ? 'COMPLEX_KEY' : 'NULL_KEY'
    const { start, end } = node && node.span.end > node.span.start ? node.span : span
    this.problems.push({ code, detail: 'key', span: { start, end: Math.max(end, start + 1) } })
    return undefined
  }

  private toMapping(pairs: readonly Pair[], flow: boolean, span: Span, depth: number): Mapping {
    const kept = new Set<Entry>()
    const named = new Map<string, Entry[]>()
    const add = (name: string, entry: Entry) => {
      kept.add(entry)
      named.get(name)?.push(entry) ?? named.set(name, [entry])
    }
    const drop = (name: string) => {
      for (const entry of named.get(name) ?? []) kept.delete(entry)
      named.delete(name)
    }
    const written = new Set<string>()
    const merged = new Set<string>()
    const note = (name: string, { text, span }: Scalar) => {
      if (written.has(name)) this.problems.push({ code: 'DUPLICATE_KEY', detail: text, span })
      written.add(name)
    }
    for (const { key, value } of pairs) {
      const keyNode = this.keyOf(key, spanOf(value ?? key))
      const valueNode = blankless(this.convertValue(value, depth + 1))
      if (!keyNode) continue
      if (keyNode.text === '<<' && !keyNode.quoted) {
        const sources = this.mergedFrom(valueNode, keyNode)
        // The reader goes through a map in order: what is merged replaces what stands above it, and is replaced by what stands below.
        for (const [name, entry] of sources) {
          drop(name)
          add(name, { ...entry })
          note(name, { ...entry.key, span: keyNode.span })
          merged.add(name)
        }
        continue
      }
      const name = nameOf(keyNode)
      note(name, keyNode)
      if (merged.delete(name)) drop(name)
      const end = valueNode ? Math.max(valueNode.span.end, keyNode.span.end) : keyNode.span.end
      add(name, { key: keyNode, span: { start: keyNode.span.start, end }, ...(valueNode ? { value: valueNode } : {}) })
    }
    return { kind: 'mapping', entries: [...kept], flow, span }
  }

  /** Of several sources the first that has a key gives it. */
  private mergedFrom(value: Node | undefined, { text, span }: Scalar): ReadonlyMap<string, Entry> {
    const sources = value?.kind === 'sequence' ? value.items : [value]
    if (sources.some(source => source?.kind !== 'mapping')) this.problems.push({ code: 'BAD_MERGE', detail: text, span })
    const entries = sources.flatMap(source => (source?.kind === 'mapping' ? source.entries : []))
    return new Map(entries.toReversed().map(each => [nameOf(each.key), each]))
  }
}

/** By what the reader compares keys: `yes` and `true` are one, `1` and `"1"` are not. */
function nameOf({ value }: Scalar): string {
  return `${typeof value} ${value}`
}

/** Nothing written (`key:`, a lone dash) is no node at all. */
function blankless(node: Node | undefined): Node | undefined {
  return node?.kind === 'scalar' && node.value === null && node.text === '' ? undefined : node
}

function spanOf(node: unknown): Span {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
}
