// A run of policy tests as data: the shape that scripts and editors are given.
import type { RuleCoverage } from '../policytest/coverage.ts'
import type { CaseResult } from '../policytest/run.ts'
import { type DeciderReport, deciderReport, type Locate } from './decisionReport.ts'

export interface CaseReport {
  /** As people are shown it. */
  readonly file: string
  readonly name: string
  /** Counted from 0. */
  readonly line: number
  readonly outcome: CaseResult['outcome']
  /** Null for a case that is not run. */
  readonly expected: 'allow' | 'deny' | null
  /** Null where nothing was asked. */
  readonly actual: 'allow' | 'deny' | 'unknown' | null
  readonly status: number | null
  readonly by: DeciderReport | null
  readonly reason: string
}

export interface PolicyTestReport<Case extends CaseReport = CaseReport, Coverage extends RuleCoverage = RuleCoverage> {
  readonly version: 1
  readonly summary: Readonly<Record<CaseResult['outcome'], number>>
  readonly cases: readonly Case[]
  readonly coverage: readonly Coverage[]
}

export function policyTestReport<Case extends CaseReport, Coverage extends RuleCoverage>(
  cases: readonly Case[],
  coverage: readonly Coverage[],
): PolicyTestReport<Case, Coverage> {
  const count = (outcome: CaseResult['outcome']) => cases.filter(each => each.outcome === outcome).length
  return { version: 1, summary: { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }, cases, coverage }
}

export function caseReport(
  { testCase, outcome, decision, reason }: CaseResult,
  { file, line }: Pick<CaseReport, 'file' | 'line'>,
  locate: Locate,
): CaseReport {
  return {
    file,
    name: testCase.name,
    line,
    outcome,
    expected: testCase.is === 'ready' ? testCase.expectation.decision : null,
    actual: decision?.decision ?? null,
    status: decision?.status ?? null,
    by: decision ? deciderReport(decision, locate) : null,
    reason,
  }
}
