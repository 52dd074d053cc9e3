// Rules as Envoy evaluates them, taken apart. What Istio leaves out of a filter is left out here too (authorization/rule.ts).

import { own } from '../../istio/own.ts'
import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicy,
  AuthorizationRule,
  AuthorizationSource,
} from '../../istio/resources.ts'
import { readBracketedKey } from '../../istio/values/bracketedKey.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Attribute, RuleContext } from '../authorization/attribute.ts'
import { conditionAttribute } from '../authorization/conditionMatch.ts'
import { type Facts, nothing } from '../authorization/facts.ts'
import { operationFields } from '../authorization/operationMatch.ts'
import { sourceFields } from '../authorization/sourceMatch.ts'
import { trustDomainsOf, withAliases } from '../authorization/trustDomain.ts'
import { perMesh } from '../perMesh.ts'
import { type Aspect, conditionOn, type Subject } from './condition.ts'
import type { Identity } from './identities.ts'
import type { IdentityValue } from './identitySet.ts'
import { type Entry, neverMatches, type Rule, type Term } from './term.ts'

/** The rules of a policy in the order in which they are written, made once for a mesh. */
export function envoyRules(policy: AuthorizationPolicy, protocol: 'http' | 'tcp', mesh: Mesh): readonly Rule<Facts>[] {
  const known = takenApart(mesh)[protocol]
  const rules = known.get(policy) ?? takeApart(policy, protocol, mesh)
  known.set(policy, rules)
  return rules
}

const takenApart = perMesh(() => ({
  http: new WeakMap<AuthorizationPolicy, readonly Rule<Facts>[]>(),
  tcp: new WeakMap<AuthorizationPolicy, readonly Rule<Facts>[]>(),
}))

function takeApart(policy: AuthorizationPolicy, protocol: 'http' | 'tcp', { settings }: Mesh): readonly Rule<Facts>[] {
  const { action, namespace, source, rules } = policy
  const context = { namespace, action, trustDomains: trustDomainsOf(settings), protocol, templated: source.from === 'file' }
  return rules.map(rule => clausesOf(rule, context))
}

const sourceAspects: Partial<Readonly<Record<keyof AuthorizationSource, Aspect>>> = {
  principals: 'principal',
  namespaces: 'namespace',
  serviceAccounts: 'service account',
  trustDomains: 'trust domain',
  ipBlocks: 'address',
  remoteIpBlocks: 'client address',
  requestPrincipals: 'token',
}

const operationAspects: Partial<Readonly<Record<keyof AuthorizationOperation, Aspect>>> = {
  hosts: 'host',
  methods: 'method',
  paths: 'path',
  ports: 'port',
}

const keyAspects: Readonly<Record<string, Aspect>> = {
  'source.ip': 'address',
  'remote.ip': 'client address',
  'source.namespace': 'namespace',
  'source.serviceAccount': 'service account',
  'source.trustDomain': 'trust domain',
  'source.principal': 'principal',
  'request.auth.principal': 'token',
  'request.auth.audiences': 'audience',
  'request.auth.presenter': 'presenter',
  'destination.ip': 'destination address',
  'destination.port': 'port',
  'connection.sni': 'SNI',
}

function clausesOf(rule: AuthorizationRule, context: RuleContext): Rule<Facts> {
  const from = rule.from.map(source =>
    sourceFields.flatMap(([values, notValues, attribute]) =>
      listsOf({ aspect: aspectOf(values, sourceAspects) }, attribute, source[values], source[notValues], context),
    ),
  )
  const to = rule.to.map(operation =>
    operationFields.flatMap(([values, notValues, attribute]) =>
      listsOf({ aspect: aspectOf(values, operationAspects) }, attribute, operation[values], operation[notValues], context),
    ),
  )
  const when = rule.when.map(condition => listsOfKey(condition, context))
  if ([...from, ...to, ...when].flat().includes('left out')) return neverMatches
  const isTerm = (each: Term<Facts> | 'left out') => each !== 'left out'
  const entries = (of: readonly (readonly (Term<Facts> | 'left out')[])[]): readonly Entry<Facts>[] => of.map(entry => entry.filter(isTerm))
  return [...(from.length > 0 ? [entries(from)] : []), ...(to.length > 0 ? [entries(to)] : []), ...entries(when).map(entry => [entry])]
}

function aspectOf<Field extends string>(field: Field, aspects: Partial<Readonly<Record<Field, Aspect>>>): Aspect {
  const aspect = aspects[field]
  // Left out, a condition would be lost and the answer be too wide.
  if (!aspect) throw new Error(`the field ${field} has no aspect`)
  return aspect
}

function listsOfKey({ key, values, notValues }: AuthorizationCondition, context: RuleContext): readonly (Term<Facts> | 'left out')[] {
  const attribute = conditionAttribute(key.value)
  return attribute ? listsOf(subjectOf(key.value), attribute, values, notValues, context) : ['left out']
}

function subjectOf(key: string): Subject {
  const aspect = own(keyAspects, key)
  if (aspect) return { aspect }
  const bracketed = readBracketedKey(key)
  if (!bracketed) return { aspect: 'metadata', name: key.replace(/^experimental\./, '') }
  return bracketed.base === 'request.headers'
    ? { aspect: 'header', name: bracketed.names?.[0]?.toLowerCase() ?? '' }
    : { aspect: 'claim', name: bracketed.names?.join('.') ?? '' }
}

type Values = readonly { readonly value: string }[]

function listsOf(
  subject: Subject,
  attribute: Attribute,
  values: Values,
  notValues: Values,
  context: RuleContext,
): readonly (Term<Facts> | 'left out')[] {
  const lists = [listOf(subject, attribute, values, false, context), listOf(subject, attribute, notValues, true, context)]
  return lists.filter(each => each !== undefined)
}

function listOf(
  subject: Subject,
  attribute: Attribute,
  list: Values,
  negated: boolean,
  context: RuleContext,
): Term<Facts> | 'left out' | undefined {
  if (list.length === 0) return undefined
  const written = list.map(({ value }) => value)
  const holds = negated ? attribute.compile([], written, context) : attribute.compile(written, [], context)
  if (holds === undefined) return undefined
  if (typeof holds !== 'function') return 'left out'
  // Values that Istio cannot read are gone; of an ALLOW rule all can be read, or it is left out.
  const values = context.action === 'ALLOW' ? written : written.filter(value => attribute.compile([value], [], context) !== undefined)
  const condition = conditionOn(subject, negated, values)
  const part = parts[subject.aspect]
  if (!part) return { condition, holds }
  const placeholders = context.templated ? values.filter(isPlaceholder) : []
  const literal = values.filter(value => !placeholders.includes(value))
  return { condition, holds, named: { placeholders, values: literal.flatMap(value => part(value, attribute, context)) } }
}

type ValuesIn = (value: string, attribute: Attribute, context: RuleContext) => readonly IdentityValue[]

const parts: Partial<Record<Aspect, ValuesIn>> = {
  principal: (value, attribute, context) =>
    withAliases([value], context.trustDomains).map(each => principal(each, value, attribute, context)),
  // A slash reaches over more than the namespace.
  namespace: (value, attribute, context) => {
    if (value.includes('/')) return [{ part: 'principal', text: value, key: `namespace ${value}`, holds: tried(value, attribute, context) }]
    return [named('namespace', value, value.includes('*'), attribute, context)]
  },
  'service account': (value, attribute, context) => {
    const account = value.includes('/') ? value : `${context.namespace}/${value}`
    return [named('account', account, false, attribute, context)]
  },
  'trust domain': (value, attribute, context) => [named('trust domain', value, true, attribute, context)],
}

function principal(value: string, text: string, attribute: Attribute, context: RuleContext): IdentityValue {
  const holds = tried(value, attribute, context)
  const common = { part: 'principal', text, key: `principal ${value}`, holds } as const
  if (value === '*') return { ...common, prefix: '' }
  if (value.startsWith('*')) return { ...common, suffix: value.slice(1) }
  return value.endsWith('*') ? { ...common, prefix: value.slice(0, -1) } : { ...common, exact: value }
}

function named(part: IdentityValue['part'], value: string, isWildcard: boolean, attribute: Attribute, context: RuleContext): IdentityValue {
  const holds = tried(value, attribute, context)
  return { part, text: value, key: `${part} ${value}`, holds, ...(isWildcard ? {} : { exact: value }) }
}

function tried(value: string, attribute: Attribute, context: RuleContext): (identity: Identity) => boolean {
  const compiled = attribute.compile([value], [], context)
  if (typeof compiled !== 'function') return () => false
  return ({ principal: id }) => compiled({ ...unknownConnection, identity: { values: [id] } }).is === 'yes'
}

/** Of which nothing is asked but the identity. */
const unknownConnection: Omit<Facts, 'identity'> = {
  sourceIp: nothing,
  remoteIp: nothing,
  destinationIp: nothing,
  port: 0,
  sni: nothing,
  metadata: () => nothing,
}
