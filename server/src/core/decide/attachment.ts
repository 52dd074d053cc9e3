// Which workloads a policy applies to.
// Source: istio/istio:pilot/pkg/model/policyattachment.go (ShouldAttachPolicy), pilot/pkg/model/authorization.go.
import type { AuthorizationPolicy, RequestAuthentication, TargetRef } from '../istio/resources.ts'
import { isSubset, namesWorkloads, selects } from '../istio/selector.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'

export type AttachedPolicy = AuthorizationPolicy | RequestAuthentication

/** The workloads whose proxies enforce this policy (or would, once they have one), as far as they are known. */
export function workloadsOf(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const candidates = policy.namespace === mesh.settings.rootNamespace ? mesh.workloads : mesh.workloadsIn(policy.namespace)
  return candidates.filter(workload => applies(policy, workload, mesh))
}

export function applies(policy: AttachedPolicy, workload: Workload, mesh: Mesh): boolean {
  if (policy.namespace !== workload.namespace && policy.namespace !== mesh.settings.rootNamespace) return false
  if (policy.targetRefs.length > 0) return policy.targetRefs.some(ref => isTarget(ref, policy, workload, mesh))
  if (workload.proxy === 'waypoint') return false
  // ztunnel leaves out policies with an empty selector, which a sidecar enforces.
  if (workload.proxy === 'ztunnel' && policy.selector && !namesWorkloads(policy.selector)) return false
  return selects(policy.selector, workload.labels)
}

function isTarget(ref: TargetRef, policy: AttachedPolicy, workload: Workload, mesh: Mesh): boolean {
  const name = ref.targetName.value
  switch (ref.targetKind.value) {
    case 'Gateway':
      return policy.namespace === workload.namespace && workload.labels[gatewayNameLabel] === name
    case 'GatewayClass':
      return workload.proxy === 'waypoint' && policy.namespace === mesh.settings.rootNamespace && name === 'istio-waypoint'
    case 'Service':
      return (
        workload.proxy === 'waypoint' &&
        policy.namespace === workload.namespace &&
        waypointOf(policy.namespace, name, mesh) === workload.labels[gatewayNameLabel]
      )
    default:
      return false
  }
}

/** The waypoint a Service is enrolled to, by its own label or its namespace's. */
function waypointOf(namespace: string, service: string, mesh: Mesh): string | undefined {
  const label = 'istio.io/use-waypoint'
  return mesh.find('Service', namespace, service)?.labels[label] ?? mesh.find('Namespace', '', namespace)?.labels[label]
}

/** The workloads behind a Service that a policy's targetRefs name: whom it protects, while the waypoint enforces it. */
export function protectedBy(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const services = policy.targetRefs
    .filter(ref => ref.targetKind.value === 'Service')
    .flatMap(ref => mesh.find('Service', policy.namespace, ref.targetName.value) ?? [])
  return services.flatMap(service =>
    mesh.workloadsIn(policy.namespace).filter(each => Object.keys(service.selector).length > 0 && isSubset(service.selector, each.labels)),
  )
}
