// Which waypoint serves a Service, a ServiceEntry or a workload, as istiod binds them.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/waypoints.go (fetchWaypointForTarget, fetchWaypointForService, fetchWaypointForWorkload).
import type { Gateway, GatewayListener, Labels } from '../../istio/resources.ts'
import { isSubset } from '../../istio/selector.ts'
import { never } from '../../istio/values/principal.ts'
import type { Mesh } from '../../mesh/mesh.ts'

export type Binding =
  | { readonly is: 'bound'; readonly waypoint: Gateway }
  | { readonly is: 'none' }
  | { readonly is: 'unknown'; readonly missing: string }

export interface Bindable {
  readonly namespace: string
  readonly labels: Labels
}

export type Traffic = 'service' | 'workload'

/** By its own label, else by that of its namespace. A waypoint that is not ready, is closed for the namespace or serves other traffic binds nothing. */
export function bindingOf(object: Bindable, traffic: Traffic, mesh: Mesh): Binding {
  if (traffic === 'service' && gatewayControllers.includes(object.labels['gateway.istio.io/managed'] ?? '')) return none
  const name = waypointNameOf(object, mesh)
  if (name.is !== 'named') return name
  const waypoint = waypointNamed(name.namespace, name.name, mesh)
  if (waypoint.is !== 'bound') return waypoint
  const admitted = admits(waypoint.waypoint, object.namespace, mesh)
  if (admitted.is !== 'bound') return admitted
  return serves(waypoint.waypoint, traffic, mesh) ? admitted : none
}

/** A Gateway that is ready, whatever its class: istiod does not look at it here. */
export function waypointNamed(namespace: string, name: string, mesh: Mesh): Binding {
  const gateway = mesh.find('Gateway', namespace, name)
  if (!gateway) return mesh.complete('Gateway', namespace) ? none : unknown(`Gateway ${namespace}/${name}`)
  if (gateway.ready === undefined) return unknown(`whether Gateway ${namespace}/${name} is ready`)
  return gateway.ready ? { is: 'bound', waypoint: gateway } : none
}

/** Waypoints and east-west gateways have no waypoint themselves. */
const gatewayControllers: readonly string[] = ['istio.io-mesh-controller', 'istio.io-eastwest-controller']

const none: Binding = { is: 'none' }

function unknown(missing: string): Binding {
  return { is: 'unknown', missing }
}

type WaypointName = { readonly is: 'named'; readonly namespace: string; readonly name: string } | Exclude<Binding, { is: 'bound' }>

function waypointNameOf({ namespace, labels }: Bindable, mesh: Mesh): WaypointName {
  const around = mesh.find('Namespace', '', namespace)
  const [own, inherited] = [labels, around?.labels ?? {}]
  const from = own[useWaypoint] === undefined ? inherited : own
  const name = from[useWaypoint]
  if (name === undefined && !around && !mesh.complete('Namespace'))
    return { is: 'unknown', missing: `the labels of namespace ${namespace}` }
  if (name === undefined || name === 'none') return { is: 'none' }
  return { is: 'named', namespace: from['istio.io/use-waypoint-namespace'] ?? namespace, name }
}

const useWaypoint = 'istio.io/use-waypoint'

/** Whether the listener that takes the mesh's traffic is open for the namespace. */
function admits(waypoint: Gateway, namespace: string, mesh: Mesh): Binding {
  const from = meshListener(waypoint)?.from ?? 'Same'
  const when = (holds: boolean): Binding => (holds ? { is: 'bound', waypoint } : none)
  if (from === 'All') return when(true)
  if (from === 'Same') return when(waypoint.namespace === namespace)
  if (from === 'expressions') return unknown(`whether Gateway ${waypoint.namespace}/${waypoint.name} admits namespace ${namespace}`)
  if (typeof from !== 'object') return never(from)
  const around = mesh.find('Namespace', '', namespace)
  if (!around && !mesh.complete('Namespace')) return unknown(`the labels of namespace ${namespace}`)
  return when(isSubset(from.labels, around?.labels ?? {}))
}

const hbonePort = 15008

/** The one that a sandwiched proxy names by annotation, else that of HBONE. */
function meshListener({ annotations, listeners }: Gateway): GatewayListener | undefined {
  const [protocol, port] = annotations['ambient.istio.io/waypoint-inbound-binding']?.split('/') ?? []
  const bound = port === undefined ? listeners.find(each => protocol === 'PROXY' && each.protocol === 'istio.io/PROXY') : undefined
  const numbered = listeners.find(each => port !== undefined && each.port === Number(port))
  return numbered ?? bound ?? listeners.find(each => each.protocol === 'HBONE' && each.port === hbonePort)
}

function serves(waypoint: Gateway, traffic: Traffic, mesh: Mesh): boolean {
  const label = 'istio.io/waypoint-for'
  const kind = waypoint.labels[label] ?? mesh.find('GatewayClass', '', waypoint.className)?.labels[label] ?? 'service'
  return kind === traffic || kind === 'all'
}
