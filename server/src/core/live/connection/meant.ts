// What configuration means for a connection between two pods: the client's TLS, the server's mode, who is let in.
import { callersOf } from '../../decide/access/callersOf.ts'
import { nameOf as deciderName, type Outcome } from '../../decide/access/outcome.ts'
import { bindingOf } from '../../decide/ambient/waypoint.ts'
import { takesOutbound } from '../../decide/mtls/captured.ts'
import type { TlsMode } from '../../decide/mtls/clientTls.ts'
import { servedBy } from '../../decide/mtls/endpoints.ts'
import { type Instance, instances } from '../../decide/mtls/instances.ts'
import { paths } from '../../decide/mtls/paths.ts'
import type { MtlsMode } from '../../decide/mtls/server.ts'
import { serverRow } from '../../decide/mtls/serverRows.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { type End, nameOf, shownIdentity } from './question.ts'

export interface Meant {
  /** Absent where hosts differ, or the world does not hold all that decides. */
  readonly client?: { readonly tls: TlsMode; readonly reason: string; readonly conflict?: boolean; readonly auto?: boolean }
  readonly server?: { readonly mode: MtlsMode; readonly policy?: string; readonly plaintext?: 'accepted' | 'refused' | 'unknown' }
  /** Services whose port leads to the server's; the port is the Service's. */
  readonly hosts?: readonly { readonly host: string; readonly port: number }[]
  /** Of the server, that containers declare or Services lead to, in order; absent where the pod or what may lead to it is not known. */
  readonly ports?: readonly number[]
  /** Which ends have a sidecar that leaves this port alone, as an annotation of the pod says. */
  readonly bypassed?: { readonly from: boolean; readonly to: boolean }
  /** `bank/bank-wp`: what stands before the Services of the server for callers in ambient. */
  readonly waypoint?: string
  /** Of a call with the client's identity, or of one without any. */
  readonly authorization?: (encrypted: boolean) => Authorization | undefined
}

export interface Authorization extends Pick<Outcome, 'decision' | 'reason'> {
  readonly by: readonly string[]
  /** On what it depends, in words. */
  readonly when: readonly string[]
}

/** `conditions` tells the conditions of an outcome in words. */
export function meantFor(
  mesh: Mesh,
  { from, to, port }: { readonly from: End; readonly to: End; readonly port: number },
  conditions: (outcome: Outcome) => readonly string[],
): Meant {
  const workload = workloadOf(mesh, to)
  const [clients, servers] = [instancesOf(mesh, from), instancesOf(mesh, to)]
  const client = clientIn(mesh, clients, servers, port)
  const [instance] = servers
  const server = instance && serverIn(mesh, instance, port)
  const hosts = servers.flatMap(each => hostsOf(mesh, each, port))
  const waypoint = waypointOf(mesh, to, hosts)
  const ports = instance && portsOf(mesh, instance)
  return {
    ...(client ? { client } : {}),
    ...(server ? { server } : {}),
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(ports ? { ports } : {}),
    ...bypassedBy(clients[0], instance, mesh, port, hosts),
    ...(waypoint === undefined ? {} : { waypoint }),
    ...(workload
      ? {
          authorization: encrypted =>
            authorizationOf(mesh, workload, port, encrypted ? shownIdentity(from)?.replace(/^spiffe:\/\//, '') : undefined, conditions),
        }
      : {}),
  }
}

/** One answer for every host that leads there, or none. */
function clientIn(mesh: Mesh, clients: readonly Instance[], servers: readonly Instance[], port: number): Meant['client'] {
  if (clients.length === 0 || servers.length === 0) return undefined
  const rows = [...paths(mesh, { from: clients, to: { workloads: servers, port } })].filter(({ subset }) => subset === null)
  const [first] = rows
  if (!first || rows.some(row => row.status === 'unknown' || row.tls !== first.tls)) return undefined
  return {
    tls: first.tls,
    reason: first.reason,
    conflict: rows.every(({ status }) => status === 'conflict'),
    auto: rows.every(({ auto }) => auto),
  }
}

function instancesOf(mesh: Mesh, { namespace, name }: End): readonly Instance[] {
  return instances(mesh).filter(each => each.namespace === namespace && each.name === name)
}

function hostsOf(mesh: Mesh, server: Instance, port: number): NonNullable<Meant['hosts']> {
  return servedBy(mesh, server).flatMap(({ host, endpoint }) =>
    endpoint.port === port ? [{ host: host.host, port: endpoint.servicePort }] : [],
  )
}

function portsOf(mesh: Mesh, server: Instance): Meant['ports'] {
  if (leading.some(kind => !mesh.complete(kind, server.namespace))) return undefined
  const served = servedBy(mesh, server).map(({ endpoint }) => endpoint.port)
  return [...new Set([...server.ports.map(({ port }) => port), ...served])].filter(port => port > 0).toSorted((a, b) => a - b)
}

/** Kinds that lead to the pods of their own namespace. */
const leading = ['Service', 'ServiceEntry', 'EndpointSlice'] as const

function serverIn(mesh: Mesh, server: Instance, port: number): Meant['server'] {
  if (!mesh.complete('PeerAuthentication')) return undefined
  const { mode, policy, plaintext, enforcer } = serverRow(mesh, server, port)
  return { mode, ...(policy === null ? {} : { policy }), ...(enforcer === 'ztunnel' ? { plaintext } : {}) }
}

function bypassedBy(
  client: Instance | undefined,
  server: Instance | undefined,
  mesh: Mesh,
  port: number,
  hosts: NonNullable<Meant['hosts']>,
): Pick<Meant, 'bypassed'> {
  const ports = hosts.length > 0 ? hosts.map(each => each.port) : [port]
  const from = client?.proxy === 'sidecar' && ports.every(each => !takesOutbound(client, each))
  const to = server?.proxy === 'sidecar' && serverRow(mesh, server, port).enforcer === 'none'
  return from || to ? { bypassed: { from, to } } : {}
}

/** One for all Services that lead there, or none. */
function waypointOf(mesh: Mesh, to: End, hosts: NonNullable<Meant['hosts']>): string | undefined {
  const services = mesh
    .in('Service', to.namespace)
    .filter(({ name }) => hosts.some(({ host }) => host.startsWith(`${name}.${to.namespace}.`)))
  const bound = services.map(service => bindingOf(service, 'service', mesh))
  const names = new Set(bound.map(each => (each.is === 'bound' ? nameOf(each.waypoint) : undefined)))
  return names.size === 1 ? [...names][0] : undefined
}

function authorizationOf(
  mesh: Mesh,
  workload: Workload,
  port: number,
  principal: string | undefined,
  conditions: (outcome: Outcome) => readonly string[],
): Authorization {
  const access = callersOf(mesh, workload, port)
  const listed = access.callers.find(({ identity }) => identity.principal === principal)?.outcome
  const outcome = principal === undefined ? access.plaintext.outcome : (listed ?? access.others)
  const { decision, reason, by } = outcome
  return { decision, reason, by: by.map(deciderName), when: decision === 'conditional' ? conditions(outcome) : [] }
}

function workloadOf(mesh: Mesh, { namespace, name }: End): Workload | undefined {
  return mesh.workloadsIn(namespace).find(({ pods }) => pods.some(pod => pod.name === name))
}
