// Whether any connection can meet some conditions and none of some others. Subjects are taken for independent of each other, and what
// cannot be excluded counts as possible: `false` is certain, `true` is not.
import { type Condition, severalAtOnce, subjectKey } from './condition.ts'
import { covers, disjoint, type Pattern, patternsOf } from './pattern.ts'

/** All of them at once. */
export type Conditions = readonly Condition[]

/** Whether some connection meets all conditions, and of each of the others not all. */
export function isPossible(conditions: Conditions, avoiding: readonly Conditions[] = []): boolean {
  return canAvoid(all(unconstrained, conditions), avoiding)
}

/** What conditions come to, to be compared with many others. */
export function constraintsOf(conditions: Conditions): Constraints | undefined {
  return all(unconstrained, conditions)
}

/** Whether some connection meets the other conditions too. */
export function admits(constraints: Constraints | undefined, conditions: Conditions): boolean {
  return all(constraints, conditions) !== undefined
}

function all(known: Constraints | undefined, conditions: Conditions): Constraints | undefined {
  return conditions.reduce((before, condition) => before && constrain(before, condition, condition.negated), known)
}

/** Steps of the search after which everything counts as possible. */
const patience = 5_000

/** Whether of each of the conditions not all have to be met: depth first, over the one of each group that is not. */
export function canAvoid(start: Constraints | undefined, avoiding: readonly Conditions[]): boolean {
  if (!start) return false
  const path: { readonly known: Constraints; next: number }[] = [{ known: start, next: 0 }]
  for (let steps = 0; steps < patience + avoiding.length; steps++) {
    const here = path.at(-1)
    if (!here) return false
    const group = avoiding[path.length - 1]
    if (!group) return true
    const condition = group[here.next++]
    if (condition === undefined) path.pop()
    else {
      const known = constrain(here.known, condition, !condition.negated)
      if (known) path.push({ known, next: 0 })
    }
  }
  return true
}

interface Constraint {
  /** Of each list one must match. */
  readonly wanted: readonly (readonly Pattern[])[]
  readonly excluded: Excluded | undefined
}

interface Excluded {
  readonly patterns: readonly Pattern[]
  readonly rest: Excluded | undefined
}

/** One for each subject, of which there are few. */
export type Constraints = readonly (readonly [subject: string, constraint: Constraint])[]

const unconstrained: Constraints = []

/** Undefined where nothing meets what is known and the condition, or its negation. */
function constrain(known: Constraints, condition: Condition, negated: boolean): Constraints | undefined {
  const key = subjectKey(condition.subject)
  const at = known.findIndex(([subject]) => subject === key)
  const before = known[at]?.[1] ?? { wanted: [], excluded: undefined }
  const patterns = patternsOf(condition)
  const after = negated ? exclude(before, patterns) : demand(before, patterns, severalAtOnce.includes(condition.subject.aspect))
  if (!after) return undefined
  return at < 0 ? [...known, [key, after]] : known.with(at, [key, after])
}

function exclude({ wanted, excluded }: Constraint, patterns: readonly Pattern[]): Constraint | undefined {
  const left = wanted.map(list => list.filter(each => !patterns.some(other => covers(other, each))))
  return left.some(list => list.length === 0) ? undefined : { wanted: left, excluded: { patterns, rest: excluded } }
}

function demand({ wanted, excluded }: Constraint, patterns: readonly Pattern[], apart: boolean): Constraint | undefined {
  const meets = (list: readonly Pattern[], each: Pattern) => list.some(other => !disjoint(each, other))
  const own = patterns.filter(each => !isExcluded(each, excluded) && (apart || wanted.every(list => meets(list, each))))
  const others = apart ? wanted : wanted.map(list => list.filter(each => meets(own, each)))
  return [own, ...others].some(list => list.length === 0) ? undefined : { wanted: [...others, own], excluded }
}

function isExcluded(pattern: Pattern, excluded: Excluded | undefined): boolean {
  for (let at = excluded; at; at = at.rest) if (at.patterns.some(each => covers(each, pattern))) return true
  return false
}
