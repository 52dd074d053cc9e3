// Whom a rule is read for, and what it then says of the identity.
import { type Condition, conditionOn } from './condition.ts'
import { type Judgement, ofTruth } from './gate.ts'
import { type Identity, identityOf } from './identities.ts'
import type { IdentityValue } from './identitySet.ts'
import type { Named, Term } from './term.ts'

export type Who =
  /** All that are known by name, told apart later. */
  | { readonly is: 'listed' }
  | { readonly is: 'identity'; readonly identity: Identity }
  /** Anybody of a trust domain who is not listed. */
  | { readonly is: 'unlisted'; readonly trustDomain: string; isListed(value: IdentityValue): boolean }
  /** Without identity. */
  | { readonly is: 'nobody' }

export const listed: Who = { is: 'listed' }
export const nobody: Who = { is: 'nobody' }

type Unlisted = Who & { readonly is: 'unlisted' }

/** Undefined for a term that asks for no identity. */
export function judgeIdentity<Facts>(term: Term<Facts>, who: Who, facts: Facts): Judgement | undefined {
  const { named, condition } = term
  if (!named) return undefined
  switch (who.is) {
    case 'listed':
      return { is: 'of identity', identity: { condition, named } }
    case 'unlisted':
      return judgeUnlisted(condition, named, who)
    case 'identity':
    case 'nobody':
      return ofTruth(term.holds(facts))
    default:
      return who satisfies never
  }
}

/** Of a name that nobody has it depends on whether somebody will, of a wildcard on who it is. */
function judgeUnlisted(condition: Condition, { values, placeholders }: Named, who: Unlisted): Judgement {
  const { negated } = condition
  const reach = values.map(value => ({ text: value.text, reaches: reachOf(value, who) }))
  if (reach.some(({ reaches }) => reaches === 'all')) return { is: negated ? 'no' : 'yes' }
  const some = [...new Set(reach.filter(({ reaches }) => reaches === 'some').map(({ text }) => text))]
  if (placeholders.length > 0) return { is: 'doubtful', missing: placeholders.map(each => `what ${each} stands for`) }
  return some.length > 0 ? { is: 'open', when: conditionOn(condition.subject, negated, some) } : { is: negated ? 'yes' : 'no' }
}

/** Whom of those that are not listed a value can match. */
function reachOf(value: IdentityValue, { trustDomain, isListed }: Unlisted): 'all' | 'some' | 'none' {
  const { part, exact, prefix, suffix, text, holds } = value
  const start = `${trustDomain}/ns/`
  switch (part) {
    case 'account':
      return isListed(value) ? 'none' : 'some'
    case 'trust domain': {
      const anybody = identityOf(`${start}a/sa/a`)
      return anybody && holds(anybody) ? 'all' : 'none'
    }
    case 'namespace':
      return /^\*+$/.test(text) ? 'all' : 'some'
    case 'principal': {
      if (exact !== undefined) return exact.startsWith(start) && !isListed(value) ? 'some' : 'none'
      if (prefix === undefined) return suffix === '' ? 'all' : 'some'
      if (start.startsWith(prefix)) return 'all'
      return prefix.startsWith(start) ? 'some' : 'none'
    }
    default:
      return part satisfies never
  }
}
