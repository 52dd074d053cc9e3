// Whom a connection can be made to, as a case names it: the ports of a workload, and of a waypoint those of the Services behind it.
import { protectedBy, workloadsOf } from '../decide/attachment.ts'
import { serverPorts, servicesOf } from '../decide/ports.ts'
import type { AuthorizationPolicy } from '../istio/resources.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import type { WrittenTarget } from './writtenCase.ts'

/** One for each port; one without for a workload of which no port is known. */
export function targetsOf(workload: Workload, mesh: Mesh): readonly WrittenTarget[] {
  if (workload.name === '') return []
  const name = `${workload.namespace}/${workload.name}`
  const ports = serverPorts(workload, mesh)
  return ports.length > 0 ? ports.map(({ port }) => ({ workload: name, port })) : [{ workload: name }]
}

/** Those that a policy decides about. Of a policy for a Service: its waypoint, with that Service. */
export function targetsOfPolicy(policy: AuthorizationPolicy, mesh: Mesh): readonly WrittenTarget[] {
  const workloads = workloadsOf(policy, mesh)
  const called = throughWaypoint(policy, workloads, mesh)
  return called.length > 0 ? called : workloads.flatMap(each => targetsOf(each, mesh))
}

function throughWaypoint(policy: AuthorizationPolicy, workloads: readonly Workload[], mesh: Mesh): readonly WrittenTarget[] {
  const waypoints = workloads.filter(({ proxy, name }) => proxy === 'waypoint' && name !== '')
  const named = new Set(policy.targetRefs.map(({ targetName }) => targetName.value))
  const services = new Set(protectedBy(policy, mesh).flatMap(workload => servicesOf(workload, mesh)))
  return waypoints.flatMap(({ namespace, name }) =>
    [...services]
      .filter(service => named.has(service.name))
      .flatMap(service =>
        service.ports.map(({ port }) => ({ workload: `${namespace}/${name}`, port, service: `${service.namespace}/${service.name}` })),
      ),
  )
}
