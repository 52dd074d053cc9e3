// A decision as data: the shape that scripts, editors and agents are given.
import type { Decider, Decision, Enforcer, Layer, Step } from '../decide/authorization/decision.ts'
import type { AuthorizationAction, AuthorizationPolicy } from '../istio/resources.ts'
import type { Range } from '../yaml/lines.ts'

export interface Location {
  /** As people are shown it. */
  readonly file: string
  readonly range: Range
}

/** Of one rule, or of the policy; undefined for what no file says. */
export type Locate = (policy: AuthorizationPolicy, rule: number | undefined) => Location | undefined

/** What a rule is called. */
export interface RuleName {
  /** `namespace/name`; null for what istiod itself publishes. */
  readonly policy: string | null
  readonly published?: string
  readonly rule: number | null
}

export interface DeciderReport extends RuleName {
  readonly action: AuthorizationAction
  readonly file: string | null
  readonly range: Range | null
}

export interface StepReport extends RuleName {
  readonly action: AuthorizationAction
  readonly matched: 'yes' | 'no' | 'unknown'
  readonly because: string
  readonly dryRun: boolean
}

export interface DecisionReport {
  readonly version: 1
  readonly decision: Decision['decision']
  readonly status: number | null
  readonly enforcer: Enforcer
  readonly layer: Layer
  /** Null where no rule decided. */
  readonly by: DeciderReport | null
  readonly reason: string
  /** Of `unknown`: what the known objects alone come to; null where the answer hangs on more than objects. */
  readonly asFarAsKnown?: BriefDecision | null
  readonly steps: readonly StepReport[]
}

export type BriefDecision = Pick<DecisionReport, 'decision' | 'status' | 'by' | 'reason'>

/** `likely`: what the known objects alone come to. */
export function decisionReport(decision: Decision, locate: Locate, likely?: Decision): DecisionReport {
  const { decision: verdict, status, enforcer, layer, reason, steps } = decision
  return {
    version: 1,
    decision: verdict,
    status: status ?? null,
    enforcer,
    layer,
    by: deciderReport(decision, locate),
    reason,
    ...(verdict === 'unknown' ? { asFarAsKnown: likely ? briefly(likely, locate) : null } : {}),
    steps: steps.map(step => ({
      ...nameOf(step),
      action: step.action,
      matched: step.matched,
      because: step.because,
      dryRun: step.dryRun,
    })),
  }
}

function briefly(decision: Decision, locate: Locate): BriefDecision {
  const { decision: verdict, status = null, reason } = decision
  return { decision: verdict, status, by: deciderReport(decision, locate), reason }
}

/** Null where no rule decided. */
export function deciderReport({ decision, by }: Decision, locate: Locate): DeciderReport | null {
  if (by === undefined) return null
  if ('published' in by) return { action: decision === 'deny' ? 'DENY' : 'ALLOW', ...nameOf(by), file: null, range: null }
  const { file = null, range = null } = locate(by.policy, by.rule) ?? {}
  return { action: by.policy.action, ...nameOf(by), file, range }
}

function nameOf(step: Decider | Step): RuleName {
  if ('published' in step) return { policy: null, published: step.published, rule: null }
  return { policy: `${step.policy.namespace}/${step.policy.name}`, rule: step.rule ?? null }
}
