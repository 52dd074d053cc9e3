// Policy tests as a list of tests shows them, and their runs.
import type { RuleCoverage } from '../core/policytest/coverage.ts'
import type { CaseReport, PolicyTestReport } from '../core/report/policyTestReport.ts'
import type { Range } from '../core/yaml/lines.ts'
import type { RulePlace } from './decisions.ts'

/** A case of a policy test, as a list of tests shows it. */
export interface PolicyTestCase {
  /** Names it in its file. */
  readonly id: string
  readonly name: string
  readonly range: Range
  /** Why it cannot be run. */
  readonly problems: readonly { readonly message: string; readonly range: Range }[]
}

/** The one argument of `istioSecurity.runPolicyTests`, and the parameters of `RunPolicyTests`. */
export interface RunPolicyTestsArguments {
  /** A policy test, open or not. */
  readonly uri: string
  /** By their ids; absent: all. */
  readonly cases?: readonly string[]
  /** The place of each rule is wanted; else only of policies that decided. */
  readonly coverage?: boolean
  /** What comes out is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

/** As `test --format json` reports, with what an editor needs besides. */
export interface PolicyTestRun extends PolicyTestReport<PolicyTestOutcome, PlacedCoverage> {
  /** What the cases were run against, in words. */
  readonly worlds: readonly string[]
}

export type PolicyTestResult = PolicyTestRun | { readonly version: 1; readonly problem: string }

export interface PolicyTestOutcome extends CaseReport {
  readonly id: string
  /** Where the rule that decided is written; null where none did, or no file says it. */
  readonly place: RulePlace | null
}

export interface PlacedCoverage extends RuleCoverage {
  /** Null for a rule that no file says, and where it is not wanted. */
  readonly place: RulePlace | null
}
