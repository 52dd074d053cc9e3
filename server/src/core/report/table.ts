// Columns for a terminal. Colour is left to whoever prints: it would count as width.
import { wrap } from './words.ts'

const gap = 2

/** Lines of aligned columns; the last one is broken where the line would be longer than `width`. */
export function columns(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): readonly string[] {
  const last = Math.max(0, ...rows.map(row => row.length)) - 1
  const widths = Array.from({ length: last }, (_, column) => Math.max(0, ...rows.map(row => (row[column] ?? '').length)) + gap)
  const indent = widths.reduce((sum, each) => sum + each, 0)
  return rows.flatMap(row => {
    const head = widths.map((each, column) => (row[column] ?? '').padEnd(each)).join('')
    const [first = '', ...more] = wrap(row[last] ?? '', width - indent)
    return [`${head}${first}`.trimEnd(), ...more.map(line => `${' '.repeat(indent)}${line}`)]
  })
}
