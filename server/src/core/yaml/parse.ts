// The seam around the YAML library: text in, trees with places and problems out. Never throws.
import { Composer, type Document as LibraryDocument, Parser } from 'yaml'
import { Converter } from './convert.ts'
import { withoutFlowLines } from './flow.ts'
import { lineStartOf } from './lines.ts'
import { tooLong, type YamlProblem } from './problem.ts'
import { refusedText } from './refused.ts'
import { hasTemplates, withoutTemplates } from './template.ts'
import type { Node, Span } from './tree.ts'

export interface YamlDocument {
  /** Counts the documents of the file that hold more than comments and blanks. */
  readonly index: number
  readonly span: Span
  readonly root?: Node
  readonly problems: readonly YamlProblem[]
  /** Holds expressions of a template language: nothing is concluded from what is missing or looks wrong. */
  readonly templated: boolean
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
  return content.test(text)
}

/** Ends with the first character that is neither a marker, a directive, a comment nor a blank. */
const content = /^(?!---(?:[ \t\r]|$)|\.\.\.(?:[ \t\r]|$)|%)[ \t\ufeff]*[^\s#]|^---[ \t]+[^\s#]/m

function parseChunk(text: string, longest: number): readonly Chunk[] {
  const templated = hasTemplates(text)
  if (text.length > longest) return [unread(text, tooLong, `longer than ${longest} characters`, templated)]
  try {
    const chunks = read(text, templated)
    const refused = templated ? [] : refusedText(text, chunks.every(isSound))
    return chunks.map((chunk, index) => (index === 0 ? { ...chunk, problems: [...refused, ...chunk.problems] } : chunk))
  } catch (error) {
    // The library throws on input it was not made for (nesting beyond the stack): a problem of the text, not of the product.
    const detail = error instanceof Error ? error.message : String(error)
    return [unread(text, 'UNREADABLE', detail, templated)]
  }
}

/** A document without a tree. Its first words stand for all of it. */
function unread(text: string, code: string, detail: string, templated: boolean): Chunk {
  const { index = 0, 0: before = '' } = content.exec(text) ?? {}
  const start = Math.max(index + before.length - 1, 0)
  const [words = ''] = /^.{0,100}/.exec(text.slice(start, start + 100)) ?? []
  const span = { start, end: start + Math.max(words.trimEnd().length, 1) }
  return { span: { start: 0, end: text.length }, problems: [{ code, detail, span }], templated }
}

function read(text: string, templated: boolean): readonly Chunk[] {
  const chunks = compose(templated ? withoutTemplates(text) : text, text, templated)
  if (templated || chunks.every(isSound)) return chunks
  const joined = withoutFlowLines(text)
  const joinedChunks = joined === text ? [] : compose(joined, text, false)
  return joinedChunks.length > 0 && joinedChunks.every(isSound) ? joinedChunks : chunks
}

/** `readable` is what the library reads in place of the text, character by character. */
function compose(readable: string, text: string, templated: boolean): readonly Chunk[] {
  const composer = new Composer({
    version: '1.1',
    // Scalars are read as Kubernetes reads them, which the library does not.
    schema: 'failsafe',
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
    keepSourceTokens: false,
    logLevel: 'silent',
  })
  const documents = composer.compose(new Parser().parse(readable), true, text.length)
  return [...documents]
    .map(document => toChunk(document, templated || breaksAtPlaceholder(text, document), text))
    .filter(chunk => chunk.root || chunk.problems.length > 0)
}

function isSound({ problems }: Chunk): boolean {
  return problems.every(({ code }) => code === 'DUPLICATE_KEY')
}

/** Text that stops being YAML where a value is still to be filled in (`{ target: ${host} }`) is read by something else first. */
function breaksAtPlaceholder(text: string, { errors: [first] }: LibraryDocument.Parsed): boolean {
  if (!first) return false
  const lineStart = lineStartOf(text, first.pos[0])
  return text.slice(lineStart, first.pos[0] + 1).includes('${')
}

function toChunk(document: LibraryDocument.Parsed, templated: boolean, text: string): Chunk {
  const problems: YamlProblem[] = document.errors.map(error => ({
    code: error.code,
    detail: error.message,
    span: { start: error.pos[0], end: error.pos[1] },
  }))
  const root = document.contents === null ? undefined : new Converter(problems, text, templated).convert(document.contents, 0)
  // A flow collection that never closes counts its missing bracket.
  const span = { start: document.range[0], end: Math.min(document.range[2], text.length) }
  const empty = root === undefined || (root.kind === 'scalar' && root.value === null && root.text === '')
  const visible = problems.map(problem => ({ ...problem, span: visibly(problem.span, text) }))
  return { span, problems: visible, templated, ...(empty ? {} : { root }) }
}

/** What is missing at the end of the text is told at its last character. */
function visibly({ start, end }: Span, text: string): Span {
  if (start < end && end <= text.length) return { start, end }
  const last = Math.max(text.trimEnd().length - 1, 0)
  const from = Math.min(start, last)
  return { start: from, end: from + 1 }
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
