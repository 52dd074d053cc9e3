// Which mode each port of a Service meets at the workloads behind it.

import { hostOf } from '../decide/hosts.ts'
import { endpointsOf } from '../decide/mtls/endpoints.ts'
import { nameOf } from '../decide/mtls/instances.ts'
import { hostsNamed } from '../decide/mtls/services.ts'
import type { Service } from '../istio/resources.ts'
import { groupBy } from '../mesh/groupBy.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { type PortGroup, serverGroups } from './mtlsServers.ts'

export interface ServiceDescription {
  readonly headline: string
  /** `80 → 8080 of shop/checkout (10 pods): STRICT (shop/default), plaintext refused` */
  readonly ports: readonly string[]
}

export function describeService(service: Service, mesh: Mesh): ServiceDescription {
  const host = hostsNamed(mesh, hostOf(service)).find(({ origin }) => origin.kind === 'Service')
  const ports = host?.ports ?? []
  const lines = host ? ports.flatMap(({ port }) => linesOf(port, endpointsOf(mesh, host), mesh)) : []
  const seen = mesh.complete('Pod', service.namespace)
  return {
    headline: hostOf(service),
    ports: lines.length > 0 ? lines : [seen ? 'No workload is behind it.' : 'Which workloads are behind it is not known here.'],
  }
}

function linesOf(port: number, all: ReturnType<typeof endpointsOf>, mesh: Mesh): readonly string[] {
  const ends = all.filter(({ servicePort }) => servicePort === port)
  return [...groupBy(ends, end => `${end.port}`)].flatMap(([target, group]) => {
    const known = group.flatMap(({ instance }) => instance ?? [])
    const outside = group.filter(({ instance }) => !instance).map(({ backend }) => backend.address ?? 'an address')
    return [
      ...serverGroups(mesh, known, [Number(target)]).flatMap(({ name, ports }) =>
        ports.map(each => `${port} → ${target} of ${name}: ${modeInWords(each)}`),
      ),
      ...outside.map(address => `${port} → ${target} of ${address}: no workload that the mesh knows`),
    ]
  })
}

function modeInWords({ mode, proxy, decided: { policy }, plaintext, note }: PortGroup): string {
  // No PeerAuthentication applies to these.
  if ((proxy === 'gateway' || proxy === 'waypoint') && note !== undefined) return note
  const by = policy ? nameOf(policy) : "Istio's default"
  const outcome = plaintext === 'unknown' ? 'whether plaintext is taken is not known' : `plaintext ${plaintext}`
  return [`${mode} (${by}), ${outcome}`, ...(note === undefined ? [] : [note])].join('; ')
}
