// The listeners section: what each port of the workload accepts, as the PeerAuthentications of the cluster demand it.
import type { KubeObject } from '../api/object.ts'
import { gatewayCredentials } from '../mesh/bookinfo.ts'
import { selects } from '../mesh/cluster.ts'
import { type Pod, takesHbone } from '../mesh/workload.ts'
import { rbacFilters } from './authorization.ts'
import type { Envoy } from './proxies.ts'
import { routeNameOf } from './routes.ts'
import { inboundMtls, inboundWeb } from './tls.ts'

export function listenersDump(envoy: Envoy, objects: readonly KubeObject[]): object {
  const updated = (envoy.secrets[0]?.updated ?? new Date()).toISOString()
  const own = ownListeners(envoy, objects)
  // A proxy whose certificate never came has its static listeners only.
  const waiting = envoy.secrets.some(({ name, content }) => name === 'default' && !content)
  // Gateways have no application that calls out.
  const dynamic = waiting ? [] : [...own, ...(envoy.role === 'sidecar' ? outboundListeners(objects) : [])]
  return {
    version_info: updated,
    static_listeners: [staticListener(15090), staticListener(15021)].map(content => ({ listener: content, last_updated: updated })),
    ...(dynamic.length > 0 && {
      dynamic_listeners: dynamic.map(content => ({
        name: content.name,
        active_state: { version_info: updated, listener: content, last_updated: updated },
      })),
    }),
  }
}

interface Listener {
  readonly name: string
}

function listener(name: string, address: string, port: number, content: object): Listener {
  return {
    '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
    name,
    address: { socket_address: { address, port_value: port } },
    ...content,
  } as Listener
}

const staticListener = (port: number) =>
  listener('', '0.0.0.0', port, { filter_chains: [{ filters: [httpFilter(`agent-${port}`, 'prometheus_stats')] }] })

function ownListeners({ role, pod }: Envoy, objects: readonly KubeObject[]): readonly Listener[] {
  switch (role) {
    case 'sidecar':
      return [virtualInbound(pod, objects), virtualOutbound, ...(takesHbone(pod) ? [connectTerminate()] : [])]
    case 'gateway':
      return [
        listener('0.0.0.0_8443', '0.0.0.0', 8443, {
          traffic_direction: 'OUTBOUND',
          filter_chains: gatewayCredentials.map(({ name, host, mutual = false }) => ({
            filter_chain_match: { server_names: [host] },
            filters: [httpFilter(`outbound_0.0.0.0_8443;${host}`, { rds: routeNameOf(name) })],
            transport_socket: inboundWeb(name, mutual),
          })),
        }),
      ]
    case 'waypoint':
      return [connectTerminate()]
  }
}

const connectTerminate = (): Listener =>
  listener('connect_terminate', '0.0.0.0', 15008, {
    filter_chains: [{ name: 'default', filters: [httpFilter('connect_terminate', 'main_internal')], transport_socket: inboundMtls }],
  })

const virtualOutbound = listener('virtualOutbound', '0.0.0.0', 15001, {
  traffic_direction: 'OUTBOUND',
  use_original_dst: true,
  filter_chains: [{ name: 'virtualOutbound-catchall-tcp', filters: [tcpFilter('PassthroughCluster')] }],
})

function virtualInbound(pod: Pod, objects: readonly KubeObject[]): Listener {
  const declared = pod.spec.containers[0]?.ports ?? []
  const ports = declared.flatMap(({ containerPort, name }) => {
    const cluster = `inbound|${containerPort}||`
    const filters = name.startsWith('http')
      ? [httpFilter(`inbound_0.0.0.0_${containerPort};`, cluster, rbacFilters(pod, objects, 'http'))]
      : [...rbacFilters(pod, objects, 'network'), tcpFilter(cluster)]
    return chainsFor(modeOf(pod, containerPort, objects), `0.0.0.0_${containerPort}`, { destination_port: containerPort }, filters)
  })
  const unnamed = [...rbacFilters(pod, objects, 'network'), tcpFilter('InboundPassthroughCluster')]
  const passThrough = chainsFor(modeOf(pod, 0, objects), 'virtualInbound', {}, unnamed)
  return listener('virtualInbound', '0.0.0.0', 15006, {
    traffic_direction: 'INBOUND',
    filter_chains: [
      { filter_chain_match: { destination_port: 15006 }, filters: [tcpFilter('BlackHoleCluster')], name: 'virtualInbound-blackhole' },
      ...passThrough,
      ...ports,
    ],
    listener_filters: ['original_dst', 'tls_inspector'].map(name => ({ name: `envoy.filters.listener.${name}` })),
    listener_filters_timeout: '0s',
    continue_on_listener_filters_timeout: true,
  })
}

type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE'

const meshProtocols = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']

// STRICT has the TLS chain only, DISABLE the plain one only, PERMISSIVE both: its TLS chain is for the mesh, other TLS goes on to the
// application (istio/istio pilot/pkg/networking/core/filterchain_options.go).
function chainsFor(mode: Mode, name: string, match: object, filters: readonly object[]): readonly object[] {
  const mtls = (more: object) => ({
    filter_chain_match: { ...match, transport_protocol: 'tls', ...more },
    filters,
    transport_socket: inboundMtls,
    name,
  })
  const plain = (transport: string) => ({ filter_chain_match: { ...match, transport_protocol: transport }, filters, name })
  if (mode === 'STRICT') return [mtls({})]
  if (mode === 'DISABLE') return [plain('raw_buffer'), plain('tls')]
  return [mtls({ application_protocols: meshProtocols }), plain('tls'), plain('raw_buffer')]
}

interface PeerAuthenticationSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly mtls?: { readonly mode?: Mode }
  readonly portLevelMtls?: Readonly<Record<string, { readonly mode: Mode }>>
}

/** The effective mode of a container port: port of the workload's policy, then workload, namespace, mesh, built-in PERMISSIVE. */
export function modeOf(pod: Pod, port: number, objects: readonly KubeObject[]): Mode {
  const specs = (namespace: string | undefined) =>
    objects
      .filter(({ kind, metadata }) => kind === 'PeerAuthentication' && metadata.namespace === namespace)
      .map(({ spec }) => spec as PeerAuthenticationSpec)
  const own = specs(pod.metadata.namespace)
  const workload = own.find(({ selector }) => selector?.matchLabels && selects(selector.matchLabels, pod))
  const wide = [...own, ...specs('istio-system')].filter(({ selector }) => !selector?.matchLabels)
  const modes = [workload?.portLevelMtls?.[port]?.mode, workload?.mtls?.mode, ...wide.map(({ mtls }) => mtls?.mode)]
  return modes.find(mode => mode !== undefined) ?? 'PERMISSIVE'
}

function outboundListeners(objects: readonly KubeObject[]): readonly Listener[] {
  return objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ metadata, spec }) => {
      const { clusterIP, ports } = spec as { clusterIP: string; ports: readonly { port: number }[] }
      return ports.map(({ port }) =>
        listener(`${clusterIP}_${port}`, clusterIP, port, {
          traffic_direction: 'OUTBOUND',
          bind_to_port: false,
          filter_chains: [{ filters: [tcpFilter(`outbound|${port}||${metadata.name}.${metadata.namespace}.svc.cluster.local`)] }],
        }),
      )
    })
}

const everythingTo = (cluster: string): object => ({
  name: cluster,
  virtual_hosts: [{ name: cluster, domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster, timeout: '0s' } }] }],
})

const discovered = (name: string): object => ({
  config_source: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
  route_config_name: name,
})

function tcpFilter(cluster: string): object {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
      stat_prefix: cluster,
      cluster,
    },
  }
}

/** Its one route leads to the cluster of this name, or it is asked for by name. */
function httpFilter(statPrefix: string, route: string | { readonly rds: string }, rbac: readonly object[] = []): object {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      stat_prefix: statPrefix,
      ...(typeof route === 'string' ? { route_config: everythingTo(route) } : { rds: discovered(route.rds) }),
      http_filters: [
        { name: 'istio.metadata_exchange' },
        ...rbac,
        ...['envoy.filters.http.fault', 'envoy.filters.http.cors', 'istio.stats', 'envoy.filters.http.router'].map(name => ({ name })),
      ],
      server_name: 'istio-envoy',
      use_remote_address: false,
      forward_client_cert_details: 'APPEND_FORWARD',
      set_current_client_cert_details: { subject: true, dns: true, uri: true },
      normalize_path: true,
    },
  }
}
