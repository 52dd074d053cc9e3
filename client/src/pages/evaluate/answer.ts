// What the server decided as the form shows it. Pure.
import type { EvaluateResult, Evaluation, StepReport } from '../../../../server/src/protocol.ts'
import { visible } from '../../text.ts'
import type { ShownAnswer, ShownRule } from './messages.ts'

export function shownAnswer(result: EvaluateResult): ShownAnswer {
  if ('problem' in result) return problemAnswer(result.problem)
  const { decision, status, reason, steps, asFarAsKnown } = result
  const decider = deciderOf(result)
  const others = steps.flatMap((step, index) =>
    index === decider ? [] : [{ ...shownRule(step, index), action: step.action, matched: matches[step.matched], because: becauseOf(step) }],
  )
  return {
    tone: decision,
    verdict: verdictOf(decision, status),
    ...(result.by ? { by: shownRule(steps[decider] ?? result.by, decider) } : {}),
    reason: visible(asFarAsKnown ? `${reason} ${likely(asFarAsKnown)}` : reason),
    others,
    decided: true,
  }
}

export function problemAnswer(problem: string): ShownAnswer {
  return { tone: 'problem', verdict: 'Not evaluated', reason: visible(problem), others: [], decided: false }
}

const verdicts: Readonly<Record<Evaluation['decision'], string>> = { allow: 'Allowed', deny: 'Denied', unknown: 'Not known' }
const matches: Readonly<Record<StepReport['matched'], string>> = { yes: 'matches', no: 'no match', unknown: 'not known' }

function verdictOf(decision: Evaluation['decision'], status: number | null): string {
  return status === null || status === 200 ? verdicts[decision] : `${verdicts[decision]} (${status})`
}

function likely({ decision, status, by }: NonNullable<Evaluation['asFarAsKnown']>): string {
  const rule = by && (by.published ?? (by.rule === null ? by.policy : `${by.policy} rule ${by.rule}`))
  return `As far as the known objects say: ${verdictOf(decision, status)}${rule ? ` by ${rule}` : ''}.`
}

/** Which of the steps decided; -1 where none of them did. */
export function deciderOf({ by, steps }: Evaluation): number {
  return steps.findIndex(step => by !== null && step.policy === by.policy && step.published === by.published && step.rule === by.rule)
}

export function becauseOf({ because, dryRun }: StepReport): string {
  return visible(dryRun ? `dry run: ${because}` : because)
}

type Named = Pick<Evaluation['steps'][number], 'policy' | 'published' | 'rule' | 'uri'>

function shownRule({ policy, published, rule, uri }: Named, step: number): ShownRule {
  const name = published ?? (rule === null ? (policy ?? '') : `${policy} rule ${rule}`)
  return { name: visible(name), ...(uri === undefined ? {} : { step }) }
}
