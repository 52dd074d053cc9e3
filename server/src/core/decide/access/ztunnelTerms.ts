// Rules as ztunnel holds them, taken apart.

import type { AddressBlock } from '../../istio/values/addressBlock.ts'
import { never } from '../../istio/values/principal.ts'
import { type Facts, ruleMatches } from '../ambient/matches.ts'
import { isEmpty } from '../ambient/rule.ts'
import { type Clauses, isOpen, type Match, type Open, type ServiceAccountMatch, type StringMatch } from '../ambient/ztunnelPolicy.ts'
import { type Aspect, conditionOn } from './condition.ts'
import type { Identity } from './identities.ts'
import type { IdentityValue } from './identitySet.ts'
import type { Rule, Term } from './term.ts'

/** Made once for each rule. */
export function ztunnelRule(clauses: Clauses): Rule<Facts> {
  const known = takenApart.get(clauses) ?? clauses.map(clause => clause.filter(match => !isEmpty(match)).map(entryOf))
  takenApart.set(clauses, known)
  return known
}

const takenApart = new WeakMap<Clauses, Rule<Facts>>()

function entryOf(match: Match): readonly Term<Facts>[] {
  const terms = [
    principals(match.principals, false),
    principals(match.notPrincipals, true),
    namespaces(match.namespaces, false),
    namespaces(match.notNamespaces, true),
    accounts(match.serviceAccounts, false),
    accounts(match.notServiceAccounts, true),
    sources(match.sourceIps, false),
    sources(match.notSourceIps, true),
    destinations(match.destinationIps, false),
    destinations(match.notDestinationIps, true),
    ports(match.destinationPorts, false),
    ports(match.notDestinationPorts, true),
  ]
  return terms.filter(each => each !== undefined)
}

interface Kind<T> {
  readonly aspect: Aspect
  readonly textOf: (value: T) => string
  readonly wanted: (values: readonly Open<T>[]) => Match
  readonly excluded: (values: readonly Open<T>[]) => Match
  /** Of what is compared with an identity. */
  readonly identityOf?: (value: T) => Omit<IdentityValue, 'holds' | 'text'>
}

type ListOf<T> = (values: readonly Open<T>[] | undefined, negated: boolean) => Term<Facts> | undefined

function kind<T>({ aspect, textOf, wanted, excluded, identityOf }: Kind<T>): ListOf<T> {
  const holds = (match: Match) => (facts: Facts) => ruleMatches([[match]], facts)
  const named = (value: T, of: Omit<IdentityValue, 'holds' | 'text'>): IdentityValue => {
    const matches = holds(wanted([value]))
    return { ...of, text: textOf(value), holds: identity => matches(callOf(identity)).is === 'yes' }
  }
  return (values, negated) => {
    if (!values || values.length === 0) return undefined
    const texts = values.map(each => (isOpen(each) ? each.placeholder : textOf(each)))
    const term = { condition: conditionOn({ aspect }, negated, texts), holds: holds(negated ? excluded(values) : wanted(values)) }
    if (!identityOf) return term
    return {
      ...term,
      named: {
        placeholders: values.filter(isOpen).map(({ placeholder }) => placeholder),
        values: values.flatMap(each => (isOpen(each) ? [] : [named(each, identityOf(each))])),
      },
    }
  }
}

const principals = kind<StringMatch>({
  aspect: 'principal',
  textOf: textOfPattern,
  wanted: values => ({ principals: values }),
  excluded: values => ({ notPrincipals: values }),
  identityOf: pattern => ({ part: 'principal', key: `principal ${textOfPattern(pattern)}`, ...searched(pattern) }),
})

const namespaces = kind<StringMatch>({
  aspect: 'namespace',
  textOf: textOfPattern,
  wanted: values => ({ namespaces: values }),
  excluded: values => ({ notNamespaces: values }),
  identityOf: pattern => ({
    part: 'namespace',
    key: `ztunnel namespace ${textOfPattern(pattern)}`,
    ...('Exact' in pattern ? { exact: pattern.Exact } : {}),
  }),
})

const accounts = kind<ServiceAccountMatch>({
  aspect: 'service account',
  textOf: textOfAccount,
  wanted: values => ({ serviceAccounts: values }),
  excluded: values => ({ notServiceAccounts: values }),
  identityOf: account => ({ part: 'account', key: `account ${textOfAccount(account)}`, exact: textOfAccount(account) }),
})

const sources = kind<AddressBlock>({
  aspect: 'address',
  textOf: textOfBlock,
  wanted: values => ({ sourceIps: values }),
  excluded: values => ({ notSourceIps: values }),
})

const destinations = kind<AddressBlock>({
  aspect: 'destination address',
  textOf: textOfBlock,
  wanted: values => ({ destinationIps: values }),
  excluded: values => ({ notDestinationIps: values }),
})

const ports = kind<number>({
  aspect: 'port',
  textOf: String,
  wanted: values => ({ destinationPorts: values }),
  excluded: values => ({ notDestinationPorts: values }),
})

function callOf({ principal, namespace, serviceAccount }: Identity): Facts {
  return { identity: { principal, namespace, serviceAccount }, port: 0 }
}

function searched(pattern: StringMatch): Pick<IdentityValue, 'exact' | 'prefix' | 'suffix'> {
  if ('Exact' in pattern) return { exact: pattern.Exact }
  if ('Prefix' in pattern) return { prefix: pattern.Prefix }
  if ('Suffix' in pattern) return { suffix: pattern.Suffix }
  if ('Presence' in pattern) return { prefix: '' }
  return never(pattern)
}

function textOfPattern(pattern: StringMatch): string {
  if ('Exact' in pattern) return pattern.Exact
  if ('Prefix' in pattern) return `${pattern.Prefix}*`
  if ('Suffix' in pattern) return `*${pattern.Suffix}`
  if ('Presence' in pattern) return '*'
  return never(pattern)
}

function textOfAccount({ namespace, serviceAccount }: ServiceAccountMatch): string {
  return `${namespace}/${serviceAccount}`
}

/** One address is written without its length. */
function textOfBlock({ text, version }: AddressBlock): string {
  return text.replace(version === 4 ? /\/32$/ : /\/128$/, '')
}
