// `test --format json`: the shape others script against (README).
import type { RuleCoverage } from '../../core/policytest/coverage.ts'
import type { Locate } from '../../core/report/decisionReport.ts'
import { caseReport, policyTestReport } from '../../core/report/policyTestReport.ts'
import type { CaseOfFile } from '../testRun.ts'

export function testJson(cases: readonly CaseOfFile[], coverage: readonly RuleCoverage[], locate: Locate): string {
  const report = policyTestReport(
    cases.map(({ file, result }) =>
      caseReport(result, { file: file.path, line: file.lines.position(result.testCase.span.start).line }, locate),
    ),
    coverage,
  )
  return `${JSON.stringify(report, null, 2)}\n`
}
