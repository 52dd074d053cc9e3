// The clusters section: one for each service port (and subset) the proxy can call, with the TLS it would use.
import type { KubeObject } from '../api/object.ts'
import { selects } from '../mesh/cluster.ts'
import { isPod } from '../mesh/workload.ts'
import { type Envoy, identityOf } from './proxies.ts'
import { connectOriginate, hbone, outboundMtls, outboundTls, plaintext } from './tls.ts'

export function clustersDump(envoy: Envoy, objects: readonly KubeObject[]): object {
  const updated = (envoy.secrets[0]?.updated ?? new Date()).toISOString()
  const services = objects.filter(({ kind }) => kind === 'Service')
  const outbound = [...services.flatMap(service => clustersOf(service, objects)), ...externalClusters(objects)]
  const own = envoy.role === 'sidecar' ? (envoy.pod.spec.containers[0]?.ports ?? []) : []
  const inbound = own.map(({ containerPort }) => inboundCluster(containerPort))
  const builtIn = [
    ...['BlackHoleCluster', 'InboundPassthroughCluster', 'PassthroughCluster'].map(name => ({ name, connect_timeout: '10s' })),
    connectOriginate,
  ]
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
  const subsets = ['', ...subsetsOf(host, service, objects).map(subset => subset.name)]
  const mode = ruleFor(host, service, objects)?.trafficPolicy?.tls?.mode
  return ports.flatMap(({ port }) => subsets.map(subset => outboundCluster({ port, subset, host, identities, mode })))
}

export interface Subset {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

interface RuleSpec {
  readonly host: string
  readonly subsets?: readonly Subset[]
  readonly trafficPolicy?: { readonly tls?: { readonly mode: TlsMode } }
}

type TlsMode = 'DISABLE' | 'SIMPLE' | 'ISTIO_MUTUAL'

function ruleFor(host: string, { metadata }: KubeObject, objects: readonly KubeObject[]): RuleSpec | undefined {
  const rule = objects.find(object => {
    const written = object.kind === 'DestinationRule' ? (object.spec as RuleSpec).host : undefined
    return written === host || (written === metadata.name && object.metadata.namespace === metadata.namespace)
  })
  return rule?.spec as RuleSpec | undefined
}

export function subsetsOf(host: string, service: KubeObject, objects: readonly KubeObject[]): readonly Subset[] {
  return ruleFor(host, service, objects)?.subsets ?? []
}

interface ExternalTls {
  readonly host: string
  readonly trafficPolicy: { readonly tls: { readonly sni: string; readonly subjectAltNames: readonly string[] } }
}

/** Of ServiceEntries: asked for by name, with the TLS of their DestinationRule. */
function externalClusters(objects: readonly KubeObject[]): readonly object[] {
  const rules = objects.filter(({ kind }) => kind === 'DestinationRule')
  return objects
    .filter(({ kind }) => kind === 'ServiceEntry')
    .flatMap(({ spec }) => {
      const { hosts, ports } = spec as { hosts: readonly string[]; ports: readonly { number: number }[] }
      return hosts.flatMap(host => {
        const rule = rules.find(each => (each.spec as ExternalTls).host === host)
        return ports.map(({ number }) => externalCluster(host, number, rule))
      })
    })
}

function externalCluster(host: string, port: number, rule: KubeObject | undefined): object {
  const name = `outbound|${port}||${host}`
  const endpoint = { endpoint: { address: { socket_address: { address: host, port_value: port } } } }
  const { namespace, name: ruleName } = rule?.metadata ?? {}
  const config = `/apis/networking.istio.io/v1/namespaces/${namespace}/destination-rule/${ruleName}`
  return {
    name,
    type: 'STRICT_DNS',
    connect_timeout: '10s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
    ...(rule && {
      transport_socket: outboundTls((rule.spec as ExternalTls).trafficPolicy.tls),
      metadata: { filter_metadata: { istio: { config } } },
    }),
  }
}

interface Outbound {
  readonly port: number
  readonly subset: string
  readonly host: string
  readonly identities: readonly string[]
  /** Undefined: no DestinationRule says it, so each endpoint gets what it takes. */
  readonly mode: TlsMode | undefined
}

function outboundCluster({ port, subset, host, identities, mode }: Outbound): object {
  const sni = `outbound_.${port}_.${subset || '_'}.${host}`
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
    transport_socket_matches: socketsFor(mode, sni, identities),
  }
}

/** The tunnel first, for endpoints in ambient (istio/istio:pilot/pkg/networking/core/cluster_tls.go, applyHBONETransportSocketMatches). */
function socketsFor(mode: TlsMode | undefined, sni: string, identities: readonly string[]): readonly object[] {
  const disabled = { name: 'tlsMode-disabled', match: {}, transport_socket: plaintext }
  switch (mode) {
    case undefined:
      return [hbone(), { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: outboundMtls(sni, identities) }, disabled]
    case 'ISTIO_MUTUAL':
      return [hbone(), { name: 'tlsMode-istio', match: {}, transport_socket: outboundMtls(sni, identities) }]
    case 'SIMPLE': {
      const tls = outboundTls({ sni, subjectAltNames: [] })
      return [hbone(tls), { name: 'user', match: {}, transport_socket: tls }]
    }
    case 'DISABLE':
      return [hbone(), disabled]
  }
}
