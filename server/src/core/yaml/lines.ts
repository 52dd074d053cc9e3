// Offsets to lines and back, in the UTF-16 units of the language server protocol.
import type { Span } from './tree.ts'

export interface Position {
  /** Zero-based. */
  readonly line: number
  /** Zero-based, UTF-16 code units. */
  readonly character: number
}

export interface Range {
  readonly start: Position
  readonly end: Position
}

/** Where the line of an offset begins. */
export function lineStartOf(text: string, offset: number): number {
  // `lastIndexOf` takes a negative place for 0, where a line break may stand.
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}

export class Lines {
  readonly text: string
  private readonly starts: readonly number[]

  constructor(text: string) {
    this.text = text
    const starts = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.starts = starts
  }

  get count(): number {
    return this.starts.length
  }

  /** Offsets outside the text answer with its start or end. */
  position(offset: number): Position {
    const inside = Math.min(Math.max(offset, 0), this.text.length)
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] ?? 0) <= inside) low = middle
      else high = middle - 1
    }
    return { line: low, character: inside - (this.starts[low] ?? 0) }
  }

  /** A character beyond its line means the end of that line, a line beyond the text the end of the text. */
  offset(position: Position): number {
    const start = this.starts[position.line]
    if (start === undefined) return this.text.length
    const next = this.starts[position.line + 1]
    if (next === undefined) return Math.min(start + position.character, this.text.length)
    const lineBreak = this.text[next - 2] === '\r' ? 2 : 1
    return Math.min(start + position.character, Math.max(next - lineBreak, start))
  }

  range(span: Span): Range {
    return { start: this.position(span.start), end: this.position(span.end) }
  }

  /** A line without its line break; `''` beyond the end. */
  line(line: number): string {
    const start = this.starts[line]
    if (start === undefined) return ''
    return this.text.slice(start, this.starts[line + 1] ?? this.text.length).replace(/\r?\n$/, '')
  }
}
