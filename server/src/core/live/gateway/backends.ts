// Where a gateway's requests go: its clusters, the TLS that it speaks to each, and how their endpoints are.
import { type Cluster, socketFor } from '../../proxy/envoy/clusters.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import type { Endpoint } from '../../proxy/envoy/endpoints.ts'
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import type { BackendTls, GatewayBackend, GatewayEndpoint } from './gatewayReport.ts'

type Statuses = ReadonlyMap<string, readonly Endpoint[]> | undefined

/** `statuses`: of `/clusters`, which tells what Envoy itself found of each endpoint. */
export function backendsOf(config: EnvoyConfig, used: ReadonlySet<string>, statuses: Statuses): readonly GatewayBackend[] {
  return config.clusters
    .filter(({ service }) => service?.direction === 'outbound')
    .map(cluster => backendOf(cluster, config, used, statuses))
}

function backendOf(cluster: Cluster, config: EnvoyConfig, used: ReadonlySet<string>, statuses: Statuses): GatewayBackend {
  const { name, service, state } = cluster
  const tls = cluster.tls ?? cluster.sockets.find(each => each.tls)?.tls
  return {
    cluster: name,
    host: service?.host ?? null,
    port: service?.port ?? null,
    subset: service?.subset ?? null,
    state,
    tls: modeOf(cluster),
    sni: tls?.sni ?? null,
    sans: tls?.names.map(({ match, value }) => (match === 'exact' ? value : `${match} ${value}`)) ?? [],
    certificates: tls?.certificates ?? [],
    roots: tls?.roots ?? null,
    destinationRule: destinationRuleOf(cluster),
    lastUpdated: cluster.lastUpdated ?? null,
    refused: cluster.refused ?? null,
    endpoints: endpointsOf(cluster, config, statuses),
    used: used.has(name),
  }
}

function modeOf({ tls, sockets }: Cluster): BackendTls {
  if (!tls) return sockets.some(each => each.tls) ? 'auto' : 'DISABLE'
  if (tls.certificates.length === 0) return 'SIMPLE'
  return isMesh(tls) ? 'ISTIO_MUTUAL' : 'MUTUAL'
}

/** SPIRE names the mesh's own certificate by its identity. */
function isMesh({ certificates }: TlsContext): boolean {
  return certificates.some(name => name === 'default' || name.startsWith('spiffe://'))
}

export function destinationRuleOf({ config }: Pick<Cluster, 'config'>): string | null {
  const [, namespace, name] = /\/namespaces\/([^/]+)\/destination-rule\/([^/]+)$/.exec(config ?? '') ?? []
  return namespace === undefined || name === undefined ? null : `${namespace}/${name}`
}

/** Envoy itself tells how an endpoint is, its configuration what it is. */
function endpointsOf(cluster: Cluster, { endpoints }: EnvoyConfig, statuses: Statuses): GatewayBackend['endpoints'] {
  const configured = endpoints?.get(cluster.name) ?? (cluster.endpoints.length > 0 ? cluster.endpoints : undefined)
  const told = statuses?.get(cluster.name)
  const byPlace = new Map(configured?.map(each => [placeOf(each), each]))
  const all = told?.map(each => ({ ...each, ...(byPlace.get(placeOf(each)) ?? { unlabelled: true }), health: each.health })) ?? configured
  return all?.map(each => endpointOf(cluster, each)) ?? null
}

function endpointOf(cluster: Cluster, endpoint: Endpoint & { readonly unlabelled?: boolean }): GatewayEndpoint {
  const { address, port, health, workload, unlabelled = false } = endpoint
  return {
    address,
    port: port ?? null,
    health,
    tls: unlabelled && cluster.sockets.length > 0 ? null : tlsWord(socketFor(cluster, endpoint)),
    workload: workload ?? null,
  }
}

function tlsWord(tls: TlsContext | undefined): GatewayEndpoint['tls'] {
  if (!tls) return 'plaintext'
  return tls.certificates.length > 0 ? 'mTLS' : 'TLS'
}

function placeOf({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  return `${address} ${port ?? ''}`
}
