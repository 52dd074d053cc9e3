// What a proxy does as a client: its clusters, and how it speaks TLS to each of their endpoints.
// Shapes: envoy/api: config/cluster/v3/cluster.proto; names and sockets are Istio's: pilot/pkg/model/service.go (BuildSubsetKey),
// pilot/pkg/networking/core/cluster_tls.go.
import { field, type Json, listOf, objectOf, textOf } from '../json.ts'
import { type Endpoint, readEndpoints } from './endpoints.ts'
import { readTls, type TlsContext } from './tls.ts'

export interface Cluster {
  readonly name: string
  /** `outbound|8080|v1|checkout.shop.svc.cluster.local` taken apart; absent for the proxy's own and other names. */
  readonly service?: { readonly direction: string; readonly port: number; readonly subset?: string; readonly host: string }
  /** `EDS`, `STRICT_DNS`, `ORIGINAL_DST` … */
  readonly type: string
  /** A warming cluster carries no traffic yet. */
  readonly state: 'static' | 'active' | 'warming'
  readonly lastUpdated?: string
  /** Sockets for endpoints with these labels; the first that fits is used. */
  readonly sockets: readonly ClusterSocket[]
  /** For all other endpoints; absent: plaintext. */
  readonly tls?: TlsContext
  /** `/apis/networking.istio.io/v1/namespaces/shop/destination-rule/checkout`: the object that shaped it. */
  readonly config?: string
  /** Those that its configuration names. */
  readonly endpoints: readonly Endpoint[]
  /** What Envoy said when it refused the newest configuration. */
  readonly refused?: string
}

export interface ClusterSocket {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Absent: plaintext, or what goes into the tunnel. */
  readonly tls?: TlsContext
  /** The bytes go to a listener inside the proxy, which sends them through HBONE: its TLS is that of the cluster `connect_originate`. */
  readonly tunnel: boolean
}

const sections = { static_clusters: 'static', dynamic_active_clusters: 'active', dynamic_warming_clusters: 'warming' } as const

export function readClusters(dump: Json): readonly Cluster[] {
  return Object.entries(sections).flatMap(([section, state]) => listOf(field(dump, section)).flatMap(item => readCluster(item, state)))
}

export function readCluster(item: Json, state: Cluster['state']): readonly Cluster[] {
  const cluster = field(item, 'cluster')
  const name = textOf(field(cluster, 'name'))
  if (name === undefined) return []
  const tls = readTls(field(cluster, 'transport_socket'))
  const config = textOf(field(field(field(field(cluster, 'metadata'), 'filter_metadata'), 'istio'), 'config'))
  const lastUpdated = textOf(field(item, 'last_updated'))
  const refused = textOf(field(field(item, 'error_state'), 'details'))
  return [
    {
      name,
      ...serviceOf(name),
      type: textOf(field(cluster, 'type')) ?? 'STATIC',
      state,
      sockets: listOf(field(cluster, 'transport_socket_matches')).map(socketOf),
      endpoints: readEndpoints(field(cluster, 'load_assignment')),
      ...(tls ? { tls } : {}),
      ...(config === undefined ? {} : { config }),
      ...(lastUpdated === undefined ? {} : { lastUpdated }),
      ...(refused === undefined ? {} : { refused }),
    },
  ]
}

/** What the cluster speaks to an endpoint, inside a tunnel where it uses one; undefined is plaintext. */
export function socketFor(cluster: Cluster, endpoint: Pick<Endpoint, 'labels'>): TlsContext | undefined {
  const fitting = fittingSocket(cluster, endpoint)
  return fitting ? fitting.tls : cluster.tls
}

/** Whether the cluster reaches an endpoint through HBONE. */
export function isTunneled(cluster: Cluster, endpoint: Pick<Endpoint, 'labels' | 'inner'>): boolean {
  return endpoint.inner !== undefined || (fittingSocket(cluster, endpoint)?.tunnel ?? false)
}

function fittingSocket({ sockets }: Cluster, endpoint: Pick<Endpoint, 'labels'>): ClusterSocket | undefined {
  return sockets.find(({ labels }) => Object.entries(labels).every(([key, value]) => endpoint.labels[key] === value))
}

function socketOf(item: Json): ClusterSocket {
  const socket = field(item, 'transport_socket')
  const type = textOf(field(field(socket, 'typed_config'), '@type')) ?? ''
  const tunnel = type.endsWith('.InternalUpstreamTransport')
  const tls = readTls(tunnel ? field(field(socket, 'typed_config'), 'transport_socket') : socket)
  const labels = Object.entries(objectOf(field(item, 'match'))).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []))
  return { name: textOf(field(item, 'name')) ?? '', labels: Object.fromEntries(labels), tunnel, ...(tls ? { tls } : {}) }
}

function serviceOf(name: string): Pick<Cluster, 'service'> {
  const [direction = '', port = '', subset = '', host] = name.split('|')
  if (host === undefined || !/^\d+$/.test(port)) return {}
  return { service: { direction, port: Number(port), host, ...(subset === '' ? {} : { subset }) } }
}
