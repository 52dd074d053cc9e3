// Which hosts a proxy knows: what is exported to its namespace and, where a Sidecar speaks for it, what that imports.
// Source: istio/istio:pilot/pkg/model/sidecar.go, push_context.go (initSidecarScopes, doGetSidecarScope).
import type { EgressListener, Sidecar } from '../../istio/resources.ts'
import { selects } from '../../istio/selector.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { perMesh } from '../perMesh.ts'
import type { Instance } from './instances.ts'
import { type Host, hosts, isExportedTo } from './services.ts'

/** Whose connections are asked about. */
export type Client = Pick<Instance, 'namespace' | 'labels' | 'proxy'>

/**
 * By host name. A proxy knows at most one host of a name; a workload in ambient is served by its ztunnel, which knows all,
 * and one without proxy only finds what the DNS of the cluster knows.
 */
export function visibleHosts(mesh: Mesh, client: Client): ReadonlyMap<string, Host> {
  const scope = scopeOf(mesh, client)
  const known = cache(mesh).get(scope.key)
  if (known) return known
  const visible = collect(scope.lists)
  cache(mesh).set(scope.key, visible)
  return visible
}

const cache = perMesh(() => new Map<string, ReadonlyMap<string, Host>>())

/** What clients with the same key share. */
interface Scope {
  readonly key: string
  /** In the order of egress listeners. */
  readonly lists: Iterable<readonly Host[]>
}

function scopeOf(mesh: Mesh, client: Client): Scope {
  const { namespace, proxy } = client
  if (proxy === 'ztunnel') return { key: 'ztunnel', lists: [hosts(mesh)] }
  if (proxy === 'none') return { key: 'none', lists: [hosts(mesh).filter(({ origin }) => origin.kind === 'Service')] }
  const sidecar = proxy === 'sidecar' || proxy === 'unknown' ? sidecarOf(mesh, client) : undefined
  const key = sidecar ? `${namespace}\0${sidecar.namespace}/${sidecar.name}` : namespace
  return { key, lists: imported(mesh, namespace, sidecar) }
}

function* imported(mesh: Mesh, namespace: string, sidecar: Sidecar | undefined): Generator<readonly Host[]> {
  const exported = hosts(mesh).filter(host => isExportedTo(host, namespace))
  // What is exported to this namespace alone comes before what is public.
  const ordered = exported.toSorted((a, b) => Number(a.exportTo.includes('*')) - Number(b.exportTo.includes('*')))
  if (!sidecar || sidecar.egress.length === 0) yield ordered
  else for (const listener of sidecar.egress) yield throughListener(ordered, listener, namespace)
}

/** The oldest with a selector that the client has, else the oldest without of its namespace, else the root namespace's. */
export function sidecarOf(mesh: Mesh, { namespace, labels }: Pick<Client, 'namespace' | 'labels'>): Sidecar | undefined {
  const { rootNamespace } = mesh.settings
  const oldest = (sidecars: readonly Sidecar[]) => sidecars.toSorted(byAge)[0]
  const own = mesh.in('Sidecar', namespace)
  return (
    oldest(own.filter(({ selector }) => selector && selects(selector, labels))) ??
    oldest(own.filter(({ selector }) => !selector)) ??
    oldest(mesh.in('Sidecar', rootNamespace).filter(({ selector }) => !selector))
  )
}

function byAge(a: Sidecar, b: Sidecar): number {
  return compare(a.created ?? '9', b.created ?? '9') || compare(a.name, b.name)
}

interface Import {
  readonly namespace: string
  readonly host: string
  /** Written with a `~`: what it matches stays out. */
  readonly excluded: boolean
}

function readImport(text: string, own: string): Import | undefined {
  const [written = '', host, ...more] = text.split('/')
  if (host === undefined || more.length > 0) return undefined
  const excluded = written.startsWith('~')
  const namespace = excluded ? written.slice(1) || '*' : written
  return { namespace: namespace === '.' ? own : namespace, host, excluded }
}

function throughListener(exported: readonly Host[], { hosts: written, port }: EgressListener, own: string): readonly Host[] {
  const imports = written.flatMap(({ value }) => readImport(value, own) ?? [])
  const matches = (host: Host, excluded: boolean) =>
    imports.some(
      each => each.excluded === excluded && (each.namespace === '*' || each.namespace === host.namespace) && isWithin(host.host, each.host),
    )
  const found = exported.filter(host => matches(host, false) && !matches(host, true))
  const onPort = port && port.protocol.toUpperCase() !== 'HTTP_PROXY' ? found.flatMap(host => onlyPort(host, port.number)) : found
  const owners = new Map<string, Host>()
  for (const host of onPort) {
    const rival = owners.get(host.host)
    if (!rival || host.namespace === own || outranks(host, rival, own)) owners.set(host.host, host)
  }
  return onPort.filter(host => owners.get(host.host)?.namespace === host.namespace)
}

/** A Service of Kubernetes is not displaced by a ServiceEntry that takes its name. */
function outranks(host: Host, rival: Host, own: string): boolean {
  return rival.origin.kind !== 'Service' && host.origin.kind === 'Service' && rival.namespace !== own
}

function onlyPort(host: Host, port: number): readonly Host[] {
  const ports = host.ports.filter(each => each.port === port).slice(0, 1)
  if (ports.length === 0) return []
  return host.ports.length === 1 ? [host] : [{ ...host, ports }]
}

/** Whether every name that `host` stands for is one of the pattern's. Source: pkg/config/host/name.go (SubsetOf). */
export function isWithin(host: string, pattern: string): boolean {
  if (!pattern.startsWith('*')) return host === pattern
  return (host.startsWith('*') ? host.slice(1) : host).endsWith(pattern.slice(1))
}

/** The first of a name stays, but for a Service of Kubernetes, and takes over the ports of its like (appendSidecarServices). */
function collect(lists: Iterable<readonly Host[]>): ReadonlyMap<string, Host> {
  const visible = new Map<string, Host>()
  for (const host of [...lists].flat()) {
    const present = visible.get(host.host)
    if (!present || (present.origin.kind !== 'Service' && host.origin.kind === 'Service')) visible.set(host.host, host)
    else if (isMergeable(present, host)) visible.set(host.host, { ...present, ports: joined(present, host) })
  }
  return visible
}

function isMergeable(one: Host, other: Host): boolean {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return (
    one.namespace === other.namespace &&
    one.resolution === other.resolution &&
    one.origin.kind === other.origin.kind &&
    same(one.origin.labels, other.origin.labels) &&
    same(one.exportTo.toSorted(), other.exportTo.toSorted())
  )
}

function joined(one: Host, other: Host): Host['ports'] {
  return [...one.ports, ...other.ports.filter(({ port }) => !one.ports.some(each => each.port === port))]
}
