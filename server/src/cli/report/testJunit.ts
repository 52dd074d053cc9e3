// `test --format junit`: a suite for each file, as CI systems read it.
import { type CaseOfFile, countOf } from '../testRun.ts'

export function testJunit(cases: readonly CaseOfFile[]): string {
  const files = [...new Set(cases.map(({ file }) => file))]
  const suites = files.map(file =>
    suite(
      file.path,
      cases.filter(each => each.file === file),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="istio-security test" ${counts(cases)}>\n${suites.join('')}</testsuites>\n`
}

function suite(name: string, cases: readonly CaseOfFile[]): string {
  return `  <testsuite name="${escaped(name)}" ${counts(cases)}>\n${cases.map(testcase).join('')}  </testsuite>\n`
}

function counts(cases: readonly CaseOfFile[]): string {
  return `tests="${cases.length}" failures="${countOf(cases, 'failed')}" errors="0" skipped="${countOf(cases, 'skipped')}"`
}

function testcase({ file, result: { testCase, outcome, reason } }: CaseOfFile): string {
  const line = file.lines.position(testCase.span.start).line + 1
  const head = `    <testcase classname="${escaped(file.path)}" name="${escaped(testCase.name)}" file="${escaped(file.path)}" line="${line}"`
  if (outcome === 'passed') return `${head}/>\n`
  const element = outcome === 'failed' ? 'failure' : 'skipped'
  return `${head}>\n      <${element} message="${escaped(reason)}"/>\n    </testcase>\n`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** What XML 1.0 has no way to write is left out. */
function escaped(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '').replaceAll(/[&<>"']|[\t\n\r]/g, character => {
    return entities[character] ?? `&#${character.charCodeAt(0)};`
  })
}
