// What the client's proxy does when it calls the server: in the clear, or TLS with which certificate, trust and demanded names.
import { type Cluster, isTunneled, socketFor } from '../../proxy/envoy/clusters.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import type { Endpoint } from '../../proxy/envoy/endpoints.ts'
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import type { ZtunnelConfig } from '../../proxy/ztunnelConfig.ts'
import { type ConnectionQuestion, type End, hasProxy, nameOf } from './question.ts'

export type Sends =
  | {
      readonly kind: 'plaintext'
      readonly cause: PlaintextCause
      readonly because: string
      readonly evidence: readonly string[]
      readonly config?: string
    }
  | {
      readonly kind: 'tls'
      readonly tls: TlsContext
      readonly evidence: readonly string[]
      readonly config?: string
      /** Whether the TLS is that of an HBONE tunnel to port 15008. */
      readonly tunnel: boolean
      /** TLS for the application, inside the tunnel. */
      readonly inner?: TlsContext
    }
  | { readonly kind: 'unknown'; readonly because: string }

/** Who or what left out the TLS: each has a repair of its own. */
export type PlaintextCause = 'no-proxy' | 'annotation' | 'no-cluster' | 'cluster' | 'no-hbone'

export function sendsOf(question: ConnectionQuestion): Sends {
  const { from, to, port, meant } = question
  if (!hasProxy(from)) return plaintext('no-proxy', 'it has no proxy, so it sends what the application sends')
  if (meant?.bypassed?.from) {
    return plaintext(
      'annotation',
      'an annotation of the pod (traffic.sidecar.istio.io/excludeOutboundPorts) leads this port past its sidecar',
    )
  }
  const { envoy, ztunnel } = from.live ?? {}
  if (ztunnel) return fromZtunnel(ztunnel, from, to)
  if (envoy?.has.has('clusters')) return fromEnvoy(envoy, question)
  return { kind: 'unknown', because: `what the client's proxy sends to port ${port} is not known` }
}

/** Whether the certificate shown is the mesh's. */
export function isMeshMutual({ certificates }: TlsContext): boolean {
  return certificates.some(name => name === 'default' || name.startsWith('spiffe://'))
}

/** `/apis/networking.istio.io/v1/namespaces/shop/destination-rule/checkout` as `DestinationRule "shop/checkout"`. */
export function configName(config: string): string {
  const [, namespace, kind, name] = /\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(config) ?? []
  if (kind === undefined) return `"${config}"`
  const words = kind.split('-').map(word => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')} "${namespace}/${name}"`
}

function fromEnvoy(envoy: EnvoyConfig, question: ConnectionQuestion): Sends {
  const { to, port } = question
  const clusters = clustersTo(envoy, question)
  const [cluster] = clusters
  if (!cluster) return withoutCluster(envoy, question)
  const sockets = clusters.map(each => socketTo(each, envoy, to, port))
  const [socket] = sockets
  if (!socket || new Set(sockets.map(each => JSON.stringify(each))).size > 1) {
    const names = clusters.map(({ name }) => name).join(', ')
    return { kind: 'unknown', because: `the client's proxy treats the Services that lead there differently (${names})` }
  }
  const { tls, tunnel, inner } = socket
  const evidence = [
    `cluster ${cluster.name}`,
    ...(cluster.config === undefined ? [] : [`shaped by ${configName(cluster.config)}`]),
    ...updated(cluster),
    ...refusal(cluster),
    ...absence(cluster, envoy, to, port),
  ]
  const config = cluster.config === undefined ? {} : { config: cluster.config }
  if (tls)
    return {
      kind: 'tls',
      tls,
      tunnel,
      ...(inner ? { inner } : {}),
      evidence: tunnel ? [...evidence, `through the cluster ${tunnelCluster} (HBONE)`] : evidence,
      ...config,
    }
  if (tunnel)
    return {
      kind: 'unknown',
      because: `the client's proxy uses an HBONE tunnel, and its cluster "${tunnelCluster}" is not in the dump`,
    }
  return { ...plaintext('cluster', `its cluster "${cluster.name}" has no TLS for this endpoint`), evidence, ...config }
}

function withoutCluster({ endpoints, clusters }: EnvoyConfig, { from, to, port, meant }: ConnectionQuestion): Sends {
  const [warming] = withoutSubsets(clusters.filter(cluster => cluster.state === 'warming' && isNamed(cluster, meant?.hosts)))
  if (warming)
    return {
      kind: 'unknown',
      because: `the cluster "${warming.name}" of the client's proxy is still warming, so it carries no traffic yet`,
    }
  if (from.proxy === 'gateway' || from.proxy === 'waypoint') {
    return {
      kind: 'unknown',
      because: `the ${from.proxy} has no cluster that leads to port ${port} of the server, so it sends nothing there`,
    }
  }
  if (!endpoints || to.addresses.length === 0)
    return { kind: 'unknown', because: `no cluster of the client's proxy is known to lead to port ${port} of the server` }
  return plaintext('no-cluster', `no cluster of its proxy leads to port ${port} of the server, so it passes the bytes on as they come`)
}

/** Source: istio/istio:pilot/pkg/networking/core/waypoint.go. */
const tunnelCluster = 'connect_originate'
const inboundPorts: readonly (number | undefined)[] = [15006, 15008]

/**
 * Clusters with an endpoint at the server's port, else at the port where its proxy listens; where none is told, those that are named for the
 * Services of the server, or, as nothing is known of these, by their best likeness.
 */
function clustersTo(envoy: EnvoyConfig, { to, port, meant }: ConnectionQuestion): readonly Cluster[] {
  const usable = envoy.clusters.filter(({ service, state }) => service?.direction !== 'inbound' && state !== 'warming')
  const at = (ports: readonly (number | undefined)[]) => usable.filter(each => endpointAt(each, envoy, to, ports))
  const named = usable.filter(each => isNamed(each, meant?.hosts))
  const captured = at(inboundPorts).filter(each => named.length === 0 || named.includes(each))
  const choices = [at([port]), captured.filter(each => each.service?.port === port), captured, named, likely(usable, to, port)]
  return withoutSubsets(choices.find(({ length }) => length > 0) ?? [])
}

function isNamed({ service }: Cluster, hosts: NonNullable<ConnectionQuestion['meant']>['hosts'] = []): boolean {
  return hosts.some(({ host, port }) => service?.host === host && service.port === port)
}

function likely(clusters: readonly Cluster[], to: End, port: number): readonly Cluster[] {
  const candidates = withoutSubsets(clusters.filter(({ service }) => service?.port === port && service.host.split('.')[1] === to.namespace))
  const identity = to.expectedIdentity
  const ranked = [
    candidates.filter(each => identity !== undefined && demandedBy(each).includes(identity)),
    candidates.filter(({ service }) => to.name.startsWith(`${service?.host.split('.')[0]}-`) || to.name === service?.host.split('.')[0]),
  ].find(each => each.length > 0)
  return ranked ?? (candidates.length === 1 ? candidates : [])
}

function demandedBy({ tls, sockets }: Cluster): readonly string[] {
  return [tls, ...sockets.map(each => each.tls)].flatMap(each => each?.names.map(({ value }) => value) ?? [])
}

function withoutSubsets(clusters: readonly Cluster[]): readonly Cluster[] {
  const whole = clusters.filter(({ service }) => service?.subset === undefined)
  return whole.length > 0 ? whole : clusters
}

function endpointAt(cluster: Cluster, envoy: EnvoyConfig, to: End, ports: readonly (number | undefined)[]): Endpoint | undefined {
  const endpoints = [...(envoy.endpoints?.get(cluster.name) ?? []), ...cluster.endpoints]
  return endpoints.find(each => ports.includes(each.port) && to.addresses.includes(each.address))
}

/** istiod labels the endpoints of pods with a proxy; where endpoints are not told, that is taken for granted. */
function socketTo(
  cluster: Cluster,
  envoy: EnvoyConfig,
  to: End,
  port: number,
): { readonly tls?: TlsContext; readonly inner?: TlsContext; readonly tunnel: boolean } {
  const endpoint = endpointAt(cluster, envoy, to, [port, ...inboundPorts]) ?? { labels: hasProxy(to) ? { tlsMode: 'istio' } : {} }
  const own = socketFor(cluster, endpoint)
  if (!isTunneled(cluster, endpoint)) return { tunnel: false, ...(own ? { tls: own } : {}) }
  const tls = envoy.clusters.find(({ name }) => name === tunnelCluster)?.tls
  return { tunnel: true, ...(tls ? { tls } : {}), ...(own ? { inner: own } : {}) }
}

function fromZtunnel(ztunnel: ZtunnelConfig, from: End, to: End): Sends {
  const workload = ztunnel.workloads.find(each => each.namespace === to.namespace && each.name === to.name)
  if (!workload) return { kind: 'unknown', because: "the client's ztunnel does not know the server yet" }
  const evidence = [`ztunnel's workload ${nameOf(to)}: protocol ${workload.protocol}`]
  // A waypoint is known as TCP and always reached through its tunnel.
  if (workload.protocol !== 'HBONE' && to.proxy !== 'waypoint') {
    return {
      ...plaintext('no-hbone', `ztunnel knows the server as a workload that takes no HBONE (protocol ${workload.protocol})`),
      evidence,
    }
  }
  return {
    kind: 'tls',
    tunnel: true,
    evidence,
    tls: {
      certificates: from.expectedIdentity === undefined ? [] : [from.expectedIdentity],
      roots: 'ROOTCA',
      verifies: true,
      names: workload.identity === undefined ? [] : [{ match: 'exact', value: workload.identity, ignoreCase: false, type: 'URI' }],
      alpn: ['h2'],
      requiresClientCertificate: false,
    },
  }
}

function plaintext(cause: PlaintextCause, because: string): Extract<Sends, { kind: 'plaintext' }> {
  return { kind: 'plaintext', cause, because, evidence: [] }
}

function updated({ lastUpdated }: Cluster): readonly string[] {
  return lastUpdated === undefined ? [] : [`received ${lastUpdated}`]
}

function refusal({ refused }: Cluster): readonly string[] {
  return refused === undefined ? [] : [`the proxy refused a newer configuration of it: ${refused}`]
}

/** Only where the proxy told its endpoints. */
function absence(cluster: Cluster, envoy: EnvoyConfig, to: End, port: number): readonly string[] {
  if (!envoy.endpoints || endpointAt(cluster, envoy, to, [port, ...inboundPorts])) return []
  return [`no endpoint of it is ${nameOf(to)}:${port}: the pod is not ready, or the proxy has not heard of it yet`]
}
