// Questions about policies: would this be let in, who can call, who refused.
import type { WrittenCase, WrittenTarget } from '../core/policytest/writtenCase.ts'
import type { AccessReport, CallableReport } from '../core/report/accessReport.ts'
import type { DecisionReport, StepReport } from '../core/report/decisionReport.ts'
import type { ExplainReport } from '../core/report/explainReport.ts'
import type { Position, Range } from '../core/yaml/lines.ts'

/** The one argument of `istioSecurity.evaluate`, through `workspace/executeCommand`: would this request be let in, and by which rule? */
export interface EvaluateArguments {
  /** The open file in whose view of the world is decided; absent: that of the workspace. */
  readonly uri?: string
  /** Absent: a request that the rule below describes. */
  readonly case?: WrittenCase
  /** `rule` counts from 0. */
  readonly policy?: PolicyName
  readonly rule?: number
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

export interface PolicyName {
  readonly namespace: string
  readonly name: string
}

/** A case that cannot be decided about, because it is not whole or names what is not there, is answered with a problem. */
export type EvaluateResult = Evaluation | { readonly version: 1; readonly problem: string }

export interface Evaluation extends DecisionReport {
  readonly case: WrittenCase
  /** Where a file says them. */
  readonly steps: readonly (StepReport & Partial<RulePlace>)[]
  readonly text: string
  /** The command line that asks the same, from the workspace folder. */
  readonly command: string
}

/** Where a rule, or a policy without rules, is written. */
export interface RulePlace {
  readonly uri: string
  readonly range: Range
}

/** The one argument of `istioSecurity.whoCanCall`, through `workspace/executeCommand`: one of the fields says who is meant. */
export interface WhoCanCallArguments {
  /** The open file in whose view of the world is decided; absent: that of the workspace. */
  readonly uri?: string
  /** Who is called: `namespace/name`, with `:port`. */
  readonly to?: string
  /** Instead: what this workload can call. */
  readonly from?: string
  /** Each workload of the policy, or of the Service, or that runs as the account, is asked about. */
  readonly policy?: PolicyName
  readonly service?: PolicyName
  readonly serviceAccount?: PolicyName
  /** Of the cursor in the open file: what stands there is meant where nothing else is said. */
  readonly position?: Position
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

/** As `access --format json` reports, with its words; of several workloads a report for each. */
export type WhoCanCallResult =
  | (AccessReport & AccessWords)
  | (CallableReport & AccessWords)
  | ({ readonly version: 1; readonly accesses: readonly AccessReport[] } & AccessWords)
  | { readonly version: 1; readonly problem: string }

export interface AccessWords {
  /** `Who can call checkout`. */
  readonly title: string
  readonly text: string
}

/** The one argument of `istioSecurity.explainDenial`, through `workspace/executeCommand`: who refused what this text of a proxy tells of? */
export interface ExplainDenialArguments {
  /** Lines of a log, or the body of an answer; not longer than `longestToExplain`. */
  readonly text: string
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

export type ExplainDenialResult = DenialExplanation | { readonly version: 1; readonly problem: string }

/** As `explain --format json` reports, with what an editor needs besides. */
export interface DenialExplanation extends ExplainReport {
  readonly text: string
  /** Of the policies that the text names, in its order. */
  readonly places: readonly NamedPlace[]
}

export interface NamedPlace extends RulePlace {
  /** What a line of the text ends with: `policies/pay.yaml:14`. */
  readonly name: string
}

/** What somebody wants to evaluate: a policy or one of its rules, by its name or because the cursor stands in it. */
export interface EvaluationSubject extends Pick<EvaluateArguments, 'uri' | 'policy' | 'rule'> {
  /** Of the cursor in the open file; counts where no policy is named. */
  readonly position?: Position
}

/** What a request to evaluate can be made of. */
export interface EvaluationChoices {
  /** What was named, or stands at the cursor; absent: any workload is meant. */
  readonly policy?: PolicyName
  readonly rule?: number
  readonly callers: readonly CallerChoice[]
  /** Of the policy, where one is named; else every workload. */
  readonly targets: readonly WrittenTarget[]
  /** What the policy's rule describes. */
  readonly example?: WrittenCase
}

/** A workload that can call over mTLS. */
export interface CallerChoice {
  /** `namespace/name`. */
  readonly workload: string
  /** The SPIFFE ID without `spiffe://`. */
  readonly identity: string
}

/** A case as it is written into a policy test. */
export interface TestInsertion {
  readonly position: Position
  readonly text: string
}
