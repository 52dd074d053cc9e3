// Edits as text: what changes, where. Everything around stays as it was written.
import type { Entry, Span } from './tree.ts'

export interface Edit {
  readonly span: Span
  readonly newText: string
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => b.span.start - a.span.start)
  return ordered.reduce((result, { span, newText }) => result.slice(0, span.start) + newText + result.slice(span.end), text)
}

/** Replaces a scalar and keeps the quotes it was written with. */
export function replaceScalar(text: string, span: Span, value: string): Edit {
  const written = text[span.start]
  if (written === '"') return { span, newText: JSON.stringify(value) }
  if (written === "'") return { span, newText: `'${value.replaceAll("'", "''")}'` }
  return { span, newText: plain(value) }
}

/** A value as a plain scalar where YAML reads it back as that string, else in double quotes. */
export function plain(value: string): string {
  const safe = /^[A-Za-z0-9_/.][A-Za-z0-9_/.*@:-]*$/.test(value) && !/^(?:[yn]|yes|no|on|off|true|false|null|~|[\d.+-][\d._eExXoO+-]*)$/i.test(value) && !/:(?:$|\s)/.test(value)
  return safe ? value : JSON.stringify(value)
}

/** The column in which a block key starts. */
export function columnOf(text: string, span: Span): number {
  return span.start - (text.lastIndexOf('\n', span.start - 1) + 1)
}

/** Text that, inserted at the end of the line an entry of a block map ends in, adds a sibling. */
export function afterEntry(text: string, sibling: Entry, key: string, value: string): Edit {
  const lineEnd = text.indexOf('\n', Math.max(sibling.span.end - 1, sibling.key.span.end))
  const at = lineEnd < 0 ? text.length : lineEnd
  return { span: { start: at, end: at }, newText: `\n${' '.repeat(columnOf(text, sibling.key.span))}${key}: ${value}` }
}
