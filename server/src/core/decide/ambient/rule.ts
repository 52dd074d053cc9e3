// What is left of a rule at ztunnel, which judges connections and sees nothing of HTTP.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go (handleRule).
import type {
  AuthorizationAction,
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicy,
  AuthorizationRule,
  AuthorizationSource,
} from '../../istio/resources.ts'
import { parseAddressBlock } from '../../istio/values/addressBlock.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { type CallerKey, namespaceKey } from '../authorization/callerIndex.ts'
import { type Clauses, isOpen, type Match, type Open, type ServiceAccountMatch, type StringMatch } from './ztunnelPolicy.ts'

/** A rule that istiod was given, and what it makes of it. */
export interface ConvertedRule {
  /** Its place among the policy's rules. */
  readonly rule: number
  /** Absent: the whole rule is left out. */
  readonly clauses?: Clauses
  /** Where it names the callers that can match: nobody else does. */
  readonly callers?: readonly CallerKey[]
  /** What ztunnel has no means to judge, as istiod's status names it: `methods`, `request.headers[x-tenant]`. */
  readonly http: readonly string[]
  /** The same in words, with what istiod drops without saying so: `tokens`, `trust domains`. */
  readonly unjudged: readonly string[]
}

type SourceField = Exclude<keyof AuthorizationSource, 'span'>
type OperationField = Exclude<keyof AuthorizationOperation, 'span'>

/** Fields of HTTP, and what they test. */
const httpSource: Partial<Record<SourceField, string>> = {
  requestPrincipals: 'tokens',
  notRequestPrincipals: 'tokens',
  remoteIpBlocks: 'addresses of original clients',
  notRemoteIpBlocks: 'addresses of original clients',
}

const httpOperation: Partial<Record<OperationField, string>> = {
  methods: 'methods',
  notMethods: 'methods',
  paths: 'paths',
  notPaths: 'paths',
  hosts: 'hosts',
  notHosts: 'hosts',
}

/** Not of HTTP, yet not sent either, and no status says so. */
const vanishing: Partial<Record<SourceField, string>> = { trustDomains: 'trust domains', notTrustDomains: 'trust domains' }

/** Conditions that ztunnel judges; every other key counts as HTTP, `source.serviceAccount` and `connection.sni` too. */
const conditions: Readonly<Record<string, (values: Values, notValues: Values) => Match>> = {
  'source.ip': (values, not) => entry({ sourceIps: blocks(values), notSourceIps: blocks(not) }),
  'source.namespace': (values, not) => entry({ namespaces: patterns(values), notNamespaces: patterns(not) }),
  'source.principal': (values, not) => entry({ principals: patterns(values), notPrincipals: patterns(not) }),
  'destination.ip': (values, not) => entry({ destinationIps: blocks(values), notDestinationIps: blocks(not) }),
  'destination.port': (values, not) => entry({ destinationPorts: ports(values), notDestinationPorts: ports(not) }),
}

/** The rules of an ALLOW or DENY policy. They depend on nothing but the policy, so they are made once. */
export function convertRules(policy: AuthorizationPolicy): readonly ConvertedRule[] {
  const known = converted.get(policy)
  if (known) return known
  const rules = policy.rules.map((rule, index) => ({ rule: index, ...convertRule(rule, policy.action, policy.namespace) }))
  converted.set(policy, rules)
  return rules
}

const converted = new WeakMap<AuthorizationPolicy, readonly ConvertedRule[]>()

/** An ALLOW rule with anything of HTTP is left out as a whole; a DENY rule loses only what ztunnel cannot judge. */
function convertRule(rule: AuthorizationRule, action: AuthorizationAction, namespace: string): Omit<ConvertedRule, 'rule'> {
  const http = [
    ...rule.to.flatMap(each => written(each, httpOperation)),
    ...rule.from.flatMap(each => written(each, httpSource)),
    ...rule.when.map(({ key }) => key.value).filter(key => !Object.hasOwn(conditions, key)),
  ]
  const about = { http: [...new Set(http)], unjudged: unjudged(rule) }
  if (action === 'ALLOW' && http.length > 0) return about
  const clauses = [
    ...(rule.to.length > 0 ? [rule.to.map(fromOperation)] : []),
    ...(rule.from.length > 0 ? [rule.from.map(each => fromSource(each, namespace))] : []),
    ...rule.when.map(each => [fromCondition(each)]),
  ]
  const callers = callersNamedBy(clauses)
  return { ...about, clauses, ...(callers ? { callers } : {}) }
}

/** Undefined where others can match too. */
function callersNamedBy(clauses: Clauses): readonly CallerKey[] | undefined {
  const named = clauses.map(clause => clause.map(callersNamedIn)).find(each => each.every(keys => keys !== undefined))
  return named?.flatMap(keys => keys ?? [])
}

function callersNamedIn({ principals, namespaces, serviceAccounts }: Match): readonly CallerKey[] | undefined {
  return (
    keysOfAll(principals, each => ('Exact' in each ? each.Exact : undefined)) ??
    keysOfAll(serviceAccounts, each => namespaceKey(each.namespace)) ??
    keysOfAll(namespaces, each => ('Exact' in each ? namespaceKey(each.Exact) : undefined))
  )
}

function keysOfAll<T>(
  values: readonly Open<T>[] | undefined,
  keyOf: (value: T) => CallerKey | undefined,
): readonly CallerKey[] | undefined {
  const keys = values?.map(each => (isOpen(each) ? undefined : keyOf(each)))
  return keys?.every(key => key !== undefined) ? keys : undefined
}

/** Whether a connection can match at all: an entry of which nothing is left never does. */
export function canMatch(clauses: Clauses): boolean {
  return clauses.every(clause => clause.some(match => !isEmpty(match)))
}

export function isEmpty(match: Match): boolean {
  for (const _ in match) return false
  return true
}

/** The rule as it would have to be written for ztunnel to do the same; undefined where it never matches. AUDIT and CUSTOM are not sent at all. */
export function ruleAtZtunnel(rule: AuthorizationRule, action: AuthorizationAction): AuthorizationRule | undefined {
  if (action === 'AUDIT' || action === 'CUSTOM') return undefined
  const { clauses } = convertRule(rule, action, '')
  if (!clauses || !canMatch(clauses)) return undefined
  return {
    ...rule,
    from: rule.from.map(each => without(each, { ...httpSource, ...vanishing })).filter(each => !isEmpty(fromSource(each, ''))),
    to: rule.to.map(each => without(each, httpOperation)).filter(each => !isEmpty(fromOperation(each))),
  }
}

/** What a rule tests that ztunnel cannot judge, in words: `methods`, `paths`, `request.headers[x-tenant]`. */
export function unjudged(rule: AuthorizationRule): readonly string[] {
  const words = [
    ...rule.to.flatMap(each => written(each, httpOperation).map(field => httpOperation[field])),
    ...rule.from.flatMap(each => written(each, httpSource).map(field => httpSource[field])),
    ...rule.from.flatMap(each => written(each, vanishing).map(field => vanishing[field])),
    ...rule.when.map(({ key }) => key.value).filter(key => !Object.hasOwn(conditions, key)),
  ]
  return [...new Set(words.filter(word => word !== undefined))]
}

type Values = readonly Located<string>[]

/** The fields of the table that have values here. */
function written<Field extends string>(from: { readonly [F in Field]: Values }, table: Partial<Record<Field, string>>): readonly Field[] {
  return (Object.keys(table) as Field[]).filter(field => from[field].length > 0)
}

function without<Field extends string, From extends { readonly [F in Field]: Values }>(
  from: From,
  table: Partial<Record<Field, string>>,
): From {
  return { ...from, ...Object.fromEntries(Object.keys(table).map(field => [field, []])) }
}

function fromSource(source: AuthorizationSource, namespace: string): Match {
  return entry({
    namespaces: patterns(source.namespaces),
    notNamespaces: patterns(source.notNamespaces),
    serviceAccounts: accounts(source.serviceAccounts, namespace),
    notServiceAccounts: accounts(source.notServiceAccounts, namespace),
    principals: patterns(source.principals),
    notPrincipals: patterns(source.notPrincipals),
    sourceIps: blocks(source.ipBlocks),
    notSourceIps: blocks(source.notIpBlocks),
  })
}

function fromOperation(operation: AuthorizationOperation): Match {
  return entry({ destinationPorts: ports(operation.ports), notDestinationPorts: ports(operation.notPorts) })
}

function fromCondition({ key, values, notValues }: AuthorizationCondition): Match {
  return Object.hasOwn(conditions, key.value) ? (conditions[key.value]?.(values, notValues) ?? {}) : {}
}

/** Without the fields that are empty, which limit nothing. */
function entry(fields: Match): Match {
  return Object.fromEntries(Object.entries(fields).filter(([, values]) => values.length > 0))
}

/** Values that cannot be read are dropped, as istiod does. */
function read<T>(values: Values, one: (text: string) => T | undefined): readonly Open<T>[] {
  return values.flatMap<Open<T>>(({ value }) => (isPlaceholder(value) ? { placeholder: value } : (one(value) ?? [])))
}

const patterns = (values: Values) => read(values, pattern)
const accounts = (values: Values, namespace: string) => read(values, text => account(text, namespace))
const ports = (values: Values) => read(values, port)
const blocks = (values: Values) => read(values, parseAddressBlock)

/** A star at the start is tested first; a second one is a plain character. */
function pattern(text: string): StringMatch {
  if (text === '*') return { Presence: [] }
  if (text.startsWith('*')) return { Suffix: text.slice(1) }
  if (text.endsWith('*')) return { Prefix: text.slice(0, -1) }
  return { Exact: text }
}

/** A name alone is an account of the policy's own namespace, of the root namespace for a policy there. */
function account(text: string, namespace: string): ServiceAccountMatch {
  const slash = text.indexOf('/')
  return slash < 0 ? { namespace, serviceAccount: text } : { namespace: text.slice(0, slash), serviceAccount: text.slice(slash + 1) }
}

const highestPort = 65_535

function port(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= highestPort ? Number(text) : undefined
}
