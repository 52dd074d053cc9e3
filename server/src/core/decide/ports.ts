// Which ports a workload serves: those its containers declare and those Services send traffic to.

import type { Service } from '../istio/resources.ts'
import { isSubset } from '../istio/selector.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'

export interface ServerPort {
  /** Of the container: what policies mean. */
  readonly port: number
  /** Ports of Services that lead here. */
  readonly servicePorts: readonly number[]
}

export function servicesOf(workload: Workload, mesh: Mesh): readonly Service[] {
  return mesh
    .in('Service', workload.namespace)
    .filter(({ selector }) => Object.keys(selector).length > 0 && isSubset(selector, workload.labels))
}

export function serverPorts(workload: Workload, mesh: Mesh): readonly ServerPort[] {
  const servicePorts = new Map<number, number[]>(workload.ports.map(({ port }) => [port, []]))
  for (const { port, targetPort } of servicesOf(workload, mesh).flatMap(service => service.ports)) {
    const target = typeof targetPort === 'number' ? targetPort : workload.ports.find(each => each.name === targetPort)?.port
    if (target !== undefined) servicePorts.set(target, [...(servicePorts.get(target) ?? []), port])
  }
  return [...servicePorts].map(([port, services]) => ({ port, servicePorts: services })).toSorted((a, b) => a.port - b.port)
}
