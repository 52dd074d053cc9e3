// Columns for a terminal. Colour is left to whoever prints: it would count as width.
import { wrap } from './words.ts'

const gap = 2
/** A narrower column would be unreadable. */
const narrowest = 12
/** So much is left for the last column, if it needs that much. */
const roomForLast = 30

/**
 * Lines of aligned columns. Where a line would be longer than `width`, the last column is broken at blanks; where that is not enough, the widest
 * others are, in the middle of words too.
 */
export function columns(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): readonly string[] {
  const last = Math.max(0, ...rows.map(row => row.length)) - 1
  const natural = Array.from({ length: last }, (_, column) => widest(rows, column))
  const room = width - last * gap - Math.min(roomForLast, widest(rows, last))
  const widths = fitted(natural, room)
  const indent = widths.reduce((sum, each) => sum + each + gap, 0)
  const isNarrowed = widths.some((each, column) => each < (natural[column] ?? 0))
  const lastOf = (text: string) => (isNarrowed ? fold(text, Math.max(narrowest, width - indent)) : wrap(text, width - indent))
  return rows.flatMap(row => {
    const cells = [...widths.map((each, column) => fold(row[column] ?? '', each)), lastOf(row[last] ?? '')]
    return Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
      cells
        .map((cell, column) => (cell[line] ?? '').padEnd((widths[column] ?? 0) + gap))
        .join('')
        .trimEnd(),
    )
  })
}

function widest(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0)
}

/** What is too much is taken from the widest. */
function fitted(natural: readonly number[], room: number): readonly number[] {
  const sum = natural.reduce((total, each) => total + each, 0)
  if (sum <= room) return natural
  let limit = Math.max(narrowest, ...natural)
  const at = (most: number) => natural.map(each => Math.min(each, most))
  while (limit > narrowest && at(limit).reduce((total, each) => total + each, 0) > room) limit--
  return at(limit)
}

const signs = ['/', '.', '-', ','] as const

/** Lines of at most `width` columns, broken at a blank, else behind a sign between the parts of a name, else anywhere. */
function fold(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let from = 0
  while (text.length - from > width) {
    const piece = text.slice(from, from + width + 1)
    const blank = piece.lastIndexOf(' ')
    const sign = Math.max(...signs.map(each => piece.lastIndexOf(each, width - 1)))
    const end = blank > 0 ? blank : sign > 0 ? sign + 1 : width
    lines.push(piece.slice(0, end))
    from += blank > 0 ? blank + 1 : end
  }
  return [...lines, text.slice(from)]
}
