// Where a call arrives: a port of a workload, or all ports that are alike.
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { type AppProtocol, appProtocolOf } from '../authorization/appProtocol.ts'
import type { Destination } from '../authorization/connection.ts'
import { effectiveOf } from '../mtls/server.ts'
import { serverPorts } from '../ports.ts'

export interface Place {
  /** Its port is the one that is meant, or stands for those of `ports`. */
  readonly to: Destination
  /** False: no port is asked for, so that a rule for some ports is a condition. */
  readonly isPortGiven: boolean
  /** Of several kinds of ports: those of this kind. */
  readonly ports?: readonly number[]
  readonly speaks: AppProtocol
}

/** One for each kind of port that the workload is known to have; of a workload without known ports, one for whatever port it has. */
export function placesAt(
  workload: Workload,
  port: number | undefined,
  service: Destination['service'],
  mesh: Mesh,
  kindOf: (to: Destination) => string,
): readonly Place[] {
  const to = (number: number): Destination => ({ workload, port: number, ...(service ? { service } : {}) })
  const speaks = (of: Destination) => (workload.proxy === 'ztunnel' ? 'tcp' : appProtocolOf(of, mesh))
  if (port !== undefined) return [{ to: to(port), isPortGiven: true, speaks: speaks(to(port)) }]
  const kinds = new Map<string, { readonly place: Place; readonly ports: number[] }>()
  for (const number of portsOf(workload, service, mesh)) {
    const place = { to: to(number), isPortGiven: false, speaks: speaks(to(number)) }
    const key = `${place.speaks} ${kindOf(place.to)}`
    const known = kinds.get(key)
    if (known) known.ports.push(number)
    else kinds.set(key, { place, ports: [number] })
  }
  const all = [...kinds.values()]
  return all.map(({ place, ports }) => (all.length > 1 ? { ...place, ports } : place))
}

/** Stands for all ports that are not known. */
export const anyPort = 0

function portsOf(workload: Workload, service: Destination['service'], mesh: Mesh): readonly number[] {
  const called = service && mesh.find('Service', service.namespace, service.name)
  if (called) return called.ports.map(({ port }) => port)
  const served = serverPorts(workload, mesh).map(({ port }) => port)
  const named = workload.proxy === 'sidecar' || workload.proxy === 'ztunnel' ? effectiveOf(mesh, workload).ports : []
  const all = [...new Set([...served, ...named.map(({ port }) => port)])].toSorted((a, b) => a - b)
  return served.length > 0 ? all : [...all, anyPort]
}
