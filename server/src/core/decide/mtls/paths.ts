// The table of both sides: every connection that a client can open, what it sends there, and what becomes of it.

import { isPlainHttp, parseProtocol } from '../../istio/values/protocol.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { takesOutbound } from './captured.ts'
import { type Cluster, clustersFor, type SentTo, type TlsMode } from './clientTls.ts'
import { type Endpoint, servedBy } from './endpoints.ts'
import { identityOf } from './identities.ts'
import { type Instance, instances, nameOf } from './instances.ts'
import { meet, type Outcome, type Sent, type Taken, type Wire } from './meeting.ts'
import { missingFacts } from './needed.ts'
import { reasonFor, reasonUnknown, reasonWithoutEndpoint } from './reason.ts'
import { type MtlsMode, modeAt } from './server.ts'
import { serverRow } from './serverRows.ts'
import { takesHbone } from './tunnel.ts'
import { visibleHosts } from './visibleHosts.ts'

/** One endpoint of one host, as one client reaches it. */
export interface PathRow {
  /** `shop/frontend-1`. */
  readonly from: string
  readonly host: string
  /** Of the Service. */
  readonly port: number
  readonly subset: string | null
  /** Null for a host without endpoints. */
  readonly server: PathServer | null
  /** What is sent to this endpoint. */
  readonly tls: TlsMode
  /** Whether no DestinationRule decided. */
  readonly auto: boolean
  /** That applies, the oldest of those that istiod merges; it may say nothing of TLS. */
  readonly destinationRule: string | null
  /** Only where several are merged. */
  readonly destinationRules?: readonly string[]
  /** With which the client asks for the host where it sends TLS; null: none, or what the request says. */
  readonly sni: string | null
  /** Names of which the server's certificate must have one where TLS is sent; empty: any. */
  readonly sans: readonly string[]
  readonly wire: Wire
  readonly status: 'ok' | 'conflict' | 'unknown'
  readonly reason: string
}

export interface PathServer {
  readonly workload: string | null
  /** Of the endpoint, which is no known workload. */
  readonly address?: string
  /** Of the container. */
  readonly port: number
  /** Null outside the mesh. */
  readonly mode: MtlsMode | null
  readonly policy: string | null
}

export interface PathFilter {
  /** Absent: everybody. */
  readonly from?: readonly Instance[]
  readonly to?: Target
}

export type Target =
  | { readonly host: string; readonly servicePort?: number }
  /** Their port, not a Service's. */
  | { readonly workloads: readonly Instance[]; readonly port?: number }

/** One endpoint of one host, as one client reaches it; what a row is made of. */
export interface Connection {
  readonly client: Instance
  readonly cluster: Cluster
  /** Absent for a host without endpoints. */
  readonly to?: SentTo
  readonly sent: Sent
  /** What was to become of it if nothing is missing. */
  readonly outcome: Outcome
  /** What the given world does not hold, each as a clause behind "it is not known". */
  readonly missing: readonly string[]
}

/** One row for each endpoint, and one for a host, port and subset without endpoints; made one at a time, since there can be very many. */
export function* paths(mesh: Mesh, filter: PathFilter = {}): Generator<PathRow> {
  for (const connection of connections(mesh, filter)) yield rowOf(mesh, connection)
}

/** What `paths` tells, before it is told. */
export function* connections(mesh: Mesh, { from = instances(mesh), to }: PathFilter = {}): Generator<Connection> {
  const names = to && 'workloads' in to ? hostsOf(mesh, to.workloads) : to && [to.host]
  for (const client of from.filter(isClient)) {
    const visible = visibleHosts(mesh, client)
    const hosts = names ? names.flatMap(name => visible.get(name) ?? []) : visible.values()
    for (const host of hosts) {
      for (const cluster of clustersOf(mesh, client, host)) yield* within(mesh, client, cluster, to)
    }
  }
}

/** `unknown` where something is missing, whatever the outcome would be. */
export function statusOf({ missing, outcome }: Pick<Connection, 'missing' | 'outcome'>): Outcome['status'] {
  return missing.length > 0 ? 'unknown' : outcome.status
}

/** A waypoint passes on what others send; what happens outside Kubernetes without a proxy is nobody's to know. */
export function isClient({ kind, proxy }: Pick<Instance, 'kind' | 'proxy'>): boolean {
  return proxy !== 'waypoint' && !(kind === 'WorkloadEntry' && proxy === 'none')
}

function hostsOf(mesh: Mesh, workloads: readonly Instance[]): readonly string[] {
  return [...new Set(workloads.flatMap(each => servedBy(mesh, each).map(({ host }) => host.host)))]
}

/** DestinationRules, and so subsets, are for proxies that read them. */
function clustersOf(mesh: Mesh, client: Instance, host: Cluster['host']): readonly Cluster[] {
  const clusters = clustersFor(mesh, client, host)
  return readsRules(client) ? clusters : clusters.filter(({ subset }) => subset === undefined)
}

/** Whether DestinationRules are for this client. */
export function readsRules({ proxy }: Pick<Instance, 'proxy'>): boolean {
  return proxy === 'sidecar' || proxy === 'gateway' || proxy === 'unknown'
}

function* within(mesh: Mesh, client: Instance, cluster: Cluster, to: Target | undefined): Generator<Connection> {
  if (to && 'host' in to && to.servicePort !== undefined && to.servicePort !== cluster.port.port) return
  const wanted = to && 'workloads' in to ? to : undefined
  if (cluster.endpoints.length === 0 && !wanted) yield withoutEndpoint(mesh, client, cluster)
  for (const sentTo of cluster.endpoints) {
    const { instance, port } = sentTo.endpoint
    if (wanted && !(instance && wanted.workloads.includes(instance) && (wanted.port ?? port) === port)) continue
    yield connectionTo(mesh, client, cluster, sentTo)
  }
}

function withoutEndpoint(mesh: Mesh, client: Instance, cluster: Cluster): Connection {
  const tls = readsRules(client) ? cluster.tls : 'DISABLE'
  const wire = tls === 'ISTIO_MUTUAL' ? 'mtls' : tls === 'DISABLE' ? 'plaintext' : 'tls'
  const missing = missingFacts(mesh, client, cluster, undefined)
  return { client, cluster, sent: { by: 'proxy', tls }, outcome: { wire, status: 'ok' }, missing }
}

function connectionTo(mesh: Mesh, client: Instance, cluster: Cluster, to: SentTo): Connection {
  const { endpoint } = to
  const sent = sentBy(client, cluster, to)
  const met = meet(sent, takenBy(mesh, cluster, endpoint))
  const misnamed = isMisnamed(cluster, sent, identityAt(mesh, endpoint), met)
  const outcome: Outcome = misnamed ? { wire: 'refused', status: 'conflict', because: 'wrong-name' } : met
  const missing = [...undecided(client, cluster, to), ...(sent.by === 'hbone' ? [] : missingFacts(mesh, client, cluster, endpoint))]
  return { client, cluster, to, sent, outcome, missing: [...new Set(missing)] }
}

function identityAt(mesh: Mesh, { backend }: Endpoint): string | undefined {
  return identityOf(backend, mesh.settings.trustDomain)
}

export function rowOf(mesh: Mesh, connection: Connection): PathRow {
  const { client, cluster, to, sent, outcome, missing } = connection
  const identity = to && sent.by === 'hbone' ? identityAt(mesh, to.endpoint) : undefined
  const reason = reasonOf(mesh, connection)
  return {
    ...common(client, cluster),
    ...(sent.by === 'hbone' ? { sni: null, sans: identity ? [identity] : [] } : {}),
    server: to ? serverAt(mesh, cluster, to.endpoint) : null,
    tls: sent.by === 'hbone' ? 'ISTIO_MUTUAL' : sent.by === 'proxy' ? sent.tls : 'DISABLE',
    wire: outcome.wire,
    status: statusOf(connection),
    reason: missing.length > 0 ? reasonUnknown(missing, reason) : reason,
  }
}

/** Who decides at both sides, and the way out of a conflict; says nothing of what is missing. */
export function reasonOf(mesh: Mesh, { client, cluster, to, sent, outcome }: Connection): string {
  if (!to) return reasonWithoutEndpoint(cluster)
  const { endpoint } = to
  const policy = modeAt(mesh, endpoint.backend, endpoint.port)
  const identity = identityAt(mesh, endpoint)
  const taken = takenBy(mesh, cluster, endpoint)
  return reasonFor({ client, cluster, to, sent, taken, outcome, policy, ...(identity ? { identity } : {}) })
}

function common(client: Instance, { host, port, subset, rule, auto, sni, sans }: Cluster) {
  const rules = readsRules(client) ? (rule?.rules.map(nameOf) ?? []) : []
  return {
    from: nameOf(client),
    host: host.host,
    port: port.port,
    subset: subset ?? null,
    auto: client.proxy === 'ztunnel' || (readsRules(client) && auto),
    destinationRule: rules[0] ?? null,
    ...(rules.length > 1 ? { destinationRules: rules } : {}),
    sni: readsRules(client) ? (sni ?? null) : null,
    sans: readsRules(client) ? sans : [],
  }
}

/**
 * ztunnel sends HBONE to whoever takes it. A sidecar or gateway prefers the mTLS of sidecars, and follows addresses that it goes to as they
 * are without knowing who is there. Source: pilot/pkg/xds/endpoints/endpoint_builder.go (buildEnvoyLbEndpoint), cluster_tls.go.
 */
function sentBy(client: Instance, cluster: Cluster, { endpoint, tls }: SentTo): Sent {
  const { instance, backend } = endpoint
  const tunnelled = instance?.proxy === 'ztunnel' || instance?.proxy === 'waypoint'
  if (client.proxy === 'ztunnel') {
    return tunnelled || takesHbone(backend.labels) ? { by: 'hbone', within: 'DISABLE' } : { by: 'application' }
  }
  if (client.proxy === 'none' || !takesOutbound(client, cluster.port.port)) return { by: 'application' }
  const addressed = cluster.type !== 'ORIGINAL_DST' && backend.tlsMode !== 'istio'
  return tunnelled && addressed ? { by: 'hbone', within: cluster.userTls ?? 'DISABLE' } : { by: 'proxy', tls }
}

function takenBy(mesh: Mesh, { host, port }: Cluster, { instance, backend, port: target }: Endpoint): Taken {
  const { mode } = modeAt(mesh, backend, target)
  const http = isPlainHttp(parseProtocol(port.protocol))
  if (!instance) {
    // Who has an account of the mesh outside Kubernetes has a proxy, as far as clients are concerned.
    if (backend.tlsMode !== 'istio' || host.external) return { by: 'outsider', external: host.external }
    return { by: 'proxy', mode, plaintext: mode === 'STRICT' ? 'refused' : 'accepted', http }
  }
  if (instance.proxy === 'gateway') return { by: 'gateway' }
  const { enforcer, plaintext } = serverRow(mesh, instance, target)
  switch (enforcer) {
    case 'sidecar':
    case 'unknown':
      return { by: 'proxy', mode, plaintext: mode === 'STRICT' ? 'refused' : 'accepted', http }
    case 'ztunnel':
      return { by: 'ztunnel', plaintext }
    case 'none':
      return { by: 'application' }
    default:
      return enforcer satisfies never
  }
}

/** Whether the certificate of a server that takes mTLS has none of the names that a DestinationRule asks for. */
function isMisnamed({ sans, userTls }: Cluster, sent: Sent, identity: string | undefined, { wire, status }: Outcome): boolean {
  if (sent.by !== 'proxy' || wire !== 'mtls' || status !== 'ok' || userTls !== 'ISTIO_MUTUAL') return false
  return identity !== undefined && sans.length > 0 && !sans.includes(identity)
}

function serverAt(mesh: Mesh, { host }: Cluster, { instance, backend, port }: Endpoint): PathServer {
  const outside = !instance && (host.external || backend.namespace === '')
  const { mode, policy } = modeAt(mesh, backend, port)
  return {
    workload: instance ? nameOf(instance) : null,
    ...(instance || backend.address === undefined ? {} : { address: backend.address }),
    port,
    mode: outside ? null : mode,
    policy: outside || !policy ? null : nameOf(policy),
  }
}

/** What injection has not decided yet. */
function undecided(client: Instance, cluster: Cluster, { endpoint, unknown }: SentTo): readonly string[] {
  const { instance } = endpoint
  const open = (each: Instance) => `whether "${nameOf(each)}" gets a proxy`
  const tunnel = client.proxy === 'ztunnel' && instance?.proxy === 'sidecar' && instance.kind === 'Template'
  return [
    ...(client.proxy === 'unknown' ? [open(client)] : []),
    ...(instance && (instance.proxy === 'unknown' || (unknown && cluster.perEndpoint)) ? [open(instance)] : []),
    ...(tunnel ? [`whether the sidecar of "${nameOf(instance)}" takes HBONE`] : []),
  ]
}
