// Edits as text: what changes, where. Everything around stays as it was written.
import { lineStartOf } from './lines.ts'
import type { Span } from './tree.ts'

export interface Edit {
  readonly span: Span
  readonly newText: string
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let kept = 0
  const pieces = edits
    .toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
    .map(({ span, newText }) => {
      const piece = text.slice(kept, span.start) + newText
      kept = span.end
      return piece
    })
  return pieces.join('') + text.slice(kept)
}

/** The same edit with the line ends of the text. */
export function withLineEndsOf(text: string, { span, newText }: Edit): Edit {
  return newText.includes('\n') && text.includes('\r\n') ? { span, newText: newText.replaceAll(/\r?\n/g, '\r\n') } : { span, newText }
}

/** Where the line of an offset ends, before its line break. */
export function lineEndOf(text: string, offset: number): number {
  const lineBreak = text.indexOf('\n', offset)
  if (lineBreak < 0) return text.length
  return text[lineBreak - 1] === '\r' && lineBreak > offset ? lineBreak - 1 : lineBreak
}

/** Replaces a scalar and keeps the quotes it was written with. */
export function replaceScalar(text: string, span: Span, value: string): Edit {
  const written = text[span.start]
  if (written === '"') return { span, newText: JSON.stringify(value) }
  if (written === "'") return { span, newText: singleQuoted(value) }
  return { span, newText: plain(value) }
}

/** In single quotes, which have no way to write a line break or a control character: those take double quotes. */
export function singleQuoted(value: string): string {
  return /[^\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`
}

const word = /^[A-Za-z0-9_/.][A-Za-z0-9_/.*@:-]*$/
const otherThanText = /^(?:[yn]|yes|no|on|off|true|false|null|\.inf|\.nan|[\d.][\da-f._:xobe+-]*)$/i

/** A value as a plain scalar where YAML reads it back as that string, else in double quotes. */
export function plain(value: string): string {
  return word.test(value) && !otherThanText.test(value) && !/:$|^\.\.\.$/.test(value) ? value : JSON.stringify(value)
}

/** The column in which a block key starts. */
export function columnOf(text: string, span: Span): number {
  return span.start - lineStartOf(text, span.start)
}

/** A line above a block key, in its column: it takes the place behind a dash. */
export function beforeKey(text: string, { start }: Span, line: string): Edit {
  return { span: { start, end: start }, newText: `${line}\n${' '.repeat(columnOf(text, { start, end: start }))}` }
}
