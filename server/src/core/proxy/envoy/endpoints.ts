// Where a cluster's requests go, and how each endpoint is. Shapes: envoy/api: config/endpoint/v3 (in `/config_dump?include_eds`),
// admin/v3/clusters.proto (`/clusters?format=json`).
import { field, type Json, listOf, objectOf, textOf } from '../json.ts'

export interface Endpoint {
  /** An IP address, a host, or the path of a socket (then without a port). */
  readonly address: string
  readonly port?: number
  /** `connect_originate`: a listener inside the proxy that sends what comes through HBONE. */
  readonly inner?: string
  /** `HEALTHY`, `UNHEALTHY`, `DRAINING`, `TIMEOUT`, `DEGRADED`; `/clusters` tells what Envoy itself found. */
  readonly health: string
  /** Of `envoy.transport_socket_match`: which socket of the cluster is used for it. */
  readonly labels: Readonly<Record<string, string>>
  /** `shop/checkout-1` or what else Istio says it is: `workload;namespace;canonical;revision;cluster`. */
  readonly workload?: string
}

/** A `ClusterLoadAssignment`. */
export function readEndpoints(assignment: Json | undefined): readonly Endpoint[] {
  return listOf(field(assignment, 'endpoints')).flatMap(locality => listOf(field(locality, 'lb_endpoints')).flatMap(endpointOf))
}

/** By cluster, of an `EndpointsConfigDump`. */
export function readEndpointConfigs(dump: Json): ReadonlyMap<string, readonly Endpoint[]> {
  const sections = ['static_endpoint_configs', 'dynamic_endpoint_configs'].flatMap(section => listOf(field(dump, section)))
  return new Map(
    sections.flatMap(item => {
      const assignment = field(item, 'endpoint_config')
      const name = textOf(field(assignment, 'cluster_name'))
      return name === undefined ? [] : [[name, readEndpoints(assignment)] as const]
    }),
  )
}

/** By cluster, of `/clusters?format=json`; undefined where the document is none. */
export function readClusterStatuses(document: Json): ReadonlyMap<string, readonly Endpoint[]> | undefined {
  const statuses = field(document, 'cluster_statuses')
  if (!Array.isArray(statuses)) return undefined
  return new Map(
    (statuses as readonly Json[]).flatMap(status => {
      const name = textOf(field(status, 'name'))
      return name === undefined ? [] : [[name, listOf(field(status, 'host_statuses')).flatMap(hostOf)] as const]
    }),
  )
}

function endpointOf(item: Json): readonly Endpoint[] {
  const metadata = field(field(item, 'metadata'), 'filter_metadata')
  const workload = textOf(field(field(metadata, 'istio'), 'workload'))
  return addressOf(field(field(item, 'endpoint'), 'address')).map(at => ({
    ...at,
    health: textOf(field(item, 'health_status')) ?? 'UNKNOWN',
    labels: textsOf(objectOf(metadata)['envoy.transport_socket_match']),
    ...(workload === undefined ? {} : { workload }),
  }))
}

/** A host is healthy where no flag says otherwise. Source: envoy/api: admin/v3/clusters.proto (HostHealthStatus). */
function hostOf(item: Json): readonly Endpoint[] {
  const status = objectOf(field(item, 'health_status'))
  const failed = Object.keys(status).filter(key => /^failed/i.test(key) && status[key] === true)
  const eds = textOf(field(status, 'eds_health_status'))
  return addressOf(field(item, 'address')).map(at => ({
    ...at,
    health: failed.length > 0 ? failed.join(', ') : (eds ?? 'HEALTHY'),
    labels: {},
  }))
}

function addressOf(address: Json | undefined): readonly Pick<Endpoint, 'address' | 'port' | 'inner'>[] {
  const socket = field(address, 'socket_address')
  const host = textOf(field(socket, 'address'))
  const port = field(socket, 'port_value')
  if (host !== undefined) return [{ address: host, ...(typeof port === 'number' ? { port } : {}) }]
  const path = textOf(field(field(address, 'pipe'), 'path'))
  // Of ambient: the name of a listener inside the proxy, which stands for the address behind it.
  const internal = field(address, 'envoy_internal_address')
  const [, behind, at] = /^(.+):(\d+)$/.exec(textOf(field(internal, 'endpoint_id')) ?? '') ?? []
  const inner = textOf(field(internal, 'server_listener_name')) ?? ''
  if (behind !== undefined) return [{ address: behind.replace(/^\[|\]$/g, ''), port: Number(at), inner }]
  return path === undefined ? [] : [{ address: path }]
}

function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])))
}
