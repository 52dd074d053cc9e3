// The lists of a rule that are compared with one attribute: what is asked for, and what is excluded.

import type { AuthorizationPolicy, AuthorizationRule } from '../../istio/resources.ts'
import { readBracketedKey } from '../../istio/values/bracketedKey.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'

export interface Pair {
  /** As they are written: `paths` and `notPaths`, `values` and `notValues`. */
  readonly name: string
  readonly opposite: string
  readonly values: readonly Located<string>[]
  readonly notValues: readonly Located<string>[]
  /** Whether the first matches whatever the second does. */
  covers(value: string, other: string): boolean
}

export function pairsIn(policy: AuthorizationPolicy): readonly Pair[] {
  return policy.rules.flatMap(rule => pairsOfRule(rule, policy.namespace))
}

function pairsOfRule({ from, to, when }: AuthorizationRule, namespace: string): readonly Pair[] {
  const account = (value: string) => (value.includes('/') ? value : `${namespace}/${value}`)
  const pair = (name: string, values: Values, notValues: Values, covers: Pair['covers']): readonly Pair[] =>
    values.length + notValues.length < 2
      ? []
      : [
          {
            name,
            opposite: `not${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
            values: known(values),
            notValues: known(notValues),
            covers,
          },
        ]
  return [
    ...from.flatMap(source => [
      ...pair('principals', source.principals, source.notPrincipals, ofPrincipals),
      ...pair('requestPrincipals', source.requestPrincipals, source.notRequestPrincipals, ofNames),
      ...pair('namespaces', source.namespaces, source.notNamespaces, ofTexts),
      ...pair('serviceAccounts', source.serviceAccounts, source.notServiceAccounts, (a, b) => account(a) === account(b)),
      ...pair('trustDomains', source.trustDomains, source.notTrustDomains, ofNames),
      ...pair('ipBlocks', source.ipBlocks, source.notIpBlocks, same),
      ...pair('remoteIpBlocks', source.remoteIpBlocks, source.notRemoteIpBlocks, same),
    ]),
    ...to.flatMap(operation => [
      ...pair('hosts', operation.hosts, operation.notHosts, ofHosts),
      ...pair('ports', operation.ports, operation.notPorts, same),
      ...pair('methods', operation.methods, operation.notMethods, ofTexts),
      ...pair('paths', operation.paths, operation.notPaths, ofPaths),
    ]),
    ...when.flatMap(({ key, values, notValues }) => pair('values', values, notValues, coversOf(key.value))),
  ]
}

type Values = readonly Located<string>[]

function known(values: Values): Values {
  return values.filter(({ value }) => value !== '' && !isPlaceholder(value))
}

const same: Pair['covers'] = (value, other) => value === other
const ofNames: Pair['covers'] = (value, other) => value === '*' || value === other

/** `exact`, `prefix*`, `*suffix`, `*`; a leading star is read first. */
const ofTexts: Pair['covers'] = (value, other) => {
  if (value === '*' || value === other) return true
  if (value.startsWith('*')) return (other.startsWith('*') || !other.endsWith('*')) && other.endsWith(value.slice(1))
  return value.endsWith('*') && !other.startsWith('*') && other.startsWith(value.slice(0, -1))
}

/** Only a whole principal gets the other names of its trust domain; a text that begins with a slash is behind all of them. */
const ofPrincipals: Pair['covers'] = (value, other) => (value.startsWith('*/') ? ofTexts(value, other) : ofNames(value, other))

/** One with a slash is no host, and has a finding of its own. */
const ofHosts: Pair['covers'] = (value, other) => !/\//.test(value + other) && ofTexts(value.toLowerCase(), other.toLowerCase())

/** Templates are not compared. */
const ofPaths: Pair['covers'] = (value, other) => (/[{}]/.test(value + other) ? value === other : ofTexts(value, other))

const texts: readonly string[] = ['source.namespace', 'request.auth.audiences', 'request.auth.presenter', 'connection.sni']

function coversOf(key: string): Pair['covers'] {
  if (texts.includes(key) || readBracketedKey(key)) return ofTexts
  if (key === 'source.principal') return ofPrincipals
  return key === 'request.auth.principal' || key === 'source.trustDomain' ? ofNames : same
}
