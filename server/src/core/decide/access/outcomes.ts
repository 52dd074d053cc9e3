// What each of many callers gets at one port. Rules are gathered by the identities that they name, and whoever the same rules concern gets the
// same answer, made once: nothing is done for every pair of a rule and an identity.

import { groupBy } from '../../mesh/groupBy.ts'
import { conditionsKey } from './condition.ts'
import type { Gate, GateRule, Match } from './gate.ts'
import type { Identity } from './identities.ts'
import {
  complement,
  everybody,
  type IdentityIndex,
  type IdentitySet,
  type IdentityValue,
  intersection,
  setOf,
  unionOf,
} from './identitySet.ts'
import { type Concerning, conclude, type Outcome, outcomeKey, undecided, type Way } from './outcome.ts'
import type { Refusal } from './refusals.ts'
import { type Refusals, refusalsOf } from './refusals.ts'
import type { Named } from './term.ts'
import type { Who } from './who.ts'

/** Where identities are looked up. What was found for a rule is kept for the next workload with the same rule. */
export interface Lookup {
  find(value: IdentityValue): readonly Identity[]
  /** One for each trust domain, so that what is found for it is kept too. */
  unlisted(trustDomain: string): Who
  readonly sets: WeakMap<Named, IdentitySet>
  readonly facets: WeakMap<GateRule, readonly Facet[]>
}

export function lookupIn(...indexes: readonly IdentityIndex[]): Lookup {
  const [only, ...others] = indexes
  const find = (value: IdentityValue) => (only && others.length === 0 ? only.with(value) : indexes.flatMap(each => each.with(value)))
  const isListed = (value: IdentityValue) => find(value).length > 0
  const strangers = new Map<string, Who>()
  const unlisted = (trustDomain: string) => {
    const who = strangers.get(trustDomain) ?? { is: 'unlisted', trustDomain, isListed }
    strangers.set(trustDomain, who)
    return who
  }
  return { find, unlisted, sets: new WeakMap(), facets: new WeakMap() }
}

/** Without an identity: whoever no rule names. */
export type Outcomes = (identity?: Identity) => Outcome

/** `open`: what besides policies could refuse the connection. `lookup` is asked only where identities are told apart later. */
export function outcomesAt(gate: Gate, lookup: Lookup, open: readonly string[] = []): Outcomes {
  const doubts = doubtsOf(gate, lookup)
  const strict = outcomesIn(gate, lookup, 'strict', open)
  if (doubts.length === 0) return strict
  const lenient = outcomesIn(gate, lookup, 'lenient', open)
  return identity => {
    const [worst, best] = [strict(identity), lenient(identity)]
    return outcomeKey(worst) === outcomeKey(best) ? worst : undecided(doubts)
  }
}

/** What the world does not say counts against the caller, or for it. */
type Reading = 'strict' | 'lenient'

function doubtsOf({ rules, closed }: Gate, { facets }: Lookup): readonly string[] {
  return [...rules.filter(rule => !facets.has(rule)).flatMap(doubtsIn), ...(typeof closed === 'object' ? closed.missing : [])]
}

function doubtsIn({ matches }: GateRule): readonly string[] {
  if (!matches.some(isDoubtful)) return nothing
  return matches.flatMap(({ missing, identity }) => [
    ...missing,
    ...identity.flatMap(({ named }) => named.placeholders.map(each => `what ${each} stands for`)),
  ])
}

function isDoubtful({ missing, identity }: Match): boolean {
  return missing.length > 0 || identity.some(({ named }) => named.placeholders.length > 0)
}

const nothing: readonly never[] = []

/** One way in which a rule matches, and whom it concerns. */
export interface Facet {
  readonly effect: GateRule['effect']
  readonly rule: Way & Refusal
  readonly set: IdentitySet
}

function outcomesIn(gate: Gate, lookup: Lookup, reading: Reading, open: readonly string[]): Outcomes {
  const isClosed = typeof gate.closed === 'boolean' ? gate.closed : reading === 'strict'
  const facets = gate.rules.flatMap(rule => facetsOf(rule, lookup, reading))
  const general = facets.filter(({ set }) => set.allBut)
  const { concerned, exempt } = byIdentity(facets)
  const base = gather(general, isClosed)
  let order: ReadonlyMap<Way, number> | undefined
  const inOrder = (a: Way, b: Way) => {
    order ??= new Map<Way, number>(facets.map(({ rule }, index) => [rule, index]))
    return (order.get(a) ?? 0) - (order.get(b) ?? 0)
  }
  const around = { unseen: gate.missing, open, inOrder }
  const facetsAt = (indexes: readonly number[]) => indexes.flatMap(index => facets[index] ?? [])
  const concerning = (own: readonly number[], left: readonly number[]): Concerning => {
    const common = left.length === 0 ? base : without(base, facetsAt(left))
    if (own.length === 0) return { ways: common.ways, refusals: [common.refusals], asks: common.asks, ...around }
    const special = gather(facetsAt(own), true)
    return {
      ways: joined(special.ways, common.ways),
      refusals: [special.refusals, common.refusals],
      asks: joined(special.asks, common.asks),
      ...around,
    }
  }
  const known = new Map<string, Outcome>()
  return identity => {
    const own = (identity && concerned.get(identity)) ?? none
    const left = (identity && exempt.get(identity)) ?? none
    const key = `${own.join()}!${left.join()}`
    const outcome = known.get(key) ?? conclude(concerning(own, left))
    known.set(key, outcome)
    return outcome
  }
}

const none: readonly number[] = []

function joined<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a.length === 0) return b
  return b.length === 0 ? a : [...a, ...b]
}

/** What is left for whoever some rules do not concern. */
function without({ ways, refusals, asks }: Gathered, facets: readonly Facet[]): Gathered {
  const rules = new Set<Way | Refusal>(facets.map(({ rule }) => rule))
  const isLeft = (each: Way | Refusal) => !rules.has(each)
  const kept = refusals.all.some(each => rules.has(each)) ? refusalsOf(refusals.all.filter(isLeft)) : refusals
  return { ways: ways.filter(isLeft), refusals: kept, asks: asks.filter(isLeft) }
}

interface Gathered {
  readonly ways: readonly Way[]
  readonly refusals: Refusals
  readonly asks: readonly Refusal[]
}

function gather(facets: readonly Facet[], isClosed: boolean): Gathered {
  const ways: Way[] = isClosed ? [] : [{ when: [] }]
  const denies: Refusal[] = []
  const asks: Refusal[] = []
  for (const { effect, rule } of facets) {
    if (effect === 'deny') denies.push(rule)
    else if (effect !== 'allow') asks.push(rule)
    else if (isClosed) ways.push(rule)
  }
  return { ways, refusals: refusalsOf(denies), asks }
}

/** By their place among the facets: those that name an identity, and those that name all but some. */
function byIdentity(facets: readonly Facet[]) {
  const concerned = new Map<Identity, number[]>()
  const exempt = new Map<Identity, number[]>()
  for (const [index, { set }] of facets.entries()) {
    const by = set.allBut ? exempt : concerned
    for (const identity of set.of) {
      const known = by.get(identity)
      if (known) known.push(index)
      else by.set(identity, [index])
    }
  }
  return { concerned, exempt }
}

/** Those of a rule that leaves nothing in doubt are kept, and those alone. */
function facetsOf(rule: GateRule, lookup: Lookup, reading: Reading): readonly Facet[] {
  const known = lookup.facets.get(rule)
  if (known) return known
  const facets = makeFacets(rule, lookup, (reading === 'strict') === (rule.effect === 'allow'))
  if (!rule.matches.some(isDoubtful)) lookup.facets.set(rule, facets)
  return facets
}

/** Whom a rule concerns: certainly, or possibly. */
function makeFacets({ effect, by, matches }: GateRule, lookup: Lookup, isCertain: boolean): readonly Facet[] {
  const authorizer = typeof effect === 'object' ? { authorizer: effect.ask } : {}
  const groups = groupBy(isCertain ? matches.filter(({ missing }) => missing.length === 0) : matches, ({ when }) => conditionsKey(when))
  return [...groups.values()].map(same => ({
    effect,
    rule: { when: same[0]?.when ?? [], by, ...authorizer },
    set: unionOf(same.map(match => setOfMatch(match, lookup, isCertain))),
  }))
}

function setOfMatch({ identity }: Match, lookup: Lookup, isCertain: boolean): IdentitySet {
  const [first, ...others] = identity.map(each => setOfCondition(each, lookup, isCertain))
  return first ? others.reduce(intersection, first) : everybody
}

function setOfCondition({ condition: { negated }, named }: Match['identity'][number], lookup: Lookup, isCertain: boolean): IdentitySet {
  if (named.placeholders.length > 0 && isCertain === negated) return negated ? setOf([]) : everybody
  const set = lookup.sets.get(named) ?? setOf(named.values.flatMap(value => lookup.find(value)))
  lookup.sets.set(named, set)
  return negated ? complement(set) : set
}
