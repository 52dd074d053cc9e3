// The rules in force at one port, as far as they can be decided without asking who calls or what for.
import type { Decider } from '../authorization/decision.ts'
import type { Truth } from '../authorization/truth.ts'
import { type Condition, conditionsKey } from './condition.ts'
import { isPossible } from './satisfiable.ts'
import type { Named, Rule, Term } from './term.ts'

export interface Gate {
  readonly rules: readonly GateRule[]
  /** Whether an ALLOW policy is in force, so that whoever no rule allows is refused; or why that is not certain. */
  readonly closed: boolean | { readonly missing: readonly string[] }
  /** Policies that nobody has seen. */
  readonly missing: readonly string[]
}

export interface GateRule {
  readonly effect: 'allow' | 'deny' | { readonly ask: string }
  readonly by: Decider
  /** Any of them is enough for the rule to match. */
  readonly matches: readonly Match[]
}

/** All of it must hold. */
export interface Match {
  /** What the identity of the caller decides. */
  readonly identity: readonly IdentityCondition[]
  /** What the request or connection decides. */
  readonly when: readonly Condition[]
  /** What the world does not say: `what ${TEAM} stands for`. */
  readonly missing: readonly string[]
}

export interface IdentityCondition {
  readonly condition: Condition
  readonly named: Named
}

export type Judgement =
  | { readonly is: 'yes' | 'no' }
  | { readonly is: 'open'; readonly when: Condition; readonly missing?: readonly string[] }
  | { readonly is: 'of identity'; readonly identity: IdentityCondition }
  | { readonly is: 'doubtful'; readonly missing: readonly string[] }

export function ofTruth(truth: Truth): Judgement {
  return truth.is === 'unknown' ? { is: 'doubtful', missing: truth.missing } : { is: truth.is }
}

const always: Match = { identity: [], when: [], missing: [] }

/** Every way in which the rule can match. */
export function matchesOf<Facts>(rule: Rule<Facts>, judge: (term: Term<Facts>) => Judgement): readonly Match[] {
  let all: readonly Match[] = [always]
  for (const clause of rule) {
    const entries = clause.flatMap(entry => matchOf(entry, judge) ?? [])
    if (!entries.some(isAlways)) all = all.flatMap(before => entries.map(entry => both(before, entry)))
  }
  return all.filter(({ when }) => when.length < 2 || isPossible(when))
}

function matchOf<Facts>(entry: readonly Term<Facts>[], judge: (term: Term<Facts>) => Judgement): Match | undefined {
  const identity: IdentityCondition[] = []
  const when: Condition[] = []
  const missing: string[] = []
  for (const term of entry) {
    const judgement = judge(term)
    if (judgement.is === 'no') return undefined
    if (judgement.is === 'of identity') identity.push(judgement.identity)
    if (judgement.is === 'open') when.push(judgement.when)
    if ('missing' in judgement) missing.push(...(judgement.missing ?? []))
  }
  return { identity, when, missing }
}

function isAlways({ identity, when, missing }: Match): boolean {
  return identity.length + when.length + missing.length === 0
}

function both(a: Match, b: Match): Match {
  if (isAlways(a)) return b
  const known = new Set(a.when.map(({ key }) => key))
  return {
    identity: [...a.identity, ...b.identity],
    when: [...a.when, ...b.when.filter(each => !known.has(each.key))],
    missing: [...a.missing, ...b.missing],
  }
}

/** The same text for what matches the same. */
export function matchKey({ identity, when, missing }: Match): string {
  return [conditionsKey(identity.map(({ condition }) => condition)), conditionsKey(when), ...missing].join('\u0002')
}

/** The rule where only what is given besides holds too. */
export function only(matches: readonly Match[], condition: Condition): readonly Match[] {
  return matches.map(match => ({ ...match, when: [...match.when, condition] }))
}
