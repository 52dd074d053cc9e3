// Where am I? From an offset to the path and the node under it, also in text that is half typed.
import { lineStartOf } from './lines.ts'
import { parseYaml } from './parse.ts'
import type { Entry, Node, Path, Span } from './tree.ts'

export interface Place {
  readonly path: Path
  /** The scalar or collection under the offset; for a key, the value behind it. */
  readonly node: Node | undefined
  /** The offset is on a key rather than on a value. */
  readonly onKey: boolean
  /** Of the key or the scalar under the offset. */
  readonly span: Span
}

/** The innermost key or value at an offset. Undefined between things. */
export function placeAt(root: Node | undefined, offset: number): Place | undefined {
  return search(root, offset, [])
}

function search(node: Node | undefined, offset: number, path: Path): Place | undefined {
  if (!node || !within(node.span, offset)) return undefined
  if (node.kind === 'scalar') return { path, node, onKey: false, span: node.span }
  if (node.kind === 'sequence') {
    const index = indexAt(node.items, offset)
    return search(node.items[index], offset, [...path, index])
  }
  const found = node.entries[indexAt(node.entries, offset)]
  return found && searchEntry(found, offset, path)
}

type Children = readonly ({ readonly span: Span } | undefined)[]

/** Of the first child at an offset, or -1. Long lists are asked once for every finding in them. */
function indexAt(children: Children, offset: number): number {
  if (!standInOrder(children)) return children.findIndex(each => each !== undefined && within(each.span, offset))
  let low = 0
  let high = children.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((children[middle]?.span.end ?? 0) < offset) low = middle + 1
    else high = middle
  }
  const found = children[low]
  return found && within(found.span, offset) ? low : -1
}

/** What is merged into a map stands elsewhere. */
function standInOrder(children: Children): boolean {
  if (children.length < 20) return false
  const known = ordered.get(children) ?? children.every((each, index) => each && each.span.start >= (children[index - 1]?.span.end ?? 0))
  ordered.set(children, known)
  return known
}

const ordered = new WeakMap<Children, boolean>()

function searchEntry({ key, value }: Entry, offset: number, path: Path): Place | undefined {
  const here = [...path, key.text]
  if (within(key.span, offset)) return { path: here, node: value, onKey: true, span: key.span }
  return search(value, offset, here)
}

function within(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end
}

/** The path of the innermost node that starts at or spans this offset: what `path` of a finding says. */
export function pathOf(root: Node | undefined, span: Span): Path {
  return placeAt(root, span.start)?.path ?? []
}

export interface Slot {
  /** Path of what is being typed: of the map for a key, of the value for a value. */
  readonly path: Path
  readonly expects: 'key' | 'value'
  /** What is replaced when a completion is accepted. */
  readonly span: Span
  /** What stands there already, quotes removed. */
  readonly typed: string
  readonly quote: '"' | "'" | ''
  /** A key with this path exists and this is what its map holds, for keys not to be offered twice. */
  readonly siblings: readonly string[]
  /** The document as it would be, with the marker in it. */
  readonly root: Node | undefined
}

/** Stands for what is not typed yet: a letter of no alphabet, so it cannot occur in the text. */
const marker = '\u{F0000}'

/**
 * What could be typed at an offset. Puts a marker there, parses the text as it would be, and looks where the marker landed:
 * so it holds for block and flow style, JSON, empty values and broken text alike.
 */
export function slotAt(text: string, offset: number): Slot | undefined {
  const lineStart = lineStartOf(text, offset)
  if (endsInComment(text.slice(lineStart, offset))) return undefined
  const document = documentAround(text, offset)
  const found = markedAt(text, document, offset, marker)
  // A word above other keys swallows the first of them; as a key of its own it leaves them alone.
  return found?.swallows ? (markedAt(text, document, offset, `${marker}:`) ?? found).slot : found?.slot
}

/** A "#" begins a comment after a blank, and not inside quotes. */
function endsInComment(line: string): boolean {
  const unquoted = line.replace(/(?<=^|[\s[{,:])(?:"(?:[^"\\]|\\.)*"|'[^']*')/g, '')
  const hash = /(?:^|\s)#/.exec(unquoted)
  return hash !== null && !/(?:^|[\s[{,:])["']/.test(unquoted.slice(0, hash.index))
}

function markedAt(
  text: string,
  document: Span,
  offset: number,
  inserted: string,
): { readonly slot: Slot; readonly swallows: boolean } | undefined {
  const at = offset - document.start
  const source = text.slice(document.start, document.end)
  const marked = source.slice(0, at) + inserted + source.slice(at)
  for (const { root } of parseYaml(marked)) {
    const found = root && findMarker(root, [], [])
    if (!found) continue
    const { scalar, path, expects, siblings } = found
    const opening = marked[scalar.span.start]
    const quote = opening === '"' || opening === "'" ? opening : ''
    // The typed word ends with its line: in half-typed text a plain scalar may swallow the lines that follow.
    const lineEnd = marked.slice(at).search(/\r?\n|$/) + at
    const end = Math.max(Math.min(scalar.span.end, lineEnd) - marker.length, at)
    const span = { start: Math.min(document.start + scalar.span.start, offset), end: Math.min(document.start + end, text.length) }
    const typed = scalar.text.split(marker)[0] ?? ''
    return {
      slot: { path, expects, span, typed, quote, siblings: siblings.filter(key => !key.includes(marker)), root },
      swallows: scalar.span.end > lineEnd && quote === '',
    }
  }
  return undefined
}

/** The text between the markers around an offset. */
export function documentAround(text: string, offset: number): Span {
  let start = 0
  for (const { index } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    if (index > offset) return { start, end: index }
    start = index
  }
  return { start, end: text.length }
}

interface Marked {
  readonly scalar: { readonly text: string; readonly span: Span }
  readonly path: Path
  readonly expects: 'key' | 'value'
  readonly siblings: readonly string[]
}

function findMarker(node: Node, path: Path, siblings: readonly string[]): Marked | undefined {
  if (node.kind === 'scalar') return node.text.includes(marker) ? { scalar: node, path, expects: 'value', siblings } : undefined
  if (node.kind === 'sequence') {
    for (const [index, item] of node.items.entries()) {
      const found = item && findMarker(item, [...path, index], [])
      if (found) return found
    }
    return undefined
  }
  const keys = node.entries.map(each => each.key.text)
  for (const { key, value } of node.entries) {
    if (key.text.includes(marker)) return { scalar: key, path, expects: 'key', siblings: keys }
    const found = value && findMarker(value, [...path, key.text], [])
    if (found) return found
  }
  return undefined
}
