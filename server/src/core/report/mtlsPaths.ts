// What clients send and what becomes of it, for people: one paragraph for all pods and clients of which the same is true, worst first.
import { harmless } from '../certificate/harmless.ts'
import { ownerOf } from '../decide/mtls/alike.ts'
import type { Endpoint } from '../decide/mtls/endpoints.ts'
import { type Instance, instancesNamed, nameOf } from '../decide/mtls/instances.ts'
import { type Connection, rowOf, statusOf } from '../decide/mtls/paths.ts'
import { groupBy } from '../mesh/groupBy.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { compare } from '../mesh/workloads.ts'
import { paint } from './authorize.ts'
import { podsOf } from './mtlsServers.ts'
import { count, list, wrap } from './words.ts'

export type Status = ReturnType<typeof statusOf>

/** Connections of which the same sentence is true. */
export interface PathGroup {
  readonly status: Status
  readonly wire: Connection['outcome']['wire']
  readonly host: string
  /** Of the Service. */
  readonly port: number
  readonly subset?: string
  /** `shop/frontend (10 pods)`; of different owners. */
  readonly clients: readonly string[]
  /** `shop/checkout:8080 (10 pods)`; undefined for a host without endpoints. */
  readonly server?: string
  readonly reason: string
}

/** `podsLike`: for whom a client speaks that was asked in their place, itself among them. */
export function groupPaths(
  mesh: Mesh,
  connections: Iterable<Connection>,
  podsLike: (client: Instance) => readonly Instance[] = client => [client],
): readonly PathGroup[] {
  const groups = new Map<string, Open>()
  for (const connection of connections) {
    const { client, cluster, outcome, to } = connection
    const { reason } = rowOf(mesh, connection)
    const general = byOwner(mesh, reason)
    const where = [cluster.host.host, cluster.port.port, cluster.subset, to && serverOf(to.endpoint)]
    const key = JSON.stringify([statusOf(connection), outcome.wire, ...where, general])
    const group = groups.get(key) ?? { first: connection, reason, general, clients: new Map(), servers: new Map() }
    groups.set(key, group)
    for (const pod of podsLike(client)) group.clients.set(nameOf(pod), pod)
    if (to) group.servers.set(to.endpoint.instance ? nameOf(to.endpoint.instance) : '', to.endpoint)
  }
  return [...groups.values()].map(closed).toSorted(byUrgency)
}

interface Open {
  readonly first: Connection
  readonly reason: string
  /** The reason with owners in the place of their pods. */
  readonly general: string
  readonly clients: Map<string, Instance>
  readonly servers: Map<string, Endpoint>
}

const order: readonly Status[] = ['conflict', 'unknown', 'ok']

function byUrgency(a: PathGroup, b: PathGroup): number {
  return order.indexOf(a.status) - order.indexOf(b.status) || compare(a.host, b.host) || a.port - b.port
}

function closed({ first, reason, general, clients, servers }: Open): PathGroup {
  const { cluster, outcome } = first
  const owners = groupBy([...clients.values()], ownerOf)
  const server = nameOfServers([...servers.values()])
  return {
    status: statusOf(first),
    wire: outcome.wire,
    host: cluster.host.host,
    port: cluster.port.port,
    ...(cluster.subset === undefined ? {} : { subset: cluster.subset }),
    clients: [...owners.values()].map(podsOf).toSorted(compare),
    ...(server === undefined ? {} : { server }),
    reason: clients.size === 1 && servers.size < 2 ? reason : general,
  }
}

/** Endpoints of one owner and port. */
function nameOfServers(servers: readonly Endpoint[]): string | undefined {
  const [first] = servers
  if (!first) return undefined
  if (!first.instance) return serverOf(first)
  const [, name = '', pods = ''] = /^(.*?)( \(.*\))?$/.exec(podsOf(servers.flatMap(({ instance }) => instance ?? []))) ?? []
  return `${name}:${first.port}${pods}`
}

function serverOf({ instance, backend, port }: Endpoint): string {
  return `${instance ? ownerOf(instance) : (backend.address ?? 'unknown address')}:${port}`
}

/** Pods that are named in a reason stand for what makes them. */
function byOwner(mesh: Mesh, reason: string): string {
  return reason.replace(/(?<!DestinationRule |PeerAuthentication )"([^"/\s]+\/[^"/\s]+)"/g, (whole, name: string) => {
    const [instance, ...more] = instancesNamed(mesh, name)
    return instance?.kind === 'Pod' && more.length === 0 ? `"${ownerOf(instance)}"` : whole
  })
}

export interface PathWords {
  /** Colour repeats what words say. */
  readonly color: boolean
  readonly width?: number
}

const colors: Readonly<Record<Status, number>> = { conflict: 31, unknown: 33, ok: 32 }

/** A heading that counts them, then two lines or more for each. */
export function pathLines(groups: readonly PathGroup[], words: PathWords): readonly string[] {
  return [heading(groups), ...groups.flatMap(group => pathLine(group, words))]
}

/** Clients that nobody asks about, in one line. */
export function leftOutLines(
  clients: readonly Instance[],
  { width = Number.POSITIVE_INFINITY }: Pick<PathWords, 'width'>,
): readonly string[] {
  const owners = [...new Set(clients.map(ownerOf))].toSorted(compare)
  if (owners.length === 0) return []
  const are = owners.length === 1 ? 'is a part of Istio, which calls' : 'are parts of Istio, which call'
  return ['', ...wrap(harmless(`Left out: ${list(owners)} ${are} no workload as applications do.`), width)]
}

function heading(groups: readonly PathGroup[]): string {
  const counts = order.flatMap(status => {
    const number = groups.filter(group => group.status === status).length
    return number > 0 ? [status === 'conflict' ? count(number, status) : `${number} ${status}`] : []
  })
  return counts.length > 0 ? `PATHS: ${counts.join(', ')}` : 'PATHS: none'
}

/** `conflict`, and then what goes over the network. */
const wires = { refused: 'refused', mtls: 'mTLS', tls: 'TLS', plaintext: 'plaintext' } as const
const indent = 21

function pathLine({ status, wire, reason, server, ...path }: PathGroup, { color, width = Number.POSITIVE_INFINITY }: PathWords) {
  const { host, port, subset, clients } = path
  // What works needs no full list.
  const from = status === 'ok' ? list(clients, 3) : list(clients, 12)
  const to = `${host}:${port}${subset === undefined ? '' : ` subset ${subset}`}`
  const [first = '', ...more] = [
    ...wrap(harmless(`${from} → ${to}${server === undefined ? '' : ` → ${server}`}`), width - indent),
    ...wrap(harmless(reason), width - indent),
  ]
  const head = `${paint(status, colors[status], color)}${' '.repeat(10 - status.length)}${wires[wire].padEnd(indent - 10)}`
  return [`${head}${first}`, ...more.map(line => `${' '.repeat(indent)}${line}`)]
}
