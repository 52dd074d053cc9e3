// A decision in words: the verdict in one line, then what each other rule says.
import { harmless } from '../certificate/harmless.ts'
import type { Decider, Decision, Step } from '../decide/authorization/decision.ts'
import type { AuthorizationPolicy } from '../istio/resources.ts'

/** Where a rule of a policy, or the policy itself, is written: `policies/pay.yaml:14`; undefined for what no file says. */
export type PlaceOf = (policy: AuthorizationPolicy, rule: number | undefined) => string | undefined

export interface Words {
  readonly placeOf: PlaceOf
  /** Colour repeats what words say. */
  readonly color: boolean
}

/** `likely`: of an unknown decision, what the known objects alone come to. */
export function decisionText(decision: Decision, words: Words, likely?: Decision): string {
  const others = decision.steps.filter(step => !decides(decision.by, step))
  const table = others.length > 0 ? ['', `${decision.by ? 'Other rules' : 'Rules'}:`, ...stepLines(others, words)] : []
  return `${[headline(decision, words), ...about(decision), ...asFarAsKnown(likely, words), ...table].join('\n')}\n`
}

/** `Denied (403) by shop/no-admin rule 2 · policies/pay.yaml:14` */
export function headline(decision: Decision, { placeOf, color }: Words): string {
  const { decision: verdict, status, by, reason } = decision
  const word = paint(status === undefined ? verdicts[verdict] : `${verdicts[verdict]} (${status})`, colors[verdict], color)
  if (by === undefined) return `${word}: ${harmless(reason)}`
  const place = 'published' in by ? undefined : placeOf(by.policy, by.rule)
  return [`${word} by ${harmless(deciderName(by))}`, ...(place === undefined ? [] : [harmless(place)])].join(' · ')
}

/** `shop/no-admin rule 2`, rules counted from 0 as Envoy does; `istio-system/istio_converted_static_strict`. */
export function deciderName(by: Decider): string {
  return stepName(by)
}

const verdicts = { allow: 'Allowed', deny: 'Denied', unknown: 'Unknown' } as const
const colors = { allow: 32, deny: 31, unknown: 33 } as const

function asFarAsKnown(likely: Decision | undefined, words: Words): readonly string[] {
  if (!likely) return []
  return [`  As far as the known objects say: ${headline(likely, words)}`, ...(likely.by ? [`  ${harmless(likely.reason)}`] : [])]
}

function about({ by, reason, enforcer }: Decision): readonly string[] {
  const decidedWhere = enforcer === 'none' ? [] : [`  Decided at the ${enforcer}.`]
  return by === undefined ? decidedWhere : [`  ${harmless(reason)}`, ...decidedWhere]
}

function decides(by: Decider | undefined, step: Step): boolean {
  if (by === undefined) return false
  if ('published' in by) return 'published' in step && step.published === by.published
  return 'policy' in step && step.policy === by.policy && step.rule === by.rule
}

const matches = { yes: 'matches', no: 'no match', unknown: 'unknown' } as const

export function stepLines(steps: readonly Step[], { color }: Words): readonly string[] {
  const width = Math.max(...steps.map(step => stepName(step).length))
  return steps.map(step => {
    const columns = [step.action.padEnd(6), harmless(stepName(step)).padEnd(width), matches[step.matched].padEnd(8)]
    const because = `${step.dryRun ? 'dry run: ' : ''}${harmless(step.because)}`
    return paint(`  ${columns.join('  ')}  ${because}`, 2, color && step.matched === 'no')
  })
}

function stepName(step: Decider | Step): string {
  if ('published' in step) return step.published
  const { policy, rule } = step
  return `${policy.namespace}/${policy.name}${rule === undefined ? '' : ` rule ${rule}`}`
}

export function paint(text: string, code: number, color: boolean): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text
}
