// Localities, `region/zone/subzone`. Source: istio/istio:pkg/config/validation/agent/validation.go (validateLocalities).

/** By region, zone and subzone; `*` stands for all below. */
interface Growing extends Map<string, Growing> {}

const deepest = 3

/** The first locality of a list that is refused, and why as a clause. */
export function checkLocalities(localities: readonly string[]): { readonly index: number; readonly reason: string } | undefined {
  const seen: Growing = new Map()
  for (const [index, locality] of localities.entries()) {
    const reason = formOf(locality) ?? (isNew(seen, partsOf(locality)) ? undefined : 'it overlaps with one above')
    if (reason) return { index, reason }
  }
  return undefined
}

/** Go walks over a map in no order. This is the order in which least is refused: what is refused in it is refused in every other. */
export function narrowFirst(localities: readonly string[]): readonly string[] {
  const width = (locality: string) => (locality.endsWith('*') ? deepest + 1 - partsOf(locality).length : 0)
  return localities.toSorted((a, b) => width(a) - width(b))
}

function partsOf(locality: string): readonly string[] {
  const [region = '', zone, ...rest] = locality.split('/')
  return [region, ...(zone === undefined ? [] : [zone]), ...(rest.length > 0 ? [rest.join('/')] : [])]
}

function formOf(locality: string): string | undefined {
  const star = locality.indexOf('*')
  if (star >= 0 && star < locality.length - 1) return 'a wildcard can only come last'
  return partsOf(locality).includes('') ? 'its region, zone or subzone is empty' : undefined
}

function isNew(seen: Growing, parts: readonly string[]): boolean {
  let level = seen
  for (const part of parts.slice(0, -1)) {
    if (level.has('*')) return false
    const below = level.get(part) ?? new Map()
    level.set(part, below)
    level = below
  }
  const last = parts.at(-1) ?? ''
  if (level.has('*') || level.has(last)) return false
  level.set(last, everythingBelow(deepest - parts.length))
  return true
}

function everythingBelow(levels: number): Growing {
  return levels === 0 ? new Map() : new Map([['*', everythingBelow(levels - 1)]])
}
