// Our shape of a kind against a judge's, fact by fact.
import type { Facts, Shape } from './shape.ts'

export type Fact = Exclude<keyof Facts, 'since' | 'open'> | 'field'

export interface Difference {
  readonly path: string
  readonly fact: Fact
  readonly ours: unknown
  readonly theirs: unknown
}

export interface Comparison {
  readonly fields: number
  readonly facts: number
  readonly differences: readonly Difference[]
}

/** With the facts that the judge speaks of. Fields that Istio got after `minor` need not be there. */
export function compareShapes(ours: Shape, theirs: Shape, facts: readonly Fact[], minor: number): Comparison {
  const paths = new Set([...ours.keys(), ...theirs.keys()])
  let compared = 0
  const differences = [...paths].flatMap((path): readonly Difference[] => {
    const our = ours.get(path)
    const their = theirs.get(path)
    if (!our) return isOpen(ours, path) ? [] : [{ path, fact: 'field', ours: undefined, theirs: their?.type }]
    const isNewer = our.since !== undefined && minorOf(our.since) > minor
    if (!their || isNewer)
      return (their === undefined) === isNewer ? [] : [{ path, fact: 'field', ours: our.since ?? our.type, theirs: their?.type }]
    return facts.flatMap(fact => {
      if (fact === 'field') return []
      compared++
      const mine = fact === 'oneOf' ? withinReach(our.oneOf, path, theirs) : our[fact]
      return agrees(fact, mine, their[fact]) ? [] : [{ path, fact, ours: mine, theirs: their[fact] }]
    })
  })
  return { fields: paths.size, facts: compared, differences }
}

export function minorOf(version: string): number {
  return Number(version.split('.')[1])
}

function agrees(fact: Fact, ours: unknown, theirs: unknown): boolean {
  if (ours === theirs || (fact === 'type' && (ours === 'any' || theirs === 'any'))) return true
  // What the decoder can hold is more than a schema can say of a number.
  return fact === 'format' && (theirs === undefined || (theirs === 'unsigned' && String(ours).startsWith('uint')))
}

/** A group of fields of which an older release has only some. */
function withinReach(groups: string | undefined, path: string, theirs: Shape): string | undefined {
  const left = (groups?.split(' ') ?? []).map(group => group.split('|').filter(name => theirs.has(`${path}.${name}`)))
  const shown = left.filter(group => group.length > 1).map(group => group.join('|'))
  return shown.length > 0 ? shown.join(' ') : undefined
}

/** Whether the path leads below something of which only parts are described. */
function isOpen(shape: Shape, path: string): boolean {
  const above = path.replace(/(?:\[\]|\{\}|\.[^.[{]+)$/, '')
  if (above === path) return false
  return shape.get(above)?.open ?? isOpen(shape, above)
}
