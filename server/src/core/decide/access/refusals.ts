// Rules that keep out, prepared once for the many callers that they stand in the way of: a caller is compared only with those that can meet
// what it is let in for.
import type { Decider } from '../authorization/decision.ts'
import { type Condition, severalAtOnce, subjectKey } from './condition.ts'
import { type Pattern, patternsOf } from './pattern.ts'
import { admits, type Constraints, constraintsOf } from './satisfiable.ts'
import { SortedTexts } from './sortedTexts.ts'

/** A rule that keeps out where all its conditions hold; with an authorizer only if that one refuses. */
export interface Refusal {
  readonly when: readonly Condition[]
  readonly by: Decider
  readonly authorizer?: string
}

export interface Refusals {
  readonly all: readonly Refusal[]
  /** One without conditions. */
  readonly certain: Refusal | undefined
  readonly groups: readonly Group[]
  /** Subjects of which a refusal excludes values, so that whoever avoids it may have to have one of them. */
  readonly tied: ReadonlySet<string>
}

/** Refusals that ask for the same subjects. */
interface Group {
  readonly subjects: ReadonlySet<string>
  /** Of which they name values, so that another value avoids them. */
  readonly naming: readonly string[]
  readonly members: readonly Refusal[]
  /** By subject, made when they are first asked for. */
  readonly indexes: Map<string, PatternIndex>
}

export function refusalsOf(all: readonly Refusal[]): Refusals {
  if (all.length === 0) return none
  const groups = new Map<string, { readonly first: Refusal; readonly members: Refusal[] }>()
  for (const refusal of all) {
    const key = refusal.when.map(({ subject, negated }) => `${negated ? '!' : ''}${subjectKey(subject)}`).join('\0')
    const group = groups.get(key)
    if (group) group.members.push(refusal)
    else groups.set(key, { first: refusal, members: [refusal] })
  }
  const negated = all.flatMap(({ when }) => when.filter(each => each.negated).map(({ subject }) => subjectKey(subject)))
  return {
    all,
    certain: all.find(({ when }) => when.length === 0),
    tied: new Set(negated),
    groups: [...groups.values()].map(({ first: { when }, members }) => ({
      subjects: new Set(when.map(({ subject }) => subjectKey(subject))),
      naming: when.filter(each => !each.negated).map(({ subject }) => subjectKey(subject)),
      members,
      indexes: new Map(),
    })),
  }
}

const none: Refusals = { all: [], certain: undefined, groups: [], tied: new Set() }

/** Those that can hold together with the conditions. */
export function meeting({ when, asked, constraints }: Wanted, refusals: Refusals): readonly Refusal[] {
  if (when.length === 0) return refusals.all
  const found = refusals.groups.map(group => {
    if (!sharesSubject(group, asked)) return group.members
    return candidates(group, asked).filter(refusal => admits(constraints, refusal.when))
  })
  return found.length === 1 ? (found[0] ?? []) : found.flat()
}

/** Those that cannot be avoided by a value of a subject of which nothing else asks anything. */
export function unavoidable({ asked }: Wanted, refusals: readonly Refusals[]): readonly (readonly Condition[])[] {
  const isFree = (subject: string) => !asked.has(subject) && !refusals.some(({ tied }) => tied.has(subject))
  const inTheWay = refusals.flatMap(({ groups }) => groups.filter(({ naming }) => !naming.some(isFree)))
  return inTheWay.flatMap(group => candidates(group, asked).map(each => each.when))
}

/** Conditions, prepared to be compared with refusals. */
export interface Wanted {
  readonly when: readonly Condition[]
  readonly asked: Asked
  readonly constraints: Constraints | undefined
}

export function wantedBy(when: readonly Condition[]): Wanted {
  return { when, asked: askedIn(when), constraints: constraintsOf(when) }
}

type Asked = ReadonlyMap<string, readonly Condition[]>

function askedIn(when: readonly Condition[]): Asked {
  const asked = new Map<string, readonly Condition[]>()
  for (const condition of when) {
    const key = subjectKey(condition.subject)
    asked.set(key, [...(asked.get(key) ?? []), condition])
  }
  return asked
}

function sharesSubject({ subjects }: Group, asked: Asked): boolean {
  for (const subject of subjects) if (asked.has(subject)) return true
  return false
}

/** So many are compared one by one. */
const few = 8

/** Without those that name other values of a subject than the ones that are asked for. */
function candidates(group: Group, asked: Asked): readonly Refusal[] {
  if (group.members.length <= few) return group.members
  const found = group.naming.flatMap(subject => {
    const wanted = asked.get(subject)?.find(({ negated }) => !negated)
    return wanted && !severalAtOnce.includes(wanted.subject.aspect) ? [indexOn(subject, group).overlapping(patternsOf(wanted))] : []
  })
  return found.toSorted((a, b) => a.length - b.length)[0] ?? group.members
}

function indexOn(subject: string, group: Group): PatternIndex {
  const known = group.indexes.get(subject) ?? new PatternIndex(subject, group.members)
  group.indexes.set(subject, known)
  return known
}

/** Refusals by the values that they name of one subject. */
class PatternIndex {
  private readonly members: readonly Refusal[]
  private readonly exact = new Map<string, Refusal[]>()
  private readonly prefix = new Map<string, Refusal[]>()
  /** Whoever can only be tried. */
  private readonly others: Refusal[] = []
  private readonly sorted: SortedTexts<Refusal>

  constructor(subject: string, members: readonly Refusal[]) {
    this.members = members
    const texts: (readonly [string, Refusal])[] = []
    for (const refusal of members) {
      const named = refusal.when.find(each => !each.negated && subjectKey(each.subject) === subject)
      for (const pattern of named ? patternsOf(named) : []) {
        if (pattern.is === 'exact' || pattern.is === 'prefix') {
          add(pattern.is === 'exact' ? this.exact : this.prefix, pattern.text, refusal)
          texts.push([pattern.text, refusal])
        } else this.others.push(refusal)
      }
    }
    this.sorted = new SortedTexts(texts)
  }

  /** Those that match something of what one of the patterns does, and some that do not. */
  overlapping(patterns: readonly Pattern[]): readonly Refusal[] {
    const found = new Set(this.others)
    for (const pattern of patterns) {
      if (pattern.is !== 'exact' && pattern.is !== 'prefix') return this.members
      const { text } = pattern
      for (let length = 0; length <= text.length; length++) for (const each of this.prefix.get(text.slice(0, length)) ?? []) found.add(each)
      if (pattern.is === 'exact') for (const each of this.exact.get(text) ?? []) found.add(each)
      else for (const each of this.sorted.beginningWith(text)) found.add(each)
    }
    return [...found]
  }
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}
