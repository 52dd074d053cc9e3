// A table of the page: a header for every column that has something, and nothing where there is no row. Pure.
import { html } from '../../text.ts'

/** A cell of plain text, or one of several lines; `markup` is finished. */
export type Cell = string | readonly string[] | { readonly markup: string }

/** A gateway of a large mesh has thousands of routes; the text twin tells all of them. */
const mostRows = 300

export function table(caption: string, headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return ''
  const filled = headers.flatMap((header, at) => (rows.some(row => !isEmpty(row[at])) ? [{ header, at }] : []))
  const head = filled.map(({ header }) => `<th scope="col">${html(header)}</th>`).join('')
  const body = rows.slice(0, mostRows).map(row => `<tr>${filled.map(({ at }) => `<td>${cell(row[at] ?? '')}</td>`).join('')}</tr>`)
  return `<div class="wide" tabindex="0" role="region" aria-label="${html(caption)}"><table><thead><tr>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table></div>${rest(rows.length - mostRows)}`
}

function rest(number: number): string {
  return number > 0 ? `<p class="quiet">${number} more: see them as text.</p>` : ''
}

function isEmpty(content: Cell | undefined): boolean {
  return content === undefined || content === '' || (Array.isArray(content) && content.length === 0)
}

function cell(content: Cell): string {
  if (typeof content === 'string') return breakable(content)
  if ('markup' in content) return content.markup
  const [only = '', ...others] = content
  return others.length === 0 ? breakable(only) : `<ul>${content.map(each => `<li>${breakable(each)}</li>`).join('')}</ul>`
}

/** Names of hosts, secrets and clusters may break behind their separators. */
function breakable(text: string): string {
  return text
    .split(/(?<=[./|:;_,-])/)
    .map(html)
    .join('<wbr>')
}
