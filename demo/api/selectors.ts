// Label and field selectors of list and watch requests.
import type { KubeObject } from './object.ts'

export type Matcher = (object: KubeObject) => boolean

/**
 * The objects a request asks for. Labels: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`; fields: any path with `=` or `!=`.
 * Throws an Error with the API server's words where a selector does not parse.
 */
export function matcher(query: URLSearchParams): Matcher {
  const labels = requirements(query.get('labelSelector') ?? '').map(labelMatcher)
  const fields = (query.get('fieldSelector') ?? '').split(',').filter(Boolean).map(fieldMatcher)
  return object => labels.every(matches => matches(object)) && fields.every(matches => matches(object))
}

/** `metadata.name` of a field selector: permissions by name count for such lists too. */
export function selectedName(query: URLSearchParams): string | undefined {
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1]
}

// Commas separate requirements, except inside the parentheses of a set.
const requirements = (selector: string): readonly string[] => selector.match(/(?:[^,(]|\([^)]*\))+/g)?.map(part => part.trim()) ?? []

function labelMatcher(requirement: string): Matcher {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(requirement)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map(value => value.trim())
    return object => values.includes(labelOf(object, key) ?? '\0') === (operator === 'in')
  }
  const equality = /^([^\s!=]+)\s*(!=|==?)\s*(\S*)$/.exec(requirement)
  if (equality) {
    const [, key = '', operator, value] = equality
    return object => (labelOf(object, key) === value) === (operator !== '!=')
  }
  const existence = /^(!?)([^\s!=()]+)$/.exec(requirement)
  if (!existence) throw new Error(`unable to parse requirement: found '${requirement}'`)
  const [, not, key = ''] = existence
  return object => (labelOf(object, key) !== undefined) === (not === '')
}

const labelOf = (object: KubeObject, key: string): string | undefined => object.metadata.labels?.[key]

function fieldMatcher(requirement: string): Matcher {
  const [, path = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(requirement) ?? []
  if (!operator) throw new Error(`invalid field selector: '${requirement}'; can't understand '${requirement}'`)
  return object => (fieldOf(object, path) === value) === (operator !== '!=')
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step]
  return value === undefined ? '' : String(value)
}
