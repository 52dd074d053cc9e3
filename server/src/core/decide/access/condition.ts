// What stays open when policies are read for one caller: conditions on the connection or request, as data.

/** What a condition is about. `protocol` has one value, `http`. */
export type Aspect = IdentityAspect | 'protocol' | 'port' | 'method' | 'path' | 'host' | 'SNI' | AddressAspect | TokenAspect | NamedAspect

export type IdentityAspect = 'principal' | 'namespace' | 'service account' | 'trust domain'
export type AddressAspect = 'address' | 'client address' | 'destination address'
export type TokenAspect = 'token' | 'audience' | 'presenter' | 'claim'
/** Of which there are many: the subject has a name. */
type NamedAspect = 'header' | 'metadata'

export interface Subject {
  readonly aspect: Aspect
  /** Of a header in lower case; of a claim the way to it, `org.team`; of metadata `envoy.filters.http.lua[role]`. */
  readonly name?: string
}

/** One of the values matches; negated: none does. Values are written as in policies: `GET`, `/cart*`, `10.0.0.0/8`. */
export interface Condition {
  readonly subject: Subject
  readonly negated: boolean
  readonly values: readonly string[]
  /** The same text for the same condition. */
  readonly key: string
}

export function conditionOn(subject: Subject, negated: boolean, values: readonly string[]): Condition {
  return { subject, negated, values, key: `${negated ? '!' : ''}${subjectKey(subject)}\0${values.join('\0')}` }
}

export const identityAspects: readonly Aspect[] = ['principal', 'namespace', 'service account', 'trust domain']
export const tokenAspects: readonly Aspect[] = ['token', 'audience', 'presenter', 'claim']
/** Of these a request can have several, so that each of two conditions may be met by another one. */
export const severalAtOnce: readonly Aspect[] = ['header', 'claim', 'audience', 'metadata']
export const httpAspects: readonly Aspect[] = ['method', 'path', 'host', 'header', ...tokenAspects]

/** The same text for the same subject. */
export function subjectKey({ aspect, name }: Subject): string {
  return name === undefined ? aspect : `${aspect} ${name}`
}

/** The same text for the same conditions, whatever their order; made once for each list. */
export function conditionsKey(all: readonly Condition[]): string {
  if (all.length < 2) return all[0]?.key ?? ''
  const known = keys.get(all)
  if (known !== undefined) return known
  const key = all
    .map(each => each.key)
    .toSorted()
    .join('\u0001')
  keys.set(all, key)
  return key
}

const keys = new WeakMap<readonly Condition[], string>()

export function negation({ subject, negated, values }: Condition): Condition {
  return conditionOn(subject, !negated, values)
}

export const overHttp = conditionOn({ aspect: 'protocol' }, false, ['http'])
export const withoutHttp = negation(overHttp)

export function atPorts(ports: readonly number[]): Condition {
  return conditionOn({ aspect: 'port' }, false, ports.map(String))
}
