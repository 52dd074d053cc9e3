// `check` for people: one finding a paragraph, aligned, greppable, colour never the only carrier.
import { harmless } from '../../core/certificate/harmless.ts'
import { count, wrap } from '../../core/report/words.ts'
import type { Severity } from '../../core/rules/rule.ts'
import { type JudgedFile, summary } from '../judged.ts'

export interface TextOptions {
  readonly color: boolean
  readonly width?: number
  readonly fix: boolean
  readonly applied: number
  readonly seconds: number
}

const colors: Readonly<Record<Severity, number>> = { error: 31, warning: 33, info: 36, hint: 90 }

export function textReport(judged: readonly JudgedFile[], options: TextOptions): string {
  const rows = judged.flatMap(({ file, findings }) =>
    findings.map(finding => {
      const { line, character } = file.lines.position(finding.span.start)
      return { ...finding, place: harmless(`${file.path}:${line + 1}:${character + 1}`) }
    }),
  )
  const indent = Math.max(0, ...rows.map(row => row.place.length)) + 2 + 'warning'.length + 2
  const paint = (severity: Severity, text: string) => (options.color ? `\u001b[${colors[severity]}m${text}\u001b[0m` : text)
  const faint = (text: string) => (options.color ? `\u001b[2m${text}\u001b[0m` : text)
  const lines = rows.flatMap(row => {
    const head = `${row.place.padEnd(indent - 9)}${paint(row.severity, row.severity)}${' '.repeat(9 - row.severity.length)}`
    const [first = '', ...more] = wrap(harmless(row.message), (options.width ?? Number.POSITIVE_INFINITY) - indent)
    const about = [row.rule, ...(row.fixes.length > 0 ? ['fixable'] : [])].join(' · ')
    return [`${head}${first}`, ...more.map(text => `${' '.repeat(indent)}${text}`), `${' '.repeat(indent)}${faint(about)}`]
  })
  return `${[...lines, closing(judged, options)].join('\n')}\n`
}

function closing(judged: readonly JudgedFile[], { fix, applied, seconds }: TextOptions): string {
  const { files, documents, ...severities } = summary(judged)
  const found = Object.entries(severities).flatMap(([severity, number]) =>
    number > 0 ? [count(number, severity, severity === 'info' ? 'info' : `${severity}s`)] : [],
  )
  const fixable = judged.reduce((sum, each) => sum + each.findings.filter(finding => finding.fixes.length === 1).length, 0)
  const where = `${count(files, 'file')} (${count(documents, 'document')}, ${seconds.toFixed(1)} s)`
  const sentences = [
    files === 0 ? 'No YAML or JSON files here.' : `${found.length > 0 ? found.join(', ') : 'No findings'} in ${where}.`,
    ...(applied > 0 ? [`${count(applied, 'fix', 'fixes')} applied.`] : []),
    ...(!fix && fixable > 0 ? [`Run with --fix to apply ${count(fixable, 'fix', 'fixes')}.`] : []),
  ]
  return sentences.join(' ')
}
