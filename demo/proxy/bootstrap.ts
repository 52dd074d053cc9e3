// The bootstrap section of a config dump: who the proxy is, and the long list of extensions that makes real dumps large.
import { istioTag } from '../mesh/objects.ts'
import type { Envoy } from './proxies.ts'

export function bootstrapDump({ pod, role, secrets }: Envoy) {
  const { name, namespace, labels } = pod.metadata
  const address = pod.status?.podIP ?? '0.0.0.0'
  const workload = labels?.app ?? name
  return {
    bootstrap: {
      node: {
        id: `${role === 'gateway' ? 'router' : role}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
        cluster: `${workload}.${namespace}`,
        metadata: {
          NAME: name,
          NAMESPACE: namespace,
          LABELS: labels,
          WORKLOAD_NAME: workload,
          SERVICE_ACCOUNT: pod.spec.serviceAccountName,
          NODE_NAME: pod.spec.nodeName,
          INSTANCE_IPS: address,
          INTERCEPTION_MODE: 'REDIRECT',
          CLUSTER_ID: 'Kubernetes',
          MESH_ID: 'cluster.local',
          ISTIO_VERSION: istioTag,
          PILOT_SAN: ['istiod.istio-system.svc'],
          PROXY_CONFIG: {
            discoveryAddress: 'istiod.istio-system.svc:15012',
            proxyAdminPort: 15000,
            statusPort: 15020,
            configPath: './etc/istio/proxy',
          },
        },
        locality: {},
        user_agent_name: 'envoy',
        user_agent_build_version: {
          version: { major_number: 1, minor_number: 38 },
          metadata: { 'build.type': 'RELEASE', 'ssl.version': 'BoringSSL' },
        },
        extensions,
      },
      static_resources: {
        clusters: ['prometheus_stats', 'agent', 'sds-grpc', 'xds-grpc', 'zipkin'].map(cluster => ({
          name: cluster,
          type: 'STATIC',
          connect_timeout: '1s',
        })),
      },
      dynamic_resources: {
        lds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
        cds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
        ads_config: { api_type: 'DELTA_GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }], transport_api_version: 'V3' },
      },
      admin: { profile_path: '/var/lib/istio/data/envoy.prof', address: { socket_address: { address: '127.0.0.1', port_value: 15000 } } },
      stats_config: { use_all_default_tags: false },
      layered_runtime: {
        layers: [
          { name: 'global config', static_layer: { 're2.max_program_size.error_level': '32768' } },
          { name: 'admin', admin_layer: {} },
        ],
      },
    },
    last_updated: (secrets[0]?.updated ?? new Date()).toISOString(),
  }
}

const extensionNames: Readonly<Record<string, string>> = {
  'envoy.filters.http':
    'adaptive_concurrency admission_control alternate_protocols_cache aws_lambda bandwidth_limit basic_auth buffer cache cdn_loop composite compressor connect_grpc_bridge cors csrf credential_injector decompressor dynamic_forward_proxy ext_authz ext_proc fault file_system_buffer gcp_authn geoip grpc_http1_bridge grpc_json_transcoder grpc_stats grpc_web header_mutation header_to_metadata health_check ip_tagging istio_stats json_to_metadata jwt_authn kill_request local_ratelimit lua oauth2 on_demand original_src peer_metadata rate_limit_quota ratelimit rbac router set_filter_state set_metadata stateful_session tap thrift_to_metadata upstream_codec wasm',
  'envoy.filters.network':
    'connection_limit direct_response echo ext_authz http_connection_manager kafka_broker local_ratelimit metadata_exchange mongo_proxy mysql_proxy network_authn postgres_proxy ratelimit rbac redis_proxy set_filter_state sni_cluster sni_dynamic_forward_proxy tcp_cluster_rewrite tcp_proxy thrift_proxy wasm zookeeper_proxy',
  'envoy.filters.listener': 'http_inspector local_ratelimit original_dst original_src proxy_protocol tls_inspector',
  'envoy.transport_sockets': 'alts http_11_proxy internal_upstream quic raw_buffer starttls tap tcp_stats tls upstream_proxy_protocol',
  'envoy.access_loggers': 'extension_filters.cel file fluentd http_grpc open_telemetry stderr stdout stream tcp_grpc wasm',
  'envoy.clusters': 'aggregate dns dynamic_forward_proxy eds logical_dns original_dst redis static strict_dns',
  'envoy.load_balancing_policies':
    'client_side_weighted_round_robin cluster_provided least_request maglev override_host random ring_hash round_robin subset wrr_locality',
  'envoy.compression': 'brotli.compressor brotli.decompressor gzip.compressor gzip.decompressor zstd.compressor zstd.decompressor',
  'envoy.matching.inputs':
    'application_protocol cel_data_input destination_ip destination_port direct_source_ip dns_san dynamic_metadata filter_state query_params request_headers request_trailers response_headers response_trailers server_name source_ip source_port source_type status_code_class_input status_code_input subject transport_protocol uri_san',
  'envoy.tls': 'cert_validator.default cert_validator.spiffe key_providers.cryptomb key_providers.qat',
  'envoy.retry':
    'host_predicates.omit_canary_hosts host_predicates.omit_host_metadata host_predicates.previous_hosts priorities.previous_priorities',
  'envoy.health_checkers': 'grpc http redis tcp thrift',
  'envoy.stat_sinks': 'dog_statsd graphite_statsd hystrix metrics_service open_telemetry statsd wasm',
  'envoy.tracers': 'datadog dynamic_ot opentelemetry skywalking xray zipkin',
}

const extensions = Object.entries(extensionNames).flatMap(([category, names]) =>
  names.split(' ').map(name => ({
    name: `${category}.${name}`,
    category,
    type_descriptor: '',
    version: null,
    disabled: false,
    type_urls: [`${category.replace('envoy.', 'envoy.extensions.')}.${name}.v3.Config`],
  })),
)
