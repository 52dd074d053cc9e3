// A second gate: calls to a Service behind a waypoint end at the waypoint, which judges requests and calls the workload itself.
// Calls to the address of a pod pass it by, unless the waypoint serves workloads.
import type { Gateway } from '../../istio/resources.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { type Binding, bindingOf } from '../ambient/waypoint.ts'
import type { Destination } from '../authorization/connection.ts'
import { servicesOf } from '../ports.ts'
import { across } from './across.ts'
import type { Callers } from './callers.ts'
import { doorAt, handshakesAt } from './door.ts'
import { identityOf } from './identities.ts'
import { type Outcome, undecided } from './outcome.ts'
import { lookupIn } from './outcomes.ts'
import { placesAt } from './place.ts'

export interface ThroughWaypoint {
  /** `shop/checkout`; absent: calls to the workload itself. */
  readonly service?: string
  readonly gate: Gate | { readonly is: 'unknown'; readonly missing: string }
}

interface Gate extends Callers {
  readonly is: 'bound'
  /** `shop/waypoint` */
  readonly waypoint: string
  /** What the workload's own ztunnel says to the waypoint. */
  readonly behind: Outcome
}

type CallersAt = (mesh: Mesh, workload: Workload, port: number | undefined, service: Destination['service']) => Callers

/** Empty for a workload that is not in ambient, and for one without waypoint. */
export function throughWaypoints(
  mesh: Mesh,
  workload: Workload,
  port: number | undefined,
  callersAt: CallersAt,
): readonly ThroughWaypoint[] {
  if (workload.proxy !== 'ztunnel') return []
  const gateOf = (binding: Binding, servicePort: number | undefined, service: NonNullable<Destination['service']>) => {
    if (binding.is === 'unknown') return [binding]
    if (binding.is === 'none') return []
    const { waypoint } = binding
    const callers = callersAt(mesh, workloadOf(waypoint, mesh) ?? plannedFor(waypoint), servicePort, service)
    return [
      {
        ...callers,
        is: 'bound',
        waypoint: `${waypoint.namespace}/${waypoint.name}`,
        behind: behind(waypoint, workload, port, mesh),
      } as const,
    ]
  }
  const services = servicesOf(workload, mesh).flatMap(service => {
    const ports = service.ports.filter(each => port === undefined || leadsTo(each.targetPort, port, workload))
    if (ports.length === 0) return []
    const { namespace, name } = service
    return gateOf(bindingOf(service, 'service', mesh), port === undefined ? undefined : ports[0]?.port, { namespace, name }).map(gate => ({
      service: `${namespace}/${name}`,
      gate,
    }))
  })
  const own = gateOf(bindingOf(workload, 'workload', mesh), port, noService(workload)).map(gate => ({ gate }))
  return [...services, ...own]
}

function leadsTo(target: number | string, port: number, { ports }: Workload): boolean {
  return target === port || ports.some(each => each.name === target && each.port === port)
}

/** The workload itself is called, so that no policy for a Service counts. */
function noService({ namespace }: Workload): NonNullable<Destination['service']> {
  return { namespace, name: '' }
}

function workloadOf({ namespace, name }: Gateway, mesh: Mesh): Workload | undefined {
  return mesh.workloadsIn(namespace).find(({ proxy, labels }) => proxy === 'waypoint' && labels[gatewayNameLabel] === name)
}

/** What istiod will make of the Gateway: which policies it enforces depends on nothing else. */
function plannedFor({ namespace, name }: Gateway): Workload {
  const labels = { [gatewayNameLabel]: name }
  return { namespace, name, ownerKind: 'Deployment', labels, annotations: {}, serviceAccount: '', proxy: 'waypoint', pods: [], ports: [] }
}

function behind(waypoint: Gateway, workload: Workload, port: number | undefined, mesh: Mesh): Outcome {
  const proxy = workloadOf(waypoint, mesh)
  if (!proxy) return undecided([`the pods of waypoint ${waypoint.namespace}/${waypoint.name}`])
  const { namespace, serviceAccount } = proxy
  const identity = identityOf(formatPrincipal({ trustDomain: mesh.settings.trustDomain, namespace, serviceAccount }))
  if (!identity) return undecided([`the service account of waypoint ${waypoint.namespace}/${waypoint.name}`])
  const places = placesAt(workload, port, undefined, mesh, to => handshakesAt(to, mesh))
  return across(places.map(place => ({ ports: place.ports ?? [], outcome: doorAt(place, lookupIn(), mesh)({ is: 'identity', identity }) })))
}
