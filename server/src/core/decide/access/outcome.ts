// What a caller gets: let in, refused, or let in on conditions.
import type { PeerAuthentication } from '../../istio/resources.ts'
import type { Decider } from '../authorization/decision.ts'
import { type Condition, conditionsKey } from './condition.ts'
import { meeting, type Refusal, type Refusals, refusalsOf, unavoidable, type Wanted, wantedBy } from './refusals.ts'
import { canAvoid, isPossible } from './satisfiable.ts'

export interface Outcome {
  /** `allow`: whatever is asked, as long as a token that is sent is valid. `deny`: nothing at all. */
  readonly decision: 'allow' | 'deny' | 'conditional' | 'unknown'
  /** Any of them lets in, if nothing of `unless` holds. Empty for `deny` and `unknown`. */
  readonly ways: readonly Way[]
  readonly unless: readonly Refusal[]
  /** What decided: rules that let in, then rules that refuse. Empty where the absence of a rule did. */
  readonly by: readonly AccessDecider[]
  /** One sentence. */
  readonly reason: string
  /** Of `unknown`: the facts that decide and are not known; else empty. */
  readonly missing: readonly string[]
  /** Of `unknown`: what it is if nothing stands beside what is known; absent where that decides nothing either. */
  readonly asFarAsKnown?: Outcome
}

/** A rule that lets in, and the conditions that stay open, all of which must hold. */
export interface Way {
  readonly when: readonly Condition[]
  /** Absent: no ALLOW policy is in force. */
  readonly by?: Decider
}

export type AccessDecider = Decider | { readonly peerAuthentication: PeerAuthentication }

/** The rules that concern one caller. */
export interface Concerning {
  readonly ways: readonly Way[]
  readonly refusals: readonly Refusals[]
  readonly asks: readonly Refusal[]
  /** Policies that nobody has seen: none of them lets in what a known DENY refuses. */
  readonly unseen: readonly string[]
  /** What else could refuse the connection. */
  readonly open: readonly string[]
  /** Which of two rules the proxy names. */
  inOrder(a: Way, b: Way): number
}

export function conclude({ ways, refusals, asks, unseen, open, inOrder }: Concerning): Outcome {
  const [certain] = refusals.flatMap(each => each.certain ?? []).toSorted(inOrder)
  if (certain) return denied([certain.by], `${nameOf(certain.by)} denies it.`)
  if (unseen.length > 0) return undecided([...open, ...unseen])
  if (ways.length === 0) return denied([], 'ALLOW policies apply, and none of their rules matches.')
  const different = distinct(ways, inOrder)
  const wanted = new Map<readonly Condition[], Wanted>()
  const wantedIn = ({ when }: Way) => {
    const known = wanted.get(when) ?? wantedBy(when)
    wanted.set(when, known)
    return known
  }
  const left = isRefusing(refusals) ? different.filter(way => isOpen(wantedIn(way), refusals)) : different
  if (left.length === 0) {
    const inTheWay = widest(meetingAny(different.map(wantedIn), refusals), inOrder)
    return denied(deciders(inTheWay), 'DENY rules refuse all that ALLOW rules would let in.')
  }
  if (open.length > 0) return undecided(open)
  const isMet = isAlwaysMet(left)
  const chosen = isMet ? left.slice(0, 1).map(way => ({ ...way, when: [] })) : left
  const against = [refusalsOf(asks), ...refusals]
  const unless = widest(isRefusing(against) ? meetingAny(chosen.map(wantedIn), against) : [], inOrder)
  const isFree = isMet && unless.length === 0
  return {
    decision: isFree ? 'allow' : 'conditional',
    ways: chosen,
    unless,
    get by() {
      return deciders([...left, ...unless])
    },
    reason: isFree ? allowing(left) : 'It depends on the request or connection.',
    missing: [],
  }
}

function isRefusing(refusals: readonly Refusals[]): boolean {
  return refusals.some(({ all }) => all.length > 0)
}

function allowing([first]: readonly Way[]): string {
  return first?.by ? `${nameOf(first.by)} allows it.` : 'No policy stands in its way.'
}

function isOpen(wanted: Wanted, refusals: readonly Refusals[]): boolean {
  const inTheWay = unavoidable(wanted, refusals)
  return inTheWay.length === 0 || canAvoid(wanted.constraints, inTheWay)
}

export function denied(by: readonly AccessDecider[], reason: string): Outcome {
  return { decision: 'deny', ways: [], unless: [], by, reason, missing: [] }
}

export function allowed(reason: string): Outcome {
  return { decision: 'allow', ways: [{ when: [] }], unless: [], by: [], reason, missing: [] }
}

export function undecided(facts: readonly string[]): Outcome {
  const missing = [...new Set(facts)]
  return { decision: 'unknown', ways: [], unless: [], by: [], reason: `Not known, and it decides: ${missing.join(', ')}.`, missing }
}

/** The same text for outcomes that say the same. */
export function outcomeKey({ decision, ways, unless, by, missing }: Outcome): string {
  const conditions = ways.map(({ when }) => conditionsKey(when)).toSorted()
  const refusals = unless.map(({ when, authorizer }) => `${authorizer ?? ''}${conditionsKey(when)}`).toSorted()
  const rest = [by.map(nameOf).join('\u0002'), missing.join('\u0002')]
  return [decision, conditions.join('\u0002'), refusals.join('\u0002'), ...rest].join('\u0003')
}

/** `shop/callers rule 0`, rules counted from 0; `shop/default` of a PeerAuthentication. */
export function nameOf(by: AccessDecider): string {
  if ('published' in by) return by.published
  const { namespace, name } = 'peerAuthentication' in by ? by.peerAuthentication : by.policy
  return 'rule' in by ? `${namespace}/${name} rule ${by.rule}` : `${namespace}/${name}`
}

/** Above it, conditions are not compared with each other one by one. */
const most = 50

/** Without those that ask for more than another one; one that asks nothing is enough. */
function distinct(ways: readonly Way[], inOrder: Concerning['inOrder']): readonly Way[] {
  if (ways.length < 2) return ways
  const free = ways.filter(({ when }) => when.length === 0)
  if (free.length > 0) return free.toSorted(inOrder).slice(0, 1)
  if (ways.length > most) return ways
  const byKey = new Map<string, Way>()
  for (const way of ways.toSorted(inOrder)) {
    const key = conditionsKey(way.when)
    if (!byKey.has(key)) byKey.set(key, way)
  }
  const different = [...byKey.values()]
  const least = Math.min(...different.map(({ when }) => when.length))
  if (different.every(({ when }) => when.length === least)) return different
  const keys = different.map(({ when }) => new Set(when.map(({ key }) => key)))
  return different.filter((_, index) => !keys.some((other, at) => at !== index && isSubset(other, keys[index])))
}

/** Without those that ask for more than another one with the same effect. */
function widest(all: readonly Refusal[], inOrder: Concerning['inOrder']): readonly Refusal[] {
  if (all.length < 2 || all.length > most) return all
  const refusals = all.toSorted(inOrder)
  const keys = refusals.map(({ when }) => new Set(when.map(({ key }) => key)))
  const isWider = (other: number, than: number) => {
    if (other === than || refusals[other]?.authorizer !== refusals[than]?.authorizer) return false
    const [a, b] = [keys[other], keys[than]]
    return a !== undefined && isSubset(a, b) && (a.size < (b?.size ?? 0) || other < than)
  }
  return refusals.filter((_, index) => !refusals.some((_other, at) => isWider(at, index)))
}

function isSubset(a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean {
  return b !== undefined && [...a].every(each => b.has(each))
}

function isAlwaysMet(ways: readonly Way[]): boolean {
  if (ways.some(({ when }) => when.length === 0)) return true
  // Only what asks for the opposite of another can leave nothing over.
  if (ways.length < 2 || ways.length > most || !ways.some(({ when }) => when.some(({ negated }) => negated))) return false
  return !isPossible(
    [],
    ways.map(({ when }) => when),
  )
}

/** Those that can hold where one of the ways is open. */
function meetingAny(ways: readonly Wanted[], all: readonly Refusals[]): readonly Refusal[] {
  const [only, ...others] = ways
  if (!only) return []
  const found = all.flatMap(each => meeting(only, each))
  if (others.length === 0) return found
  const met = new Set([...found, ...others.flatMap(way => all.flatMap(each => meeting(way, each)))])
  return all.flatMap(each => each.all.filter(refusal => met.has(refusal)))
}

function deciders(rules: readonly { readonly by?: Decider }[]): readonly Decider[] {
  return [...new Set(rules.flatMap(({ by }) => by ?? []))]
}
