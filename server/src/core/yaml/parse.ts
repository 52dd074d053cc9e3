// The seam around the YAML library: text in, trees with places and problems out. Never throws.
import {
  Composer,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document as LibraryDocument,
  type Scalar as LibraryScalar,
  type Pair,
  Parser,
} from 'yaml'
import { lineStartOf } from './lines.ts'
import { type Entry, entry, type Mapping, type Node, type Scalar, type Sequence, type Span } from './tree.ts'

export interface YamlDocument {
  /** Counts the documents of the file that hold more than comments and blanks. */
  readonly index: number
  readonly span: Span
  readonly root?: Node
  readonly problems: readonly YamlProblem[]
  /** Holds expressions of a template language: nothing is concluded from what is missing or looks wrong. */
  readonly templated: boolean
}

export interface YamlProblem {
  /** The library's code for a syntax error, `DUPLICATE_KEY` for a repeated key. */
  readonly code: string
  readonly detail: string
  readonly span: Span
}

/** The documents of one file by their text, so that an edit parses only the document it is in. Belongs to whoever parses that file again. */
export type ParseCache = Map<string, readonly Chunk[]>

interface Chunk {
  readonly span: Span
  readonly root?: Node
  readonly problems: readonly YamlProblem[]
  readonly templated: boolean
}

/** Characters of a document in an editor: nothing a person edits is longer, and reading it would hold up everything else. */
const longestDocument = 1_000_000
const deepest = 100
const mostRepeated = 100_000
const templateMarks = /\{\{|\{%|\(\(|<%|\{\{<|^\s*#@|^\s*%\{/m

/** Reads every document of a file (YAML, or JSON as its subset). A document longer than `longest` characters is kept without a tree. */
export function parseYaml(text: string, cache: ParseCache = new Map(), longest = longestDocument): readonly YamlDocument[] {
  const documents: YamlDocument[] = []
  const used = new Map<string, readonly Chunk[]>()
  for (const { start, end } of cut(text)) {
    const source = text.slice(start, end)
    const chunks = used.get(source) ?? cache.get(source) ?? parseChunk(source, longest)
    used.set(source, chunks)
    for (const chunk of chunks) documents.push({ index: documents.length, ...shifted(chunk, start) })
  }
  cache.clear()
  for (const [source, chunks] of used) cache.set(source, chunks)
  return documents
}

/** The spans between `---` lines. A marker in column 0 ends a document whatever stands before it, so no parse is needed. */
function* cut(text: string): Generator<Span> {
  let start = 0
  let seen = 0
  for (const { index } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    // Comments and directives before a marker belong to the document that follows.
    if (hasContent(text.slice(seen, index))) {
      yield { start, end: index }
      start = index
    }
    seen = index
  }
  if (hasContent(text.slice(seen))) yield { start, end: text.length }
}

function hasContent(text: string): boolean {
  return /^(?!---(?:[ \t\r]|$)|\.\.\.(?:[ \t\r]|$)|%)[ \t\ufeff]*[^\s#]|^---[ \t]+[^\s#]/m.test(text)
}

function parseChunk(text: string, longest: number): readonly Chunk[] {
  const templated = templateMarks.test(text)
  if (text.length > longest) return [{ span: { start: 0, end: text.length }, problems: [], templated }]
  try {
    const composer = new Composer({
      version: '1.1',
      merge: true,
      prettyErrors: false,
      strict: true,
      uniqueKeys: false,
      keepSourceTokens: false,
      logLevel: 'silent',
    })
    const chunks: Chunk[] = []
    const readable = templated ? withoutTemplates(text) : text
    for (const document of composer.compose(new Parser().parse(readable), true, text.length)) {
      chunks.push(toChunk(document, templated || breaksAtPlaceholder(text, document), text))
    }
    return chunks.filter(chunk => chunk.root || chunk.problems.length > 0)
  } catch (error) {
    // The library throws on input it was not made for (nesting beyond the stack): a problem of the text, not of the product.
    const detail = error instanceof Error ? error.message : String(error)
    return [{ span: { start: 0, end: text.length }, problems: [{ code: 'UNREADABLE', detail, span: { start: 0, end: 0 } }], templated }]
  }
}

/** Text that stops being YAML where a value is still to be filled in (`{ target: ${host} }`) is read by something else first. */
function breaksAtPlaceholder(text: string, { errors: [first] }: LibraryDocument.Parsed): boolean {
  if (!first) return false
  const lineStart = lineStartOf(text, first.pos[0])
  return text.slice(lineStart, first.pos[0] + 1).includes('${')
}

/** Lines of a template language blanked, expressions in values replaced by letters: what is certain around them can be read, in its place. */
function withoutTemplates(text: string): string {
  const expression = String.raw`\{\{(?:(?!\}\})[\s\S]){0,500}\}\}|\{%(?:(?!%\})[\s\S]){0,500}%\}|%\{[^\n}]{0,500}\}`
  const fill = (letter: string) => (match: string) => match.replaceAll(/[^\r\n]/g, letter)
  return text
    .replaceAll(new RegExp(`^[ \\t]*(?:${expression})[ \\t]*$`, 'gm'), fill(' '))
    .replaceAll(new RegExp(expression, 'g'), fill('x'))
}

function toChunk(document: LibraryDocument.Parsed, templated: boolean, text: string): Chunk {
  const problems: YamlProblem[] = document.errors.map(error => ({
    code: error.code,
    detail: error.message,
    span: { start: error.pos[0], end: Math.max(error.pos[1], error.pos[0] + 1) },
  }))
  const root = document.contents === null ? undefined : new Converter(problems, templated ? text : undefined).convert(document.contents, 0)
  const span = { start: document.range[0], end: document.range[2] }
  const empty = root === undefined || (root.kind === 'scalar' && root.value === null && root.text === '')
  return { span, problems, templated, ...(empty ? {} : { root }) }
}

/** Turns the library's nodes into ours. Each node is converted once; what aliases repeat is counted, since readers visit it again and again. */
class Converter {
  private readonly done = new Map<unknown, Node | undefined>()
  private readonly sizes = new Map<Node, number>()
  /** Anchored nodes met so far: an alias means the last one before it. The library would search the whole document for each. */
  private readonly anchors = new Map<string, unknown>()
  private readonly problems: YamlProblem[]
  /** The text as written, where something else was parsed in its place. */
  private readonly template: string | undefined
  private repeated = 0

  constructor(problems: YamlProblem[], template: string | undefined) {
    this.problems = problems
    this.template = template
  }

  convert(node: unknown, depth: number): Node | undefined {
    if (depth > deepest) return undefined
    if (this.done.has(node)) return this.done.get(node)
    // Entered before its children are read: an alias to its own parent finds nothing instead of going round for ever.
    this.done.set(node, undefined)
    this.noteAnchor(node)
    const converted = this.convertNew(node, depth)
    this.done.set(node, converted)
    return converted
  }

  private convertNew(node: unknown, depth: number): Node | undefined {
    if (isScalar(node)) return this.asWritten(toScalar(node))
    if (isMap(node)) return this.toMapping(node.items, !!node.flow, spanOf(node), depth)
    if (isSeq(node)) {
      const items = node.items.map(item =>
        isPair(item) ? this.toMapping([item], true, spanOf(item.key), depth + 1) : this.convert(item, depth + 1),
      )
      return { kind: 'sequence', items, flow: !!node.flow, span: spanOf(node) } satisfies Sequence
    }
    if (isAlias(node)) {
      const target = this.anchors.get(node.source)
      if (target === undefined) this.problems.push({ code: 'BAD_ALIAS', detail: `unknown anchor ${node.source}`, span: spanOf(node) })
      const converted = this.done.get(target)
      return converted && this.repeat(converted, spanOf(node))
    }
    return undefined
  }

  private asWritten(scalar: Scalar): Scalar {
    const written = this.template?.slice(scalar.span.start, scalar.span.end)
    if (written === undefined || !/\{\{|\{%|%\{/.test(written)) return scalar
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

  private keyOf(key: unknown): Scalar | undefined {
    const node = this.convert(key, 0)
    return node?.kind === 'scalar' ? node : undefined
  }

  private toMapping(pairs: readonly Pair[], flow: boolean, span: Span, depth: number): Mapping {
    const own: Entry[] = []
    const written = new Set<string>()
    const merged = new Map<string, Entry>()
    for (const { key, value } of pairs) {
      const keyNode = this.keyOf(key)
      const valueNode = blankless(this.convert(value, depth + 1))
      if (!keyNode) continue
      if (keyNode.text === '<<' && !keyNode.quoted) {
        const sources = valueNode?.kind === 'sequence' ? valueNode.items : [valueNode]
        for (const each of sources.flatMap(source => (source?.kind === 'mapping' ? source.entries : []))) {
          // Of several sources the first that has a key gives it.
          if (!merged.has(each.key.text)) merged.set(each.key.text, each)
        }
        continue
      }
      if (written.has(keyNode.text)) this.problems.push({ code: 'DUPLICATE_KEY', detail: keyNode.text, span: keyNode.span })
      written.add(keyNode.text)
      const end = valueNode ? Math.max(valueNode.span.end, keyNode.span.end) : keyNode.span.end
      own.push({ key: keyNode, span: { start: keyNode.span.start, end }, ...(valueNode ? { value: valueNode } : {}) })
    }
    // Written keys win over merged ones, and readers take the last of equal keys.
    return { kind: 'mapping', entries: [...[...merged.values()].filter(each => !written.has(each.key.text)), ...own], flow, span }
  }
}

/** Nothing written (`key:`, a lone dash) is no node at all. */
function blankless(node: Node | undefined): Node | undefined {
  return node?.kind === 'scalar' && node.value === null && node.text === '' ? undefined : node
}

function toScalar(node: LibraryScalar): Scalar {
  const quoted = node.type !== undefined && node.type !== 'PLAIN'
  const value = scalarValue(node)
  const text = typeof value === 'string' ? value : (node.source ?? String(value ?? ''))
  return { kind: 'scalar', value, text, quoted, span: spanOf(node) }
}

/** Kubernetes' reader has no dates and no numbers to the base of 60 (`12:30`): both stay text, as does the merge key `<<`. */
function scalarValue({ value, source = '' }: LibraryScalar): Scalar['value'] {
  if (typeof value === 'number') return source.includes(':') ? source : value
  return typeof value === 'string' || typeof value === 'boolean' || value === null ? value : source
}

function spanOf(node: unknown): Span {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
}

function shifted(chunk: Chunk, by: number): Chunk {
  if (by === 0) return chunk
  const shift = (span: Span): Span => ({ start: span.start + by, end: span.end + by })
  const moved = new Map<Node, Node>()
  const move = (node: Node): Node => {
    const known = moved.get(node)
    if (known) return known
    const result = moveNew(node)
    moved.set(node, result)
    return result
  }
  const moveNew = (node: Node): Node => {
    if (node.kind === 'scalar') return { ...node, span: shift(node.span) }
    if (node.kind === 'sequence') return { ...node, items: node.items.map(item => item && move(item)), span: shift(node.span) }
    const entries = node.entries.map(({ key, value, span }) => ({
      key: { ...key, span: shift(key.span) },
      span: shift(span),
      ...(value ? { value: move(value) } : {}),
    }))
    return { ...node, entries, span: shift(node.span) }
  }
  return {
    ...chunk,
    span: shift(chunk.span),
    problems: chunk.problems.map(problem => ({ ...problem, span: shift(problem.span) })),
    ...(chunk.root ? { root: move(chunk.root) } : {}),
  }
}

/** Whether the document is a Kubernetes object of any kind. */
export function isKubernetesObject(root: Node | undefined): boolean {
  return entry(root, 'apiVersion') !== undefined && entry(root, 'kind') !== undefined
}
