// Running a policy test from where it is written: a case, and above the first one all of them.
import type { CodeLens } from 'vscode-languageserver-types'
import type { SourceFile } from '../istio/file.ts'
import { type CaseOfTest, casesIn } from '../policytest/file.ts'

/** `more`: arguments of the command besides those that name the cases. What cannot be run has a squiggle instead. */
export function policyTestLenses(file: SourceFile, more: Readonly<Record<string, unknown>> = {}): CodeLens[] {
  const cases = casesIn(file)
  return cases
    .filter(({ testCase }) => testCase.is === 'ready')
    .flatMap((each, index) => {
      const position = file.lines.position(each.testCase.span.start)
      const lens = (title: string, of: readonly CaseOfTest[]): CodeLens => ({
        range: { start: position, end: position },
        command: { title, command: 'istioSecurity.runPolicyTests', arguments: [{ uri: file.uri, cases: of.map(({ id }) => id), ...more }] },
      })
      const all = index === 0 && cases.length > 1 ? [lens(`▷ Run all ${cases.length} cases`, cases)] : []
      return [lens('▷ Run case', [each]), ...all]
    })
}
