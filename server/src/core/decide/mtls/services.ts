// Services as a proxy knows them: those of Kubernetes, and each host of a ServiceEntry.
// Source: istio/istio:pilot/pkg/serviceregistry/kube/conversion.go (ConvertService), serviceentry/conversion.go (convertServices),
// pilot/pkg/model/push_context.go (initServiceRegistry, serviceExportTo).

import { own } from '../../istio/own.ts'
import type { Service, ServiceEntry } from '../../istio/resources.ts'
import { everywhere, nowhere, ownNamespace } from '../../istio/values/visibility.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { hostOf } from '../hosts.ts'
import { perMesh } from '../perMesh.ts'

/** How a client finds the endpoints. `passthrough`: it goes where the application went. */
export type Resolution = 'endpoints' | 'dns' | 'dns-round-robin' | 'dynamic-dns' | 'passthrough'

export interface HostPort {
  /** Of the Service. */
  readonly port: number
  readonly name: string
  /** In upper case: `HTTP`, `TCP`, `UDP` …; empty: sniffed. */
  readonly protocol: string
  readonly targetPort?: number | string
}

export interface Host {
  /** `checkout.shop.svc.cluster.local`. */
  readonly host: string
  readonly namespace: string
  readonly resolution: Resolution
  /** Outside the mesh. */
  readonly external: boolean
  readonly exportTo: readonly string[]
  readonly ports: readonly HostPort[]
  readonly origin: Service | ServiceEntry
}

/** Oldest first. Without ExternalName Services: they are other names of a host, not hosts. */
export function hosts(mesh: Mesh): readonly Host[] {
  return index(mesh).all
}

/** All of this name: at most one for each namespace, but where ServiceEntries share a host. */
export function hostsNamed(mesh: Mesh, name: string): readonly Host[] {
  return index(mesh).byName.get(name) ?? []
}

/** Whether a proxy of the namespace may know of it at all. */
export function isExportedTo({ exportTo, namespace }: Host, client: string): boolean {
  if (exportTo.includes(everywhere)) return true
  if (exportTo.includes(nowhere)) return false
  return exportTo.includes(client) || (exportTo.includes(ownNamespace) && namespace === client)
}

const index = perMesh(mesh => {
  const services = mesh.all('Service').filter(({ type }) => type !== 'ExternalName')
  const all = [
    ...services.map(service => ofService(service, mesh)),
    ...mesh.all('ServiceEntry').flatMap(entry => ofServiceEntry(entry, mesh)),
  ].toSorted(byAge)
  return { all, byName: groupBy(all, ({ host }) => host) }
})

/** Source: pilot/pkg/model/push_context.go (SortServicesByCreationTime); what has no age yet comes last. */
function byAge(a: Host, b: Host): number {
  return compare(a.origin.created ?? '9', b.origin.created ?? '9') || compare(nameOf(a), nameOf(b)) || compare(a.namespace, b.namespace)
}

function nameOf({ origin, host }: Host): string {
  return origin.kind === 'Service' ? origin.name : host
}

function ofService(service: Service, mesh: Mesh): Host {
  const exported = service.annotations['networking.istio.io/exportTo']
  return {
    host: hostOf(service),
    namespace: service.namespace,
    resolution: service.headless ? 'passthrough' : 'endpoints',
    external: false,
    exportTo: exported ? exported.split(',').map(each => each.trim()) : mesh.settings.defaultServiceExportTo,
    ports: service.ports.map(({ port, name = '', targetPort, protocol, appProtocol }) => ({
      port,
      name,
      targetPort,
      protocol: protocolOf(name, appProtocol, protocol),
    })),
    origin: service,
  }
}

const resolutions: Readonly<Record<string, Resolution>> = {
  STATIC: 'endpoints',
  DNS: 'dns',
  DNS_ROUND_ROBIN: 'dns-round-robin',
  DYNAMIC_DNS: 'dynamic-dns',
}

function ofServiceEntry(entry: ServiceEntry, mesh: Mesh): readonly Host[] {
  return entry.hosts.map(({ value }) => ({
    host: value,
    namespace: entry.namespace,
    resolution: own(resolutions, entry.resolution) ?? 'passthrough',
    external: entry.external,
    exportTo: entry.exportTo.length > 0 ? entry.exportTo.map(each => each.value) : mesh.settings.defaultServiceExportTo,
    ports: entry.ports.map(port => ({ ...port, protocol: port.protocol.toUpperCase() })),
    origin: entry,
  }))
}

/** Where nothing is said of it, TCP ports that are known for a protocol are sniffed too. Source: pkg/config/kube/conversion.go (ConvertProtocol). */
function protocolOf(name: string, appProtocol: string | undefined, transport: string | undefined): string {
  if (transport === 'UDP') return 'UDP'
  const written = appProtocol?.toLowerCase() ?? name
  const known = own(appProtocols, written)
  if (known) return known
  const word = written.startsWith('grpc-web') ? 'grpc-web' : (written.split('-')[0] ?? '')
  return namedProtocols.has(word.toUpperCase()) ? word.toUpperCase() : ''
}

const appProtocols: Readonly<Record<string, string>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
}

const namedProtocols: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'HTTP2', 'GRPC', 'GRPC-WEB', 'TLS', 'TCP', 'MONGO', 'REDIS', 'MYSQL'])
