// Sets of identities, found by what policies name them with: no identity is compared with a policy that does not name it.
import { groupBy } from '../../mesh/groupBy.ts'
import type { Identity } from './identities.ts'
import { SortedTexts } from './sortedTexts.ts'

/** These, or all but these. */
export interface IdentitySet {
  readonly allBut: boolean
  readonly of: ReadonlySet<Identity>
}

const nobody: IdentitySet = { allBut: false, of: new Set() }
export const everybody: IdentitySet = { allBut: true, of: new Set() }

export function setOf(identities: Iterable<Identity>): IdentitySet {
  return { allBut: false, of: new Set(identities) }
}

export function complement({ allBut, of }: IdentitySet): IdentitySet {
  return { allBut: !allBut, of }
}

export function intersection(a: IdentitySet, b: IdentitySet): IdentitySet {
  if (a === everybody) return b
  if (b === everybody) return a
  if (a.allBut && b.allBut) return { allBut: true, of: new Set([...a.of, ...b.of]) }
  if (a.allBut) return intersection(b, a)
  if (b.allBut || b.of.size >= a.of.size) return setOf([...a.of].filter(each => b.of.has(each) !== b.allBut))
  return intersection(b, a)
}

export function unionOf(sets: readonly IdentitySet[]): IdentitySet {
  const [only = nobody] = sets
  if (sets.length < 2) return only
  const named = sets.filter(each => !each.allBut).flatMap(({ of }) => [...of])
  const rest = sets.filter(({ allBut }) => allBut)
  if (rest.length === 0) return setOf(named)
  const kept = new Set(named)
  const out = rest.map(complement).reduce(intersection)
  return { allBut: true, of: new Set([...out.of].filter(each => !kept.has(each))) }
}

/** One value of a policy that is compared with a part of identities. */
export interface IdentityValue {
  readonly part: Part
  /** As it is written. */
  readonly text: string
  /** With what it is compared by: the same text for the same value. */
  readonly key: string
  /** What the part has to be; absent for wildcards. */
  readonly exact?: string
  /** Of a wildcard on the whole: how the text begins or ends. */
  readonly prefix?: string
  readonly suffix?: string
  holds(identity: Identity): boolean
}

export type Part = 'principal' | 'namespace' | 'account' | 'trust domain'

const parts: Readonly<Record<Part, (identity: Identity) => string>> = {
  principal: ({ principal }) => principal,
  namespace: ({ namespace }) => namespace,
  account: ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`,
  'trust domain': ({ trustDomain }) => trustDomain,
}

/** Identities by each of their parts. */
export class IdentityIndex {
  readonly all: readonly Identity[]
  private readonly byPart = new Map<Part, ReadonlyMap<string, readonly Identity[]>>()
  private readonly found = new Map<string, readonly Identity[]>()
  private sorted: SortedTexts<Identity> | undefined
  private reversed: SortedTexts<Identity> | undefined

  constructor(all: readonly Identity[]) {
    this.all = all
  }

  with(value: IdentityValue): readonly Identity[] {
    const { part, exact, key } = value
    if (exact !== undefined) return this.groups(part).get(exact) ?? []
    const known = this.found.get(key) ?? this.search(value)
    this.found.set(key, known)
    return known
  }

  private search({ part, prefix, suffix, holds }: IdentityValue): readonly Identity[] {
    if (prefix !== undefined) {
      this.sorted ??= new SortedTexts(this.all.map(each => [each.principal, each]))
      return this.sorted.beginningWith(prefix)
    }
    if (suffix !== undefined) {
      this.reversed ??= new SortedTexts(this.all.map(each => [backwards(each.principal), each]))
      return this.reversed.beginningWith(backwards(suffix))
    }
    // Who has the same part is alike to a value that asks for nothing else.
    return [...this.groups(part).values()].flatMap(group => (group[0] && holds(group[0]) ? group : []))
  }

  private groups(part: Part): ReadonlyMap<string, readonly Identity[]> {
    const known = this.byPart.get(part) ?? groupBy(this.all, parts[part])
    this.byPart.set(part, known)
    return known
  }
}

function backwards(text: string): string {
  return [...text].toReversed().join('')
}
