// The policies that an Envoy proxy enforces, as it evaluates them: compiled, and in the order in which it reports them.
// Source: istio/istio:pilot/pkg/model/authorization.go (ListAuthorizationPolicies), pilot/pkg/security/authz/builder/builder.go (build).
import type { AuthorizationAction, AuthorizationPolicy, JwtRule, RequestAuthentication } from '../../istio/resources.ts'
import { isTemplated } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { type AttachedPolicy, appliesTo, isForService } from '../attachment.ts'
import { perMesh } from '../perMesh.ts'
import type { Condition } from './attribute.ts'
import { CallerIndex, type CallerKey, keysOf } from './callerIndex.ts'
import type { Destination } from './connection.ts'
import type { Reading } from './facts.ts'
import { callersNamedBy, compileRule } from './rule.ts'
import { type TrustDomains, trustDomainsOf } from './trustDomain.ts'

export interface InForce {
  readonly policies: readonly AuthorizationPolicy[]
  readonly jwtRules: readonly JwtRule[]
  /** What of the mesh is not known and could bring other AuthorizationPolicies. */
  readonly missing: readonly string[]
  /** The same of RequestAuthentications. */
  readonly missingJwtRules: readonly string[]
}

export interface RuleInForce {
  readonly policy: AuthorizationPolicy
  readonly action: AuthorizationAction
  readonly dryRun: boolean
  /** Absent for a policy without rules. */
  readonly rule?: number
  /** What Envoy calls it. */
  readonly name: string
  readonly matches: Condition
  /** Where it names them: nobody else matches. */
  readonly callers?: readonly CallerKey[]
}

/** Kept for each workload and called Service, because whoever asks once asks again. */
export function inForceAt(to: Destination, mesh: Mesh): InForce {
  return remembered(forMesh(mesh).inForce, to.workload, serviceKey(to), () => gather(to, mesh))
}

/** CUSTOM first, then AUDIT, DENY, ALLOW; of one action in the byte order of their names in Envoy. */
export function rulesAt(to: Destination, protocol: 'http' | 'tcp', mesh: Mesh): readonly RuleInForce[] {
  return remembered(forMesh(mesh)[protocol], to.workload, serviceKey(to), () => {
    const rules = inForceAt(to, mesh).policies.flatMap(policy => compiled(policy, protocol, mesh))
    return rules.toSorted((a, b) => order[a.action] - order[b.action] || compare(a.name, b.name))
  })
}

/** Those of the rules that this caller can match at all, in their order. */
export function rulesFor(rules: Rules, identity: Reading<string>): Rules {
  if ('missing' in identity) return rules
  const index = indexes.get(rules) ?? new CallerIndex(rules, ({ callers }) => callers)
  indexes.set(rules, index)
  return index.rulesFor(identity.values.flatMap(keysOf))
}

const indexes = new WeakMap<Rules, CallerIndex<RuleInForce>>()

const order: Readonly<Record<AuthorizationAction, number>> = { CUSTOM: 0, AUDIT: 1, DENY: 2, ALLOW: 3 }

/** `rule[10]` comes before `rule[2]`; those of CUSTOM begin with their provider. */
function nameInEnvoy({ action, namespace, name, provider }: AuthorizationPolicy, rule: number): string {
  return `${action === 'CUSTOM' ? `${provider?.value ?? ''}-` : ''}ns[${namespace}]-policy[${name}]-rule[${rule}]`
}

function gather({ workload, service }: Destination, mesh: Mesh): InForce {
  const called = workload.proxy === 'waypoint' ? service : undefined
  const namespaces = [...new Set([mesh.settings.rootNamespace, workload.namespace, ...(called ? [called.namespace] : [])])]
  const attached = <K extends 'AuthorizationPolicy' | 'RequestAuthentication'>(kind: K) =>
    namespaces.flatMap(namespace => mesh.in(kind, namespace).filter(policy => appliesTo(policy, workload, called, mesh)))
  const unlisted = (kind: 'AuthorizationPolicy' | 'RequestAuthentication') => {
    const templated = namespaces.flatMap(each => mesh.in(kind, each)).filter(each => couldSelect(each, workload))
    const hidden = [
      ...namespaces.filter(each => !mesh.complete(kind, each)).map(each => plural(kind, each)),
      ...templated.map(each => `which workloads ${kind} ${each.namespace}/${each.name} selects`),
    ]
    const ofServices = workload.proxy === 'waypoint' && !called && namespaces.some(each => mesh.in(kind, each).some(isForService))
    return ofServices ? [...hidden, 'which Service is called'] : hidden
  }
  const authentications = attached('RequestAuthentication')
  return {
    policies: attached('AuthorizationPolicy'),
    jwtRules: authentications.flatMap(each => each.jwtRules),
    missing: unlisted('AuthorizationPolicy'),
    missingJwtRules: [...unlisted('RequestAuthentication'), ...authentications.flatMap(placeholdersOf)],
  }
}

function placeholdersOf({ jwtRules, source }: RequestAuthentication): readonly string[] {
  if (source.from !== 'file') return []
  const values = jwtRules.flatMap(({ issuer, audiences, fromParams, fromCookies }) => [
    ...(issuer ? [issuer] : []),
    ...audiences,
    ...fromParams,
    ...fromCookies,
  ])
  return values.flatMap(({ value }) => (isPlaceholder(value) ? [`what ${value} stands for`] : []))
}

/** By labels that something else fills in later. */
function couldSelect({ selector, targetRefs, source }: AttachedPolicy, { labels, proxy }: Workload): boolean {
  if (!selector || targetRefs.length > 0 || proxy === 'waypoint' || source.from !== 'file') return false
  const differing = selector.labels.filter(({ key, value }) => labels[key.value] !== value.value)
  return differing.every(each => isTemplated({ labels: [each] })) && isTemplated(selector)
}

function plural(kind: 'AuthorizationPolicy' | 'RequestAuthentication', namespace: string): string {
  return `the ${kind === 'AuthorizationPolicy' ? 'AuthorizationPolicies' : 'RequestAuthentications'} of namespace ${namespace}`
}

/** They depend on the policy and on these settings alone, so one that stays the same is compiled once for all meshes. */
function compiled(policy: AuthorizationPolicy, protocol: 'http' | 'tcp', mesh: Mesh): Rules {
  const { trustDomains } = forMesh(mesh)
  return remembered(everCompiled, policy, `${protocol} ${trustDomains.join(' ')}`, () => compile(policy, protocol, trustDomains))
}

const everCompiled = new WeakMap<AuthorizationPolicy, Map<string, Rules>>()

/** Of many rules few are ever asked. */
function onceAsked(make: () => Condition): Condition {
  let condition: Condition | undefined
  return facts => {
    condition ??= make()
    return condition(facts)
  }
}

function compile(policy: AuthorizationPolicy, protocol: 'http' | 'tcp', trustDomains: TrustDomains): readonly RuleInForce[] {
  const { action, namespace, rules } = policy
  const dryRun = policy.dryRun && (action === 'ALLOW' || action === 'DENY')
  const context = { namespace, action, trustDomains, protocol, templated: policy.source.from === 'file' }
  const common = { policy, action, dryRun }
  if (rules.length === 0)
    return [{ ...common, name: nameInEnvoy(policy, 0), matches: () => ({ is: 'no', because: 'the policy has no rules' }) }]
  return rules.map((rule, index) => {
    const callers = callersNamedBy(rule, context)
    const matches = onceAsked(() => compileRule(rule, context))
    return { ...common, rule: index, name: nameInEnvoy(policy, index), matches, ...(callers ? { callers } : {}) }
  })
}

type PerWorkload<T> = WeakMap<Workload, Map<string, T>>
type Rules = readonly RuleInForce[]

interface Index {
  readonly trustDomains: TrustDomains
  readonly inForce: PerWorkload<InForce>
  readonly http: PerWorkload<Rules>
  readonly tcp: PerWorkload<Rules>
}

const forMesh = perMesh<Index>(({ settings }) => ({
  trustDomains: trustDomainsOf(settings),
  inForce: new WeakMap(),
  http: new WeakMap(),
  tcp: new WeakMap(),
}))

function remembered<K extends object, T>(known: WeakMap<K, Map<string, T>>, of: K, key: string, make: () => T): T {
  const values = known.get(of) ?? new Map<string, T>()
  known.set(of, values)
  const value = values.get(key) ?? make()
  values.set(key, value)
  return value
}

function serviceKey({ service }: Destination): string {
  return service ? `${service.namespace}/${service.name}` : ''
}
