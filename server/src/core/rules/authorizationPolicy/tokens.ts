// Where a policy asks for what a token says, and which RequestAuthentications could have read it.
import { applies } from '../../decide/attachment.ts'
import { selectables } from '../../decide/selectable.ts'
import type { AuthorizationPolicy, RequestAuthentication } from '../../istio/resources.ts'
import { isTemplated, selects } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { coveredBy } from './covered.ts'

export interface TokenTest {
  /** `request.auth.principal` for fields of a source. */
  readonly attribute: string
  readonly values: readonly Located<string>[]
  readonly notValues: readonly Located<string>[]
}

export function tokenTestsOf(policy: AuthorizationPolicy): readonly TokenTest[] {
  const tests = policy.rules.flatMap(({ from, when }) => [
    ...from.map(({ requestPrincipals, notRequestPrincipals }) => ({
      attribute: 'request.auth.principal',
      values: requestPrincipals,
      notValues: notRequestPrincipals,
    })),
    ...when.filter(({ key }) => key.value.startsWith('request.auth.')).map(({ key, ...values }) => ({ attribute: key.value, ...values })),
  ])
  const known = ({ value }: Located<string>) => !isPlaceholder(value)
  return tests
    .map(({ attribute, values, notValues }) => ({ attribute, values: values.filter(known), notValues: notValues.filter(known) }))
    .filter(({ values, notValues }) => values.length + notValues.length > 0)
}

export interface Authentication {
  /** Where an Envoy enforces the policy, at least one. */
  readonly workloads: readonly Workload[]
  /** Those that apply to any of them. */
  readonly policies: readonly RequestAuthentication[]
}

/** Undefined where another one could apply that is not known, or something else could read tokens. */
export function authenticationFor(policy: AuthorizationPolicy, mesh: Mesh): Authentication | undefined {
  const covered = coveredBy(policy, mesh).filter(({ proxy }) => proxy !== 'none')
  if (!covered.some(({ proxy }) => proxy !== 'ztunnel' && proxy !== 'unknown')) return undefined
  const namespaces = [...new Set([mesh.settings.rootNamespace, policy.namespace, ...covered.map(({ namespace }) => namespace)])]
  if (!namespaces.every(each => mesh.complete('RequestAuthentication', each) && !mayReadTokens(each, mesh))) return undefined
  const all = namespaces.flatMap(each => mesh.in('RequestAuthentication', each))
  if (all.some(({ selector }) => selector && isTemplated(selector)) || isForOthers(policy, covered, all, mesh)) return undefined
  return { workloads: covered, policies: all.filter(each => covered.some(workload => applies(each, workload, mesh))) }
}

/** Filters that somebody adds to the proxy can do what a RequestAuthentication does. */
function mayReadTokens(namespace: string, mesh: Mesh): boolean {
  return mesh.in('EnvoyFilter', namespace).length > 0 || mesh.in('WasmPlugin', namespace).length > 0
}

/** Machines, and gateways to come, that both cover. */
function isForOthers(
  { namespace, selector, targetRefs }: AuthorizationPolicy,
  covered: readonly Workload[],
  all: readonly RequestAuthentication[],
  mesh: Mesh,
): boolean {
  if (targetRefs.length > 0 || all.length === 0) return false
  const known = new Set(covered.map(each => `${each.namespace}/${each.name}`))
  return selectables(mesh, namespace === mesh.settings.rootNamespace ? undefined : namespace)
    .filter(each => !known.has(`${each.namespace}/${each.name}`) && selects(selector, each.labels))
    .some(each => all.some(authentication => authentication.targetRefs.length > 0 || selects(authentication.selector, each.labels)))
}
