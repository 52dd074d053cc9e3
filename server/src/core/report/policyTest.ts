// The run of policy tests in words: one case a line, why it failed below it, then what the rules did.
import { harmless } from '../certificate/harmless.ts'
import type { RuleCoverage } from '../policytest/coverage.ts'
import type { CaseResult } from '../policytest/run.ts'
import { headline, paint, stepLines, type Words } from './authorize.ts'
import { count } from './words.ts'

export interface ReportedCase {
  /** `tests/pay.istio-test.yaml:12` */
  readonly place: string
  readonly result: CaseResult
}

export interface PolicyTestWords extends Words {
  /** Absent: not asked for. */
  readonly coverage?: readonly RuleCoverage[]
  readonly files: number
  readonly seconds: number
}

export function policyTestText(cases: readonly ReportedCase[], words: PolicyTestWords): string {
  const width = Math.max(0, ...cases.map(({ place }) => harmless(place).length))
  const lines = cases.flatMap(each => caseLines(each, width, words))
  const coverage = words.coverage ? ['', ...coverageLines(words.coverage)] : []
  return `${[...lines, ...coverage, closing(cases, words)].join('\n')}\n`
}

const colors = { passed: 32, failed: 31, skipped: 33 } as const

function caseLines({ place, result }: ReportedCase, width: number, words: PolicyTestWords): readonly string[] {
  const { outcome, reason, decision, testCase } = result
  const head = `${harmless(place).padEnd(width)}  ${paint(outcome.padEnd(7), colors[outcome], words.color)}  ${harmless(testCase.name)}`
  if (outcome === 'passed') return [head]
  const indent = ' '.repeat(width + 11)
  const more = decision === undefined ? [] : decision.by ? [headline(decision, words)] : stepLines(decision.steps, words)
  return [head, `${indent}${harmless(reason)}`, ...more.map(line => `${indent}${line}`)]
}

function coverageLines(rules: readonly RuleCoverage[]): readonly string[] {
  const covered = rules.filter(each => each.decided > 0).length
  const width = Math.max(0, ...rules.map(({ decided }) => `${decided}`.length))
  return [
    `${covered} of ${count(rules.length, 'rule')} ${covered === 1 ? 'decides' : 'decide'} a case.`,
    ...rules.map(({ policy, rule, decided }) => `  ${`${decided}`.padStart(width)}  ${harmless(policy)} rule ${rule}`),
  ]
}

function closing(cases: readonly ReportedCase[], { files, seconds }: PolicyTestWords): string {
  const outcomes = (['passed', 'failed', 'skipped'] as const).flatMap(outcome => {
    const number = cases.filter(({ result }) => result.outcome === outcome).length
    return number > 0 ? [`${number} ${outcome}`] : []
  })
  return `${outcomes.join(', ') || 'No cases'} in ${count(files, 'file')} (${seconds.toFixed(1)} s).`
}
