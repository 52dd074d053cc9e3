// Who calls the workloads of a PeerAuthentication in plaintext, and what a mode makes of it.
import { alike, ownerOf } from '../decide/mtls/alike.ts'
import { clientGroups } from '../decide/mtls/followers.ts'
import { type Instance, instances, nameOf } from '../decide/mtls/instances.ts'
import { type Connection, connections } from '../decide/mtls/paths.ts'
import { selectedBy } from '../decide/mtls/server.ts'
import { isPartOfIstio } from '../decide/partOfIstio.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import { groupBy } from '../mesh/groupBy.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { count, list } from './words.ts'

/** Of how many workloads callers are looked for. */
const most = 12

/** A line for each workload that plaintext is sent to; of one port of the container, or of all. */
export function describeCallers(policy: PeerAuthentication, mesh: Mesh, port?: number): readonly string[] {
  const covered = new Set(selectedBy(policy, mesh).filter(({ proxy }) => proxy === 'sidecar' || proxy === 'ztunnel'))
  const servers = alike(instances(mesh).filter(({ workload }) => workload && covered.has(workload))).map(([first]) => first)
  const byOwner = [...groupBy(servers, ownerOf).values()].slice(0, most)
  return byOwner.flatMap(([server]) => (server ? describeServer(server, mesh, port) : []))
}

function describeServer(server: Instance, mesh: Mesh, port: number | undefined): readonly string[] {
  const target = { workloads: [server], ...(port === undefined ? {} : { port }) }
  const found = clientGroups(mesh).flatMap(clients => {
    const connection = [...connections(mesh, { from: [clients[0]], to: target })].find(isPlaintext)
    const others = clients.filter(client => ownerOf(client) !== ownerOf(server) && !isPartOfIstio(client, mesh))
    return connection && others.length > 0 ? [{ connection, clients: others }] : []
  })
  const refused = found.filter(({ connection }) => connection.outcome.status === 'conflict')
  const accepted = found.filter(({ connection }) => connection.outcome.status === 'ok')
  const name = server.workload?.name ?? server.name
  return [
    ...(refused.length > 0 ? [`${name} refuses the plaintext of ${senders(refused, server)}`] : []),
    ...(accepted.length > 0 ? [`${name} takes plaintext from ${senders(accepted, server)}; STRICT would refuse it`] : []),
  ]
}

function isPlaintext({ sent }: Connection): boolean {
  return sent.by === 'application' || (sent.by === 'proxy' && sent.tls === 'DISABLE')
}

interface Sending {
  readonly connection: Connection
  readonly clients: readonly Instance[]
}

/** Those of the server's namespace by name; of the others there can be very many. */
function senders(found: readonly Sending[], server: Instance): string {
  const all = found.flatMap(({ connection, clients }) => clients.map(client => ({ client, why: whyOf(connection) })))
  const near = all.filter(({ client }) => client.namespace === server.namespace)
  const names = [...new Set(near.map(({ client, why }) => `${client.workload?.name ?? client.name} (${why})`))]
  const far = new Set(all.filter(each => !near.includes(each)).map(({ client }) => ownerOf(client))).size
  return list([...names.slice(0, 4), ...rest(names.length - 4, far)])
}

function rest(more: number, far: number): readonly string[] {
  return [...(more > 0 ? [`${more} more`] : []), ...(far > 0 ? [`${count(far, 'workload')} of other namespaces`] : [])]
}

function whyOf({ sent, client, cluster: { rule, userTls } }: Connection): string {
  if (sent.by === 'application') return client.proxy === 'none' ? 'no proxy' : 'past its proxy'
  return rule && userTls ? `DestinationRule ${nameOf(rule.rules[0])}` : 'auto mTLS'
}
