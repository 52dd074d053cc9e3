// What the token says: request principals and claims. Source: istio/istio:pilot/pkg/security/authz/model/generator.go
// (requestPrincipalGenerator, requestClaimGenerator), matcher/metadata.go (MetadataListValueMatcher).
import { type Attribute, attribute } from './attribute.ts'
import { type Facts, mapped, nothing, type Payload } from './facts.ts'
import { beginsWith, endsIn, equals, type StringMatch, stringMatch } from './stringMatch.ts'

const payload = ({ http }: Facts) => http?.payload ?? nothing

const present: StringMatch = text => text !== ''

interface IssuerAndSubject {
  readonly issuer: StringMatch
  readonly subject: StringMatch
}

/** `issuer/subject`, cut at the last slash because an issuer may be a URL. */
export function readRequestPrincipal(value: string): IssuerAndSubject {
  const slash = value.lastIndexOf('/')
  const isCut = slash >= 0
  const [issuer, subject] = isCut ? [value.slice(0, slash), value.slice(slash + 1)] : [value, '']
  if (value === '*') return { issuer: present, subject: present }
  if (value.startsWith('*')) {
    if (!isCut) return { issuer: present, subject: endsIn(value.slice(1)) }
    return { issuer: issuer === '*' ? present : endsIn(issuer.replace(/^\*/, '')), subject: equals(subject) }
  }
  if (value.endsWith('*')) {
    if (!isCut) return { issuer: beginsWith(value.slice(0, -1)), subject: present }
    return { issuer: equals(issuer), subject: subject === '*' ? present : beginsWith(subject.slice(0, -1)) }
  }
  return { issuer: equals(issuer), subject: equals(subject) }
}

export const requestPrincipal = attribute<Payload>({
  noun: 'request principal',
  absent: 'there is no valid token',
  httpOnly: true,
  read: payload,
  show: ({ iss, sub }) => `${iss ?? ''}/${sub ?? ''}`,
  pattern: value => {
    const { issuer, subject } = readRequestPrincipal(value)
    return ({ iss, sub }) => typeof iss === 'string' && typeof sub === 'string' && issuer(iss) && subject(sub)
  },
})

/** A claim, by the names that lead to it. Only texts match, or a text in a list; a number or a boolean never does. */
export function claim(names: readonly string[] | undefined): Attribute {
  const noun = names ? `claim ${names.join('.')}` : 'claim'
  return attribute<unknown>({
    noun,
    httpOnly: true,
    read: facts => mapped(payload(facts), each => valuesAt(each, names ?? [])),
    show: value => (typeof value === 'string' ? value : JSON.stringify(value)),
    pattern: value => {
      if (!names) return undefined
      const matches = stringMatch(value)
      const isHit = (each: unknown) => typeof each === 'string' && matches(each)
      return found => (Array.isArray(found) ? found.some(isHit) : isHit(found))
    },
  })
}

function valuesAt(value: unknown, names: readonly string[]): readonly unknown[] {
  const [name, ...rest] = names
  if (name === undefined) return [value]
  return isObject(value) && Object.hasOwn(value, name) ? valuesAt(value[name], rest) : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
