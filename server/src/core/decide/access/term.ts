// A rule taken apart: every clause must hold, of a clause any entry, of an entry every term.
import type { Truth } from '../authorization/truth.ts'
import type { Condition } from './condition.ts'
import type { IdentityValue } from './identitySet.ts'

/** One list of values of a rule. `Facts`: what the proxy that evaluates it knows of a connection. */
export interface Term<Facts> {
  readonly condition: Condition
  holds(facts: Facts): Truth
  /** Of a list that is compared with the identity of the caller: its values. */
  readonly named?: Named
}

export interface Named {
  readonly values: readonly IdentityValue[]
  /** Values that are filled in later. */
  readonly placeholders: readonly string[]
}

export type Entry<Facts> = readonly Term<Facts>[]
export type Clause<Facts> = readonly Entry<Facts>[]

/** No clauses: matches everything. A clause without entries: matches nothing. */
export type Rule<Facts> = readonly Clause<Facts>[]

export const neverMatches: Rule<never> = [[]]
