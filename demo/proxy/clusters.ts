// The clusters section: one for each service port (and subset) the proxy can call, with the TLS it would use.
import type { KubeObject } from '../api/object.ts'
import { selects } from '../mesh/cluster.ts'
import { isPod } from '../mesh/workload.ts'
import { type Envoy, identityOf } from './proxies.ts'
import { outboundMtls, plaintext } from './tls.ts'

export function clustersDump(envoy: Envoy, objects: readonly KubeObject[]): object {
  const updated = (envoy.secrets[0]?.updated ?? new Date()).toISOString()
  const services = objects.filter(({ kind }) => kind === 'Service')
  const outbound = services.flatMap(service => clustersOf(service, objects))
  const inbound = envoy.pod.spec.containers[0]?.ports?.map(({ containerPort }) => inboundCluster(containerPort)) ?? []
  const builtIn = ['BlackHoleCluster', 'InboundPassthroughCluster', 'PassthroughCluster'].map(name => ({ name, connect_timeout: '10s' }))
  return {
    version_info: updated,
    static_clusters: ['prometheus_stats', 'agent', 'sds-grpc', 'xds-grpc'].map(name => ({
      cluster: cluster({ name, type: 'STATIC' }),
      last_updated: updated,
    })),
    dynamic_active_clusters: [...builtIn, ...inbound, ...outbound].map(content => ({
      version_info: updated,
      cluster: cluster(content),
      last_updated: updated,
    })),
  }
}

const cluster = (content: object) => ({ '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', ...content })

const inboundCluster = (port: number) => ({
  name: `inbound|${port}||`,
  type: 'ORIGINAL_DST',
  connect_timeout: '10s',
  lb_policy: 'CLUSTER_PROVIDED',
  upstream_bind_config: { source_address: { address: '127.0.0.6', port_value: 0 } },
})

function clustersOf(service: KubeObject, objects: readonly KubeObject[]): readonly object[] {
  const { name, namespace } = service.metadata
  const { selector, ports } = service.spec as { selector: Record<string, string>; ports: readonly { port: number }[] }
  const host = `${name}.${namespace}.svc.cluster.local`
  const pods = objects.filter(isPod).filter(pod => pod.metadata.namespace === namespace && selects(selector, pod))
  const identities = [...new Set(pods.map(identityOf))].sort()
  const subsets = ['', ...subsetsOf(host, service, objects)]
  return ports.flatMap(({ port }) => subsets.map(subset => outboundCluster({ port, subset, host, identities })))
}

function subsetsOf(host: string, { metadata }: KubeObject, objects: readonly KubeObject[]): readonly string[] {
  const rule = objects.find(object => {
    const written = object.kind === 'DestinationRule' ? (object.spec as { host: string }).host : undefined
    return written === host || (written === metadata.name && object.metadata.namespace === metadata.namespace)
  })
  return ((rule?.spec as { subsets?: readonly { name: string }[] } | undefined)?.subsets ?? []).map(({ name }) => name)
}

interface Outbound {
  readonly port: number
  readonly subset: string
  readonly host: string
  readonly identities: readonly string[]
}

function outboundCluster({ port, subset, host, identities }: Outbound): object {
  const name = `outbound|${port}|${subset}|${host}`
  return {
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' }, service_name: name },
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    circuit_breakers: {
      thresholds: [{ max_connections: 4294967295, max_pending_requests: 4294967295, max_requests: 4294967295, max_retries: 4294967295 }],
    },
    common_lb_config: { healthy_panic_threshold: {} },
    transport_socket_matches: [
      {
        name: 'tlsMode-istio',
        match: { tlsMode: 'istio' },
        transport_socket: outboundMtls(`outbound_.${port}_.${subset || '_'}.${host}`, identities),
      },
      { name: 'tlsMode-disabled', match: {}, transport_socket: plaintext },
    ],
  }
}
