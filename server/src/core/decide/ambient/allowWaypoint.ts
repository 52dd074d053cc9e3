// With PILOT_AUTO_ALLOW_WAYPOINT_POLICY a workload behind a waypoint gets an ALLOW policy for that waypoint, and is thereby closed for everybody else.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/policies.go (implicitWaypointPolicy), workloads.go (implicitWaypointPolicies).
import type { Gateway } from '../../istio/resources.ts'
import { isSubset, namesWorkloads, selects } from '../../istio/selector.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { type Bindable, type Binding, bindingOf, waypointNamed } from './waypoint.ts'
import type { ZtunnelPolicy } from './ztunnelPolicy.ts'

/** Or the fact that is missing to say whether there is one. */
export type WaypointAllow = { readonly policy: ZtunnelPolicy } | { readonly missing: string }

/** One for each waypoint that a Service of the workload or the workload itself uses; empty where the switch is off. */
export function waypointAllows(workload: Workload, mesh: Mesh): readonly WaypointAllow[] {
  if (!mesh.settings.istiod.autoAllowWaypoint) return []
  const bindings = [...servicesOf(workload, mesh).map(each => bindingOf(each, 'service', mesh)), bindingOfWorkload(workload, mesh)]
  const found = bindings.flatMap(binding => allowOf(binding, mesh))
  return [...new Map(found.map(each => ['policy' in each ? each.policy.name : each.missing, each])).values()]
}

/** Of every waypoint, used or not. */
export function publishedWaypointAllows(mesh: Mesh): readonly ZtunnelPolicy[] {
  if (!mesh.settings.istiod.autoAllowWaypoint) return []
  return mesh.all('Gateway').flatMap(gateway => {
    const allow = gateway.ready ? allowFor(gateway, mesh) : undefined
    return allow && 'policy' in allow ? [allow.policy] : []
  })
}

/** An instance of a waypoint uses none. */
function bindingOfWorkload({ namespace, labels }: Workload, mesh: Mesh): Binding {
  const gateway = labels[gatewayNameLabel]
  const itself = gateway ? waypointNamed(namespace, gateway, mesh) : undefined
  return itself?.is === 'bound' ? { is: 'none' } : bindingOf({ namespace, labels }, 'workload', mesh)
}

function servicesOf({ namespace, labels, pods }: Workload, mesh: Mesh): readonly Bindable[] {
  const names = new Set(pods.map(({ name }) => name))
  const listed = mesh
    .in('EndpointSlice', namespace)
    .filter(({ endpoints }) => endpoints.some(({ pod }) => pod?.namespace === namespace && names.has(pod.name)))
    .flatMap(({ labels: about }) => mesh.find('Service', namespace, about['kubernetes.io/service-name'] ?? '') ?? [])
  const selecting = mesh.in('Service', namespace).filter(({ selector }) => Object.keys(selector).length > 0 && isSubset(selector, labels))
  const entries = mesh.in('ServiceEntry', namespace)
  return [...selecting, ...listed, ...entries.filter(({ workloadSelector: by }) => namesWorkloads(by) && selects(by, labels))]
}

function allowOf(binding: Binding, mesh: Mesh): readonly WaypointAllow[] {
  if (binding.is === 'none') return []
  if (binding.is === 'unknown') return [{ missing: binding.missing }]
  const allow = allowFor(binding.waypoint, mesh)
  return allow ? [allow] : []
}

/** Undefined where the waypoint has no pods: then istiod makes no policy. */
function allowFor({ namespace, name }: Gateway, mesh: Mesh): WaypointAllow | undefined {
  const accounts = mesh
    .in('Pod', namespace)
    .filter(({ labels }) => labels[gatewayNameLabel] === name)
    .map(({ serviceAccount }) => serviceAccount)
  if (accounts.length === 0) return mesh.complete('Pod', namespace) ? undefined : { missing: `the pods of waypoint ${namespace}/${name}` }
  const { trustDomain } = mesh.settings
  const principals = accounts
    .toSorted(compare)
    .map(serviceAccount => ({ Exact: formatPrincipal({ trustDomain, namespace, serviceAccount }) }))
  const policy: ZtunnelPolicy = {
    namespace,
    name: `istio_allow_waypoint_${namespace}_${name}`,
    scope: 'WorkloadSelector',
    action: 'Allow',
    rules: [[[{ principals }]]],
    dryRun: false,
  }
  return { policy }
}
