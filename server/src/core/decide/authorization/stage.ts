// What one step on the way through the proxy does with a connection, and what all of them together do.
import type { Decision } from './decision.ts'
import type { Facts } from './facts.ts'
import type { RuleInForce } from './inForce.ts'
import type { Truth } from './truth.ts'

export type Stage =
  | { readonly is: 'passed'; readonly by?: RuleInForce; readonly because?: string }
  | {
      readonly is: 'refused'
      readonly layer: Decision['layer']
      readonly status: 401 | 403
      readonly by?: RuleInForce
      readonly because: string
    }
  /** `refusal`: the status it would be refused with, where that is known. */
  | { readonly is: 'unknown'; readonly missing: readonly string[]; readonly refusal?: 401 | 403 }

export const passed: Stage = { is: 'passed' }

/** A rule, and whether it matches: that is found out when it is first asked. */
export class Judged {
  readonly rule: RuleInForce
  private readonly facts: Facts
  private known: Truth | undefined

  constructor(rule: RuleInForce, facts: Facts) {
    this.rule = rule
    this.facts = facts
  }

  get truth(): Truth {
    this.known ??= this.rule.matches(this.facts)
    return this.known
  }
}

type Outcome = Pick<Decision, 'decision' | 'layer' | 'reason' | 'by' | 'status'>

/** One certain refusal is enough, whatever else is not known, and no later stage is reached; to be let in takes every stage. */
export function conclude(reached: readonly (() => Stage)[]): Outcome {
  const stages: Exclude<Stage, { is: 'refused' }>[] = []
  for (const reach of reached) {
    const stage = reach()
    if (stage.is === 'refused') {
      const isCertain = stages.every(before => before.is === 'passed' || before.refusal === stage.status)
      const { layer, because, status, by } = stage
      return { decision: 'deny', layer, reason: because, ...(isCertain ? { status } : {}), ...decider(by) }
    }
    stages.push(stage)
  }
  const missing = [...new Set(stages.flatMap(stage => (stage.is === 'unknown' ? stage.missing : [])))]
  if (missing.length > 0) return { decision: 'unknown', layer: 'none', reason: `Not known, and it decides: ${missing.join(', ')}.` }
  const last = stages.findLast(stage => stage.is === 'passed' && stage.because !== undefined)
  const because = last?.is === 'passed' ? last.because : undefined
  const by = last?.is === 'passed' ? last.by : undefined
  return { decision: 'allow', layer: by ? 'rbac' : 'none', status: 200, reason: because ?? 'No policy stands in its way.', ...decider(by) }
}

function decider(rule: RuleInForce | undefined): Pick<Decision, 'by'> {
  return rule?.rule === undefined ? {} : { by: { policy: rule.policy, rule: rule.rule } }
}

/** `AuthorizationPolicy shop/allow-frontend, rule 0`. */
export function nameOf({ policy, rule }: RuleInForce): string {
  return `AuthorizationPolicy ${policy.namespace}/${policy.name}, rule ${rule ?? 0}`
}

export function missingOf(judged: readonly Judged[]): readonly string[] {
  return [...new Set(judged.flatMap(({ truth }) => (truth.is === 'unknown' ? truth.missing : [])))]
}
