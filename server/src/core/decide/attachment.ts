// Which workloads a policy applies to.
// Source: istio/istio:pilot/pkg/model/policyattachment.go (ShouldAttachPolicy), pilot/pkg/model/authorization.go.

import { own } from '../istio/own.ts'
import type { AuthorizationPolicy, RequestAuthentication, TargetRef } from '../istio/resources.ts'
import { isSubset, namesWorkloads, selects } from '../istio/selector.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'

export type AttachedPolicy = AuthorizationPolicy | RequestAuthentication

/** The workloads whose proxies enforce this policy (or would, once they have one), as far as they are known. */
export function workloadsOf(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  // A waypoint may stand in another namespace than the Services it serves.
  const everywhere = policy.namespace === mesh.settings.rootNamespace || policy.targetRefs.length > 0
  const candidates = everywhere ? mesh.workloads : mesh.workloadsIn(policy.namespace)
  return candidates.filter(workload => applies(policy, workload, mesh))
}

export function applies(policy: AttachedPolicy, workload: Workload, mesh: Mesh): boolean {
  if (policy.targetRefs.length > 0) return policy.targetRefs.some(ref => isTarget(ref, policy, workload, mesh))
  if (policy.namespace !== workload.namespace && policy.namespace !== mesh.settings.rootNamespace) return false
  if (workload.proxy === 'waypoint') return false
  // ztunnel leaves out policies with an empty selector, which a sidecar enforces.
  if (workload.proxy === 'ztunnel' && policy.selector && !namesWorkloads(policy.selector)) return false
  return selects(policy.selector, workload.labels)
}

/** What a request through a waypoint is for: a Service or ServiceEntry. */
export interface CalledService {
  readonly namespace: string
  readonly name: string
}

/** At a waypoint, which policies count depends on what is called; absent: the workload itself, for which none of a Service counts. */
export function appliesTo(policy: AttachedPolicy, workload: Workload, called: CalledService | undefined, mesh: Mesh): boolean {
  if (workload.proxy !== 'waypoint') return applies(policy, workload, mesh)
  return policy.targetRefs.some(ref => {
    if (!isOfService(ref)) return isTarget(ref, policy, workload, mesh)
    return ref.targetKind.value === kindOf(called, mesh) && ref.targetName.value === called?.name && policy.namespace === called.namespace
  })
}

/** Whether a policy counts for some of what a waypoint serves only. */
export function isForService(policy: AttachedPolicy): boolean {
  return policy.targetRefs.some(isOfService)
}

function kindOf(called: CalledService | undefined, mesh: Mesh): 'Service' | 'ServiceEntry' {
  const isEntry = called && !mesh.find('Service', called.namespace, called.name) && mesh.find('ServiceEntry', called.namespace, called.name)
  return isEntry ? 'ServiceEntry' : 'Service'
}

/** An empty group is the core group. */
const groups: Readonly<Record<string, readonly string[]>> = {
  Gateway: ['gateway.networking.k8s.io'],
  GatewayClass: ['gateway.networking.k8s.io'],
  Service: ['', 'core'],
  ServiceEntry: ['networking.istio.io'],
}

function isOfService({ targetKind, group }: TargetRef): boolean {
  const kind = targetKind.value
  return (kind === 'Service' || kind === 'ServiceEntry') && (groups[kind]?.includes(group) ?? false)
}

function isTarget(ref: TargetRef, policy: AttachedPolicy, workload: Workload, mesh: Mesh): boolean {
  const name = ref.targetName.value
  const kind = ref.targetKind.value
  if (!own(groups, kind)?.includes(ref.group)) return false
  switch (kind) {
    case 'Gateway':
      return (
        policy.namespace === workload.namespace &&
        (ref.namespace ?? workload.namespace) === workload.namespace &&
        workload.labels[gatewayNameLabel] === name
      )
    case 'GatewayClass':
      return workload.proxy === 'waypoint' && policy.namespace === mesh.settings.rootNamespace && name === 'istio-waypoint'
    case 'Service':
    case 'ServiceEntry': {
      const waypoint = waypointOf(kind, policy.namespace, name, mesh)
      return (
        workload.proxy === 'waypoint' &&
        typeof waypoint === 'object' &&
        waypoint.namespace === workload.namespace &&
        waypoint.name === workload.labels[gatewayNameLabel]
      )
    }
    default:
      return false
  }
}

/** The waypoint a Service is enrolled to, by its own label or its namespace's; `none` only where both are known. */
function waypointOf(
  kind: 'Service' | 'ServiceEntry',
  namespace: string,
  serviceName: string,
  mesh: Mesh,
): { readonly namespace: string; readonly name: string } | 'none' | 'unknown' {
  const service = mesh.find(kind, namespace, serviceName)
  if (!service) return 'unknown'
  const around = mesh.find('Namespace', '', namespace)
  const labels = [service, around].map(each => each?.labels).find(each => each?.['istio.io/use-waypoint'] !== undefined)
  const name = labels?.['istio.io/use-waypoint']
  if (name === undefined) return around ? 'none' : 'unknown'
  return name === 'none' ? 'none' : { namespace: labels?.['istio.io/use-waypoint-namespace'] ?? namespace, name }
}

/** The Services among a policy's targets that certainly no waypoint serves, so that nothing enforces the policy for them. */
export function unservedTargets(policy: AttachedPolicy, mesh: Mesh): readonly TargetRef[] {
  return policy.targetRefs.filter(
    ({ targetKind, targetName }) =>
      targetKind.value === 'Service' && waypointOf('Service', policy.namespace, targetName.value, mesh) === 'none',
  )
}

/** The workloads behind a Service that a policy's targetRefs name: whom it protects, while the waypoint enforces it. */
export function protectedBy(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const unserved = unservedTargets(policy, mesh)
  const services = policy.targetRefs
    .filter(ref => ref.targetKind.value === 'Service' && !unserved.includes(ref))
    .flatMap(ref => mesh.find('Service', policy.namespace, ref.targetName.value) ?? [])
  return services.flatMap(service =>
    mesh.workloadsIn(policy.namespace).filter(each => Object.keys(service.selector).length > 0 && isSubset(service.selector, each.labels)),
  )
}
