// The conditions that istiod writes into the status of an AuthorizationPolicy where ambient is on. `True` does not mean enforced: a policy that attaches
// to nobody is accepted, and one that lost its rules has a reason beside it.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go (convertAuthorizationPolicy), policies.go (WaypointPolicyStatusCollection),
// pilot/pkg/model/service.go (flattenConditions).
import type { AuthorizationPolicy, TargetRef } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { publicationOf } from './publication.ts'
import { type ConvertedRule, canMatch } from './rule.ts'
import { bindingOf, waypointNamed } from './waypoint.ts'

export interface Condition {
  readonly type: 'ZtunnelAccepted' | 'WaypointAccepted'
  /** `Unknown` is ours: the world given does not show what istiod will write. */
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: Reason
  /** Absent where all of several targets are bound. Of `Unknown`: the fact that is missing. */
  readonly message?: string
}

export type Reason =
  | 'Accepted'
  | 'UnsupportedValue'
  | 'Invalid'
  | 'PartiallyInvalid'
  | 'TargetNotFound'
  | 'AncestorNotBound'
  /** Of a target that istiod cannot read: its webhook refuses such a kind. */
  | 'unknown'

/**
 * None, one or both. Of policies that ztunnel gets nothing of (AUDIT, CUSTOM, dry run) istiod keeps one entry for the whole mesh, so that with two of
 * them only one has its condition written; which one is chance, and left out of account here.
 */
export function conditionsOf(policy: AuthorizationPolicy, mesh: Mesh): readonly Condition[] {
  return [ztunnelAccepted(policy, mesh), waypointAccepted(policy, mesh)].filter(condition => condition !== undefined)
}

function ztunnelAccepted(policy: AuthorizationPolicy, { settings }: Mesh): Condition | undefined {
  const type = 'ZtunnelAccepted'
  const publication = publicationOf(policy, settings)
  if (publication.is === 'published') {
    const http = [...new Set(publication.rules.flatMap(rule => rule.http))].toSorted()
    if (http.length === 0) return { type, status: 'True', reason: 'Accepted', message: 'attached to ztunnel' }
    return { type, status: 'True', reason: 'UnsupportedValue', message: `${withoutHttp(http)} ${consequence(policy, publication.rules)}` }
  }
  const unsupported = (message: string) => ({ type, status: 'False', reason: 'UnsupportedValue', message }) as const
  switch (publication.why) {
    case 'targetRefs':
      return undefined
    case 'action':
      return unsupported(`ztunnel does not support the ${policy.action} action`)
    case 'dry-run':
      return unsupported(
        `found policy "${policy.namespace}/${policy.name}" using dry-run annotation, but support for ambient dry-run authorizationPolicies isn't enabled`,
      )
  }
}

function withoutHttp(found: readonly string[]): string {
  return `ztunnel does not support HTTP attributes (found: ${found.join(', ')}). In ambient mode you must use a waypoint proxy to enforce HTTP rules.`
}

function consequence({ action }: AuthorizationPolicy, rules: readonly ConvertedRule[]): string {
  if (action !== 'DENY')
    return 'Within an ALLOW policy, rules matching HTTP attributes are omitted. This will be more restrictive than requested.'
  return rules.some(({ clauses }) => clauses && canMatch(clauses))
    ? 'DENY policy with HTTP attributes is enforced without the HTTP rules. This will be more restrictive than requested.'
    : 'After omitting unsupported HTTP attributes, this DENY policy has no enforceable rules at ztunnel and will have no effect. ' +
        'Deploy a waypoint proxy and use a targetRef to enforce this policy.'
}

/** Whether one target has a waypoint that enforces the policy. */
type Bound = Pick<Condition, 'status' | 'reason'> & { readonly message: string }

function waypointAccepted(policy: AuthorizationPolicy, mesh: Mesh): Condition | undefined {
  const type = 'WaypointAccepted'
  const targets = policy.targetRefs.map(ref => ({ ref, ...boundTo(ref, policy, mesh) }))
  const [first] = targets
  if (!first) return undefined
  const { status, reason, message } = first
  if (targets.length === 1) return { type, status, reason, message }
  const open = targets.find(target => target.status === 'Unknown')
  if (open) return { type, status: 'Unknown', reason: open.reason, message: open.message }
  const unbound = targets.filter(target => target.status === 'False').map(target => ancestor(target.ref, policy.namespace))
  if (unbound.length === 0) return { type, status: 'True', reason: 'Accepted' }
  const some = unbound.length < targets.length
  const named = `Invalid targetRefs: ${unbound.join(', ')}`
  return { type, status: some ? 'True' : 'False', reason: some ? 'PartiallyInvalid' : 'Invalid', message: named }
}

/** `Service.core:shop/cart`. */
function ancestor({ group, targetKind, targetName }: TargetRef, namespace: string): string {
  return `${targetKind.value}.${group || 'core'}:${namespace}/${targetName.value}`
}

function boundTo({ targetKind, targetName }: TargetRef, policy: AuthorizationPolicy, mesh: Mesh): Bound {
  const name = targetName.value
  if (isPlaceholder(name)) return open(`what ${name} stands for`)
  switch (targetKind.value) {
    case 'GatewayClass':
      return boundToClass(name, policy, mesh)
    case 'Gateway': {
      const binding = waypointNamed(policy.namespace, name, mesh)
      if (binding.is === 'unknown') return open(binding.missing)
      return binding.is === 'bound' ? accepted(`${policy.namespace}/${name}`) : refused('TargetNotFound', 'not bound')
    }
    case 'Service':
    case 'ServiceEntry':
      return boundToService(targetKind.value, name, policy, mesh)
    default:
      return refused('unknown', 'not bound')
  }
}

function boundToService(kind: 'Service' | 'ServiceEntry', name: string, { namespace }: AuthorizationPolicy, mesh: Mesh): Bound {
  const key = `${namespace}/${name}`
  const target = mesh.find(kind, namespace, name)
  if (!target) return mesh.complete(kind, namespace) ? refused('TargetNotFound', `${kind} ${key} was not found`) : open(`${kind} ${key}`)
  const binding = bindingOf(target, 'service', mesh)
  switch (binding.is) {
    case 'bound':
      return accepted(`${binding.waypoint.namespace}/${binding.waypoint.name}`)
    case 'none':
      return refused('AncestorNotBound', `${kind} ${key} is not bound to a waypoint`)
    case 'unknown':
      return open(binding.missing)
  }
}

/** Made by istiod itself. Source: pilot/pkg/config/kube/gatewaycommon/classinfo.go. */
const builtIn: Readonly<Record<string, string>> = { istio: 'istio.io/gateway-controller', 'istio-waypoint': 'istio.io/mesh-controller' }

function boundToClass(name: string, policy: AuthorizationPolicy, mesh: Mesh): Bound {
  const { rootNamespace } = mesh.settings
  if (policy.namespace !== rootNamespace) {
    return refused('Invalid', `AuthorizationPolicy must be in the root namespace \`${rootNamespace}\` when referencing a GatewayClass`)
  }
  const controller = mesh.find('GatewayClass', '', name)?.controllerName ?? (Object.hasOwn(builtIn, name) ? builtIn[name] : undefined)
  if (controller === undefined) return mesh.complete('GatewayClass') ? refused('TargetNotFound', 'not bound') : open(`GatewayClass ${name}`)
  return controller === 'istio.io/mesh-controller'
    ? accepted(name)
    : refused('Invalid', 'GatewayClass must use controller name `istio.io/mesh-controller` for waypoints')
}

function accepted(waypoint: string): Bound {
  return { status: 'True', reason: 'Accepted', message: `bound to ${waypoint}` }
}

function refused(reason: Reason, message: string): Bound {
  return { status: 'False', reason, message }
}

function open(missing: string): Bound {
  return { status: 'Unknown', reason: 'unknown', message: `Not known here: ${missing}.` }
}
