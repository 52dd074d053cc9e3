// Who and what stands behind the addresses of a line: client, server, the proxy that refused, and the connection as far as it is known.
import { bindingOf } from '../decide/ambient/waypoint.ts'
import { type Caller, type Connection, callerOf, type Destination, type HttpRequest } from '../decide/authorization/connection.ts'
import { identityOf } from '../decide/mtls/identities.ts'
import { type Instance, nameOf } from '../decide/mtls/instances.ts'
import { hostsNamed } from '../decide/mtls/services.ts'
import { perMesh } from '../decide/perMesh.ts'
import type { Service, ServiceEntry } from '../istio/resources.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import type { Explanation, Party } from './explanation.ts'
import { placeOf } from './places.ts'
import type { Refusal } from './refusal.ts'
import { decidesOnArrival, refuserOf } from './refuser.ts'
import { type End, isAtWaypoint, type Told } from './told.ts'

export interface Scene {
  readonly told: Told
  readonly mesh: Mesh
  readonly client: Party
  readonly server: Party
  /** Whose log it is, or who refused where the line is about that. */
  readonly refusedBy: Explanation['refusedBy']
  /** Of the proxy that refused; absent where it is not known which workload that is. */
  readonly to?: Destination
  /** Absent where it is not known who calls whom. */
  readonly connection?: Connection
}

export function sceneOf(told: Told, refusal: Refusal, mesh: Mesh): Scene {
  const onArrival = decidesOnArrival(refusal)
  const ends = refusal.kind === 'egress-blocked' ? blockedEnds(told) : endsOf(told, onArrival, mesh)
  const client = placeOf(ends.client, mesh)
  const server = placeOf(ends.server, mesh)
  const scene = { told, mesh, client: partyOf(originOf(ends.client, told), client, mesh), server: partyOf(ends.server, server, mesh) }
  const refusedBy = refuserOf(told, refusal, server, client)
  const to = onArrival ? destinationOf(ends.server, server, told, mesh) : undefined
  if (!to) return { ...scene, refusedBy }
  // What is known of the pod now is not what wrote the line.
  if ((told.form === 'ztunnel') !== (to.workload.proxy === 'ztunnel')) return { ...scene, refusedBy, to }
  const caller = callerIn(ends.client, client, to, told, mesh)
  return { ...scene, refusedBy, to, ...(caller ? { connection: connectionTo(to, caller, ends.client, told) } : {}) }
}

interface Ends {
  readonly client: End
  readonly server: End
}

/** What goes out comes from a sidecar's pod, or from a gateway, whose own address the client reached, unless it is the gateway that refuses. */
function endsOf(told: Told, onArrival: boolean, mesh: Mesh): Ends {
  const { client, server, proxyAt, reporter, direction, form, remoteIp } = told
  const own = reporter === undefined ? {} : { pod: reporter }
  if (form === 'ztunnel') return { client, server }
  // Through the tunnel a waypoint learns the address of the client itself.
  if (isAtWaypoint(told)) return { client: remoteIp === undefined ? client : { ip: remoteIp }, server }
  if (direction !== 'outbound') return { client, server: { ...server, ...own } }
  if (onArrival) return { client, server: { ...proxyAt, ...own } }
  const isGateway = placeOf({ ...proxyAt, ...own }, mesh)?.proxy === 'gateway'
  return { client: isGateway ? { ...proxyAt, ...own } : { ...client, ...own }, server }
}

/** What was to be called is the address that the application asked for. */
function blockedEnds({ client, proxyAt, reporter, sni, host }: Told): Ends {
  const named = sni || host
  return {
    client: { ...client, ...(reporter === undefined ? {} : { pod: reporter }) },
    server: { ...proxyAt, ...(named ? { host: named } : {}) },
  }
}

/** Without `spiffe://`. */
function principalOf(place: Instance, { settings }: Mesh): string | undefined {
  return identityOf(place, settings.trustDomain)?.replace(/^spiffe:\/\//, '')
}

/** Where the peer is not told, the client that it forwards for. */
function originOf(client: End, { remoteIp }: Told): End {
  return client.ip === undefined && remoteIp !== undefined ? { ...client, ip: remoteIp } : client
}

function partyOf({ ip, port, identity, host }: End, place: Instance | undefined, mesh: Mesh): Party {
  const known = identity ?? (place && place.proxy !== 'none' ? principalOf(place, mesh) : undefined)
  return {
    ...(place ? { name: nameOf(place), proxy: place.proxy } : {}),
    ...(place?.workload ? { workload: nameOf(place.workload) } : {}),
    ...(ip === undefined ? {} : { ip }),
    ...(port === undefined ? {} : { port }),
    ...(known === undefined || known === 'none' ? {} : { identity: known }),
    ...(host === undefined ? {} : { host }),
  }
}

function destinationOf(end: End, place: Instance | undefined, told: Told, mesh: Mesh): Destination | undefined {
  const { ip, port } = end
  if (port === undefined) return undefined
  if (isAtWaypoint(told)) {
    const called = end.host === undefined ? undefined : hostsNamed(mesh, end.host)[0]?.origin
    const workload = called && waypointFor(called, told, mesh)
    return workload && { workload, port, service: { namespace: called.namespace, name: called.name } }
  }
  const workload = withProxyOf(place)
  return workload && { workload, port, ...(ip === undefined ? {} : { ip }) }
}

/** Whose log it is, the one that the Service is bound to, or the only one there is. */
function waypointFor(called: Service | ServiceEntry, { reporter }: Told, mesh: Mesh): Workload | undefined {
  const named = placeOf(reporter === undefined ? {} : { pod: reporter }, mesh)?.workload
  if (named) return named
  const all = waypoints(mesh)
  const binding = bindingOf(called, 'service', mesh)
  if (binding.is !== 'bound') return all.length === 1 ? all[0] : undefined
  const { namespace, name } = binding.waypoint
  return all.find(each => each.namespace === namespace && each.labels[gatewayNameLabel] === name)
}

const waypoints = perMesh(mesh => mesh.workloads.filter(({ proxy }) => proxy === 'waypoint'))

/** Pods of one workload may differ while injection is rolled out. */
function withProxyOf(place: Instance | undefined): Workload | undefined {
  const workload = place?.workload
  return workload && place && workload.proxy !== place.proxy ? { ...workload, proxy: place.proxy } : workload
}

/** Undefined where neither the line nor the mesh tells who calls. */
function callerIn(end: End, place: Instance | undefined, to: Destination, told: Told, mesh: Mesh): Caller | undefined {
  if (end.identity === 'none') return { plaintext: true }
  if (end.identity !== undefined) return callerOf(end.identity)
  if (to.workload.proxy === 'gateway') return { plaintext: true }
  const identity = place && principalOf(place, mesh)
  const isMutual = told.sni?.startsWith('outbound_.') || isAtWaypoint(told)
  if (isMutual) return identity === undefined ? undefined : callerOf(identity)
  // Clients of the mesh name the server when they speak TLS; ztunnel needs not, since it knows it from the tunnel.
  return told.sni === '' && (place?.proxy === 'none' || place?.proxy === 'sidecar') ? { plaintext: true } : undefined
}

function connectionTo(to: Destination, caller: Caller, client: End, told: Told): Connection {
  const { sni, remoteIp, http } = told
  return {
    caller,
    to,
    ...(client.ip === undefined ? {} : { sourceIp: client.ip }),
    ...(remoteIp === undefined ? {} : { remoteIp }),
    ...(sni === undefined ? {} : { sni }),
    ...(http ? { request: requestIn(told) } : {}),
  }
}

function requestIn({ method, path, host, headers }: Told): HttpRequest {
  return {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    ...(headers ? { headers } : {}),
  }
}
