// Who calls: the fields of a `source`. Source: istio/istio:pilot/pkg/security/authz/model/generator.go.
import type { AuthorizationSource } from '../../istio/resources.ts'
import { type Address, contains, parseAddressBlock } from '../../istio/values/addressBlock.ts'
import { type Attribute, attribute, type Definition, type RuleContext } from './attribute.ts'
import { type CallerKey, isExact, namespaceKey } from './callerIndex.ts'
import { requestPrincipal } from './claimMatch.ts'
import type { Facts, Reading } from './facts.ts'
import { glob, quoted, stringMatch } from './stringMatch.ts'
import { withAliases, withAllDomains } from './trustDomain.ts'

const ofIdentity = { read: ({ identity }: Facts) => identity, absent: 'the caller shows no identity' }

/** The value is compared with the SPIFFE ID behind `spiffe://`. */
export const principal = attribute<string>({
  ...ofIdentity,
  noun: 'principal',
  spellings: (values, { trustDomains }) => withAliases(values, trustDomains),
  pattern: stringMatch,
})

/** Every star is any text, and the namespace is looked for anywhere in the identity. */
export const namespace = attribute<string>({
  ...ofIdentity,
  noun: 'namespace',
  show: id => /\/ns\/([^/]+)\//.exec(id)?.[1] ?? id,
  pattern: value => glob(`*/ns/${value}/*`),
})

/** A bare name is of the policy's own namespace. Any trust domain; other parts may stand between and behind. */
export const serviceAccount = attribute<string>({
  ...ofIdentity,
  noun: 'service account',
  show: id => id.replace(/^.*?\/ns\/([^/]+)\/sa\/([^/]+)$/, '$1/$2'),
  pattern: (value, context) => {
    const [ns, name] = accountIn(value, context)
    const expression = new RegExp(`^.+/ns/${quoted(ns)}/(?:.+/)?sa/${quoted(name)}(?:/.+)?$`, 's')
    return id => expression.test(id)
  },
})

function accountIn(value: string, { namespace }: RuleContext): readonly [namespace: string, name: string] {
  const slash = value.indexOf('/')
  return slash < 0 ? [namespace, value] : [value.slice(0, slash), value.slice(slash + 1)]
}

export const trustDomain = attribute<string>({
  ...ofIdentity,
  noun: 'trust domain',
  show: id => id.split('/')[0] ?? id,
  spellings: (values, { trustDomains }) => withAllDomains(values, trustDomains),
  pattern: value => {
    if (value === '*') return () => true
    const star = value.indexOf('*')
    if (star < 0) return id => id.startsWith(`${value}/`)
    const expression = new RegExp(`^${quoted(value.slice(0, star))}[^/]*${quoted(value.slice(star + 1))}/`)
    return id => expression.test(id)
  },
})

export const sourceIp = attribute(address('source address', facts => facts.sourceIp))
export const remoteIp = attribute(address('remote address', facts => facts.remoteIp))

/** Host bits of a block do not count. */
export function address(noun: string, read: (facts: Facts) => Reading<Address>): Definition<Address> {
  return {
    noun,
    read,
    show: ({ text }) => text,
    pattern: value => {
      const block = parseAddressBlock(value)
      return block && (of => contains(block, of))
    },
  }
}

/** The callers that a `source` asks for by name; undefined where it names none, or not each. */
export function callersNamedIn(source: AuthorizationSource, context: RuleContext): readonly CallerKey[] | undefined {
  const exact = (list: readonly { readonly value: string }[]) => {
    const values = list.map(({ value }) => value)
    return values.length > 0 && values.every(isExact) ? values : undefined
  }
  const principals = exact(source.principals)
  if (principals) return withAliases(principals, context.trustDomains)
  const namespaces = exact(source.namespaces) ?? exact(source.serviceAccounts)?.map(each => accountIn(each, context)[0])
  return namespaces?.some(each => each.includes('/')) ? undefined : namespaces?.map(namespaceKey)
}

type SourceList = Exclude<keyof AuthorizationSource, 'span'>

export const sourceFields: readonly (readonly [values: SourceList, notValues: SourceList, attribute: Attribute])[] = [
  ['principals', 'notPrincipals', principal],
  ['requestPrincipals', 'notRequestPrincipals', requestPrincipal],
  ['serviceAccounts', 'notServiceAccounts', serviceAccount],
  ['trustDomains', 'notTrustDomains', trustDomain],
  ['namespaces', 'notNamespaces', namespace],
  ['remoteIpBlocks', 'notRemoteIpBlocks', remoteIp],
  ['ipBlocks', 'notIpBlocks', sourceIp],
]
