// What an AuthorizationPolicy does, in words: whom it admits or refuses, to which workloads, and what follows for everybody else.
import { ruleAtZtunnel, unjudged } from '../decide/ambient/rule.ts'
import { protectedBy, unservedTargets, workloadsOf } from '../decide/attachment.ts'
import { type EffectiveMtls, effectiveMtls } from '../decide/mtls/server.ts'
import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicy,
  AuthorizationRule,
  AuthorizationSource,
  PeerAuthentication,
  Selector,
} from '../istio/resources.ts'
import { namesWorkloads } from '../istio/selector.ts'
import { never, parsePrincipal } from '../istio/values/principal.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import type { Located } from '../yaml/tree.ts'
import { count, either, list } from './words.ts'

export interface PolicyDescription {
  /** `ALLOW · shop/checkout-callers → 1 workload, 2 pods: checkout` */
  readonly headline: string
  /** One line for each rule: who, what, on which condition. */
  readonly rules: readonly string[]
  /** What follows: for everybody else, from mTLS, who enforces it. */
  readonly consequences: readonly string[]
}

export function describePolicy(policy: AuthorizationPolicy, mesh: Mesh): PolicyDescription {
  const workloads = workloadsOf(policy, mesh)
  const dryRun = policy.dryRun ? ' (dry run: decides nothing)' : ''
  return {
    headline: `${policy.action}${dryRun} · ${policy.namespace}/${policy.name} → ${describeTargets(policy, workloads, mesh)}`,
    rules: policy.rules.map(rule => [describeRule(rule, policy, mesh), ...noteOfZtunnel(rule, policy, workloads, mesh)].join(' · ')),
    consequences: describeConsequences(policy, workloads, mesh),
  }
}

function describeConsequences(policy: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): readonly string[] {
  const unserved = unservedTargets(policy, mesh).map(ref => ref.targetName.value)
  const lines = unserved.map(name => `No waypoint serves Service ${name}, so nothing enforces this.`)
  if (unserved.length > 0 && unserved.length === policy.targetRefs.length) return lines
  const enforced = onlyZtunnel(workloads) ? asZtunnelGetsIt(policy) : policy
  return [
    ...lines,
    describeRest(policy, enforced, workloads, mesh),
    ...describeMtls(enforced, workloads, mesh),
    describeEnforcer(policy, workloads),
  ].filter(line => line !== undefined)
}

function asZtunnelGetsIt(policy: AuthorizationPolicy): AuthorizationPolicy {
  return { ...policy, rules: policy.rules.flatMap(rule => ruleAtZtunnel(rule, policy.action) ?? []) }
}

/** No other proxy enforces the policy, so what ztunnel makes of it is what it does. */
function onlyZtunnel(workloads: readonly Workload[]): boolean {
  return workloads.some(each => each.proxy === 'ztunnel') && workloads.every(each => each.proxy === 'ztunnel' || each.proxy === 'none')
}

/** What ztunnel makes of a rule, where that is something else than is written. */
function noteOfZtunnel(
  rule: AuthorizationRule,
  policy: AuthorizationPolicy,
  workloads: readonly Workload[],
  mesh: Mesh,
): readonly string[] {
  const blind = unjudged(rule)
  const { action } = policy
  if (blind.length === 0 || policy.dryRun || (action !== 'ALLOW' && action !== 'DENY')) return []
  if (!workloads.some(each => each.proxy === 'ztunnel')) return []
  const left = ruleAtZtunnel(rule, action)
  const verb = action === 'ALLOW' ? 'admits' : 'refuses'
  const effect = left ? `${verb} ${describeRule(left, policy, mesh)}` : `${verb} nobody`
  const where = onlyZtunnel(workloads) ? '' : 'other proxies enforce it as written; '
  return [`${where}ztunnel cannot judge ${either(blind)}: this rule ${effect} there`]
}

function describeTargets(policy: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): string {
  const served = protectedBy(policy, mesh)
  const targets = targetsOf(policy)
  const through = targets.length > 0 ? `${list(targets)}: ` : ''
  const shown = served.length > 0 ? served : workloads
  if (shown.length > 0) {
    const pods = shown.reduce((sum, workload) => sum + workload.pods.length, 0)
    return `${through}${count(shown.length, 'workload')}, ${count(pods, 'pod')}: ${list(namesOf(shown, policy.namespace))}`
  }
  const scope = targets.length > 0 ? list(targets) : describeScope(policy, mesh)
  const everywhere = policy.namespace === mesh.settings.rootNamespace
  const seen = mesh.complete('Pod', everywhere ? undefined : policy.namespace)
  return seen ? `no workload (${scope})` : `${scope} (which workloads those are is not known here)`
}

function namesOf(workloads: readonly Workload[], namespace: string): readonly string[] {
  return workloads.map(each => (each.namespace === namespace ? each.name : `${each.name} (${each.namespace})`))
}

function describeScope(policy: { readonly namespace: string; readonly selector?: Selector }, mesh: Mesh): string {
  const everywhere = policy.namespace === mesh.settings.rootNamespace
  const where = everywhere ? 'the whole mesh' : `namespace ${policy.namespace}`
  if (!namesWorkloads(policy.selector)) return everywhere ? where : `every workload of ${where}`
  const labels = policy.selector?.labels.map(({ key, value }) => `${key.value}=${value.value}`) ?? []
  return `workloads with ${list(labels)} in ${where}`
}

function describeRule(rule: AuthorizationRule, policy: AuthorizationPolicy, mesh: Mesh): string {
  const sources = rule.from.map(source => describeSource(source, policy, mesh))
  const operations = rule.to.map(describeOperation)
  const conditions = rule.when.map(describeCondition)
  const who = sources.length > 0 ? either(sources) : 'anyone, callers without identity included'
  const what = operations.length > 0 ? either(operations) : 'any request'
  return [who, what, ...conditions.map(condition => `if ${condition}`)].join(' · ')
}

function describeSource(source: AuthorizationSource, policy: AuthorizationPolicy, mesh: Mesh): string {
  const of = (values: readonly Located<string>[], words: (value: string) => string) =>
    values.length > 0 ? either(values.map(({ value }) => words(value))) : undefined
  const except = (values: readonly Located<string>[], words: (value: string) => string) => {
    const named = of(values, words)
    return named && `except ${named}`
  }
  const identity = (value: string) => describePrincipal(value, mesh)
  const account = (value: string) => describeAccount(value, policy.namespace)
  const podsOf = (value: string) => (value === '*' ? 'any pod of the mesh' : `any pod of ${value}`)
  const caller = (value: string) => (value === '*' ? 'any valid token' : `the token ${value}`)
  const identities = [
    of(source.principals, identity),
    of(source.serviceAccounts, account),
    of(source.namespaces, podsOf),
    of(source.trustDomains, value => `the trust domain ${value}`),
  ].filter(part => part !== undefined)
  const limits = [
    of(source.requestPrincipals, value => `with ${caller(value)}`),
    of(source.ipBlocks, value => `from ${value}`),
    of(source.remoteIpBlocks, value => `for clients from ${value}`),
    except(source.notPrincipals, identity),
    except(source.notServiceAccounts, account),
    except(source.notNamespaces, podsOf),
    except(source.notTrustDomains, value => `the trust domain ${value}`),
    except(source.notRequestPrincipals, caller),
    except(source.notIpBlocks, value => value),
    except(source.notRemoteIpBlocks, value => `clients from ${value}`),
  ].filter(part => part !== undefined)
  // All fields of one source must hold at once.
  return [identities.join(' and also ') || 'anyone', ...limits].join(' ')
}

/** `frontend (shop)` for an account of this mesh, words for a pattern. */
export function describePrincipal(value: string, mesh: Mesh): string {
  const principal = parsePrincipal(value)
  switch (principal.match) {
    case 'exact': {
      const { trustDomain, namespace, serviceAccount } = principal
      const local = trustDomain === 'cluster.local' || trustDomain === mesh.settings.trustDomain
      return local ? `${serviceAccount} (${namespace})` : `${serviceAccount} (${namespace}, trust domain ${trustDomain})`
    }
    case 'any':
      return 'any caller with a mesh identity'
    case 'prefix':
      return `identities that start with ${principal.text}`
    case 'suffix':
      return `identities that end with ${principal.text}`
    case 'malformed':
      return `nobody (${value} is no identity)`
    default:
      return never(principal)
  }
}

function describeAccount(value: string, namespace: string): string {
  const [first = '', second] = value.split('/')
  return second === undefined ? `${first} (${namespace})` : `${second} (${first})`
}

function describeOperation(operation: AuthorizationOperation): string {
  const values = (located: readonly Located<string>[]) => located.map(({ value }) => value).join(', ')
  const parts = [
    operation.methods.length > 0 ? values(operation.methods) : undefined,
    operation.paths.length > 0 ? values(operation.paths) : undefined,
    operation.hosts.length > 0 ? `host ${values(operation.hosts)}` : undefined,
    operation.ports.length > 0 ? `port ${values(operation.ports)}` : undefined,
    operation.notMethods.length > 0 ? `not ${values(operation.notMethods)}` : undefined,
    operation.notPaths.length > 0 ? `not ${values(operation.notPaths)}` : undefined,
    operation.notHosts.length > 0 ? `not host ${values(operation.notHosts)}` : undefined,
    operation.notPorts.length > 0 ? `not port ${values(operation.notPorts)}` : undefined,
  ].filter(part => part !== undefined)
  return parts.length > 0 ? parts.join(' ') : 'any request'
}

function describeCondition({ key, values, notValues }: AuthorizationCondition): string {
  const positive = values.length > 0 ? `is ${either(values.map(each => each.value))}` : undefined
  const negative = notValues.length > 0 ? `is not ${either(notValues.map(each => each.value))}` : undefined
  return `${key.value} ${[positive, negative].filter(part => part !== undefined).join(' and ')}`
}

function describeRest(
  policy: AuthorizationPolicy,
  enforced: AuthorizationPolicy,
  workloads: readonly Workload[],
  mesh: Mesh,
): string | undefined {
  if (policy.dryRun) return 'Results show only in metrics and the debug log of the proxy.'
  switch (policy.action) {
    case 'ALLOW':
      return describeOthers(policy, enforced, workloads, mesh)
    case 'DENY':
      return enforced.rules.length === 0
        ? `${noRules(policy)}: it refuses nothing.`
        : 'Refused before any ALLOW policy is looked at. Everything else is left to the ALLOW policies.'
    case 'AUDIT':
      return onlyZtunnel(workloads) ? 'Decides and marks nothing.' : 'Marks requests for telemetry and decides nothing.'
    case 'CUSTOM':
      if (onlyZtunnel(workloads)) return 'No external authorizer is asked.'
      return `Asks the external authorizer ${policy.provider?.value ?? ''} first; DENY and ALLOW policies still apply.`.replace('  ', ' ')
    default:
      return never(policy.action)
  }
}

function noRules(policy: AuthorizationPolicy): string {
  return policy.rules.length === 0 ? 'No rules' : 'No rule that ztunnel can judge'
}

function describeOthers(policy: AuthorizationPolicy, enforced: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): string {
  if (enforced.rules.some(matchesEverything))
    return 'It admits everyone that no DENY or CUSTOM policy refuses: a rule without conditions matches every request.'
  const others = mesh
    .all('AuthorizationPolicy')
    .filter(other => isAllow(other) && !isSame(other, policy) && meet(other, policy, workloads, mesh))
  const unless = either(others.slice(0, 5).map(other => `${other.namespace}/${other.name}`))
  if (enforced.rules.length === 0) return `${noRules(policy)}: every request is refused${unless ? ` unless ${unless} admits it` : ''}.`
  if (unless) return `Everyone else is refused unless ${unless} admits them.`
  const known = mesh.complete('AuthorizationPolicy', policy.namespace) && mesh.complete('AuthorizationPolicy', mesh.settings.rootNamespace)
  if (!known || workloads.length === 0) return 'Everyone else is refused unless another ALLOW policy admits them.'
  const whose = policy.targetRefs.length > 0 ? targetsOf(policy) : namesOf(workloads, policy.namespace)
  return `Everyone else is refused: this is the only ALLOW policy of ${list(whose, 3)}.`
}

function matchesEverything({ from, to, when }: AuthorizationRule): boolean {
  return from.length + to.length + when.length === 0
}

function isAllow({ action, dryRun }: AuthorizationPolicy): boolean {
  return action === 'ALLOW' && !dryRun
}

function isSame(a: AuthorizationPolicy, b: AuthorizationPolicy): boolean {
  return a.namespace === b.namespace && a.name === b.name
}

/** Whether both policies decide about the same traffic: a target in common, or a workload where neither has targets. */
function meet(other: AuthorizationPolicy, policy: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): boolean {
  if (
    other.namespace !== policy.namespace &&
    other.namespace !== mesh.settings.rootNamespace &&
    policy.namespace !== mesh.settings.rootNamespace
  )
    return false
  if (policy.targetRefs.length > 0)
    return other.namespace === policy.namespace && targetsOf(other).some(target => targetsOf(policy).includes(target))
  const theirs = new Set(workloadsOf(other, mesh))
  return workloads.some(workload => theirs.has(workload))
}

function targetsOf(policy: AuthorizationPolicy): readonly string[] {
  return policy.targetRefs.map(ref => `${ref.targetKind.value} ${ref.targetName.value}`)
}

function describeMtls(policy: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): readonly string[] {
  const proxied = workloads.filter(each => each.proxy === 'sidecar' || each.proxy === 'ztunnel')
  const modes = new Map<string, string[]>()
  for (const workload of proxied) {
    const key = modeWithReason(effectiveMtls(mesh, workload))
    modes.set(key, [...(modes.get(key) ?? []), workload.name])
  }
  const lines = [...modes].map(([mode, names]) => `mTLS${modes.size > 1 ? ` of ${list(names, 3)}` : ''}: ${mode}.`)
  const open = proxied.some(workload => {
    const { mode, undecided } = effectiveMtls(mesh, workload)
    return mode !== 'STRICT' && undecided.length === 0
  })
  return open && needsIdentity(policy) ? [...lines, identityWarning(policy)] : lines
}

function modeWithReason(mtls: EffectiveMtls): string {
  const nameOf = ({ namespace, name }: PeerAuthentication) => `${namespace}/${name}`
  if (mtls.undecided.length > 0) return `the oldest of ${list(mtls.undecided.map(nameOf))} decides; which that is, is not known here`
  const ports = mtls.ports.filter(each => each.mode !== mtls.mode).map(each => `, ${each.port} ${each.mode}`)
  return `${mtls.mode} (${mtls.policy ? nameOf(mtls.policy) : "Istio's default"})${ports.join('')}`
}

/** Whether no caller without identity matches any rule. */
function needsIdentity(policy: AuthorizationPolicy): boolean {
  return (
    policy.rules.length > 0 && policy.rules.every(rule => (rule.from.length > 0 && rule.from.every(namesCaller)) || rule.when.some(demands))
  )
}

function namesCaller({ principals, namespaces, serviceAccounts, trustDomains }: AuthorizationSource): boolean {
  return principals.length + namespaces.length + serviceAccounts.length + trustDomains.length > 0
}

const identityKeys = ['source.principal', 'source.namespace', 'source.serviceAccount', 'source.trustDomain']

function demands({ key, values }: AuthorizationCondition): boolean {
  return values.length > 0 && identityKeys.includes(key.value)
}

function identityWarning(policy: AuthorizationPolicy): string {
  return policy.action === 'DENY'
    ? 'Plaintext callers have no identity, so this DENY does not stop them until the mode is STRICT.'
    : 'Plaintext callers have no identity and match no rule that names one.'
}

function describeEnforcer(policy: AuthorizationPolicy, workloads: readonly Workload[]): string | undefined {
  const sent = policy.action === 'ALLOW' || policy.action === 'DENY'
  const proxies = [...new Set(workloads.map(each => each.proxy))]
  const enforcers = proxies
    .filter(proxy => proxy !== 'none' && proxy !== 'unknown' && (sent || proxy !== 'ztunnel'))
    .map(proxy => `the ${proxy}`.replace('the ztunnel', 'ztunnel'))
  const bare = workloads.filter(each => each.proxy === 'none').map(each => each.name)
  const parts = [
    enforcers.length > 0 ? `Enforced by ${list(enforcers)}.` : undefined,
    !sent && proxies.includes('ztunnel') ? `Not sent to ztunnel, which takes no ${policy.action} policies.` : undefined,
    bare.length > 0 ? `Not enforced at ${list(bare, 3)}: no proxy.` : undefined,
  ]
  return parts.some(part => part) ? parts.filter(part => part).join(' ') : undefined
}
