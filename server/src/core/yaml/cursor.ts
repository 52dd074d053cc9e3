// Where am I? From an offset to the path and the node under it, also in text that is half typed.
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
    for (const [index, item] of node.items.entries()) {
      const found = search(item, offset, [...path, index])
      if (found) return found
    }
    return undefined
  }
  for (const each of node.entries) {
    const found = searchEntry(each, offset, path)
    if (found) return found
  }
  return undefined
}

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
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const before = text.slice(lineStart, offset)
  if (/(^|\s)#/.test(before.replace(/"[^"]*"|'[^']*'/g, ''))) return undefined
  const document = documentAround(text, offset)
  const at = offset - document.start
  const source = text.slice(document.start, document.end)
  const marked = source.slice(0, at) + marker + source.slice(at)
  for (const { root } of parseYaml(marked)) {
    const found = root && findMarker(root, [], [])
    if (!found) continue
    const { scalar, path, expects, siblings } = found
    const opening = marked[scalar.span.start]
    const quote = opening === '"' || opening === "'" ? opening : ''
    // The typed word ends with its line: in half-typed text a plain scalar may swallow the lines that follow.
    const lineEnd = marked.indexOf('\n', at)
    const end = Math.max(Math.min(scalar.span.end, lineEnd < 0 ? marked.length : lineEnd) - marker.length, at)
    const span = { start: document.start + scalar.span.start, end: document.start + end }
    return { path, expects, span, typed: scalar.text.split(marker)[0] ?? '', quote, siblings, root }
  }
  return undefined
}

function documentAround(text: string, offset: number): Span {
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
