// The TLS contexts istiod writes for mesh traffic, on both sides of a connection.

const sds = (name: string) => ({
  name,
  sds_config: {
    api_config_source: {
      api_type: 'GRPC',
      grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }],
      set_node_on_first_message_only: true,
      transport_api_version: 'V3',
    },
    initial_fetch_timeout: '0s',
    resource_api_version: 'V3',
  },
})

const protocols = { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' }

const socket = (context: 'Downstream' | 'Upstream', content: object) => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: { '@type': `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${context}TlsContext`, ...content },
})

/** What a proxy demands of its callers: a certificate of the mesh, of any identity. */
export const inboundMtls = socket('Downstream', {
  common_tls_context: {
    tls_params: { ...protocols, cipher_suites: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'] },
    alpn_protocols: ['istio-peer-exchange', 'h2', 'http/1.1'],
    tls_certificate_sds_secret_configs: [sds('default')],
    combined_validation_context: {
      default_validation_context: { match_subject_alt_names: [{ prefix: 'spiffe://cluster.local/' }] },
      validation_context_sds_secret_config: sds('ROOTCA'),
    },
  },
  require_client_certificate: true,
})

/** What a gateway shows to clients outside the mesh, and with `mutual` demands of them. */
export const inboundWeb = (credential: string, mutual: boolean) =>
  socket('Downstream', {
    common_tls_context: {
      tls_params: protocols,
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificate_sds_secret_configs: [sds(`kubernetes://${credential}`)],
      ...(mutual && {
        combined_validation_context: {
          default_validation_context: {},
          validation_context_sds_secret_config: sds(`kubernetes://${credential}-cacert`),
        },
      }),
    },
    require_client_certificate: mutual,
  })

/** What a proxy sends to a server outside the mesh: TLS without a certificate of its own. */
export const outboundTls = ({ sni, subjectAltNames }: { readonly sni: string; readonly subjectAltNames: readonly string[] }) =>
  socket('Upstream', {
    common_tls_context: {
      tls_params: protocols,
      combined_validation_context: {
        default_validation_context: { match_subject_alt_names: subjectAltNames.map(exact => ({ exact })) },
        validation_context_sds_secret_config: sds('file-root:system'),
      },
    },
    sni,
  })

/** What a proxy sends to a service, and the identities it accepts from it. */
export const outboundMtls = (sni: string, identities: readonly string[]) =>
  socket('Upstream', {
    common_tls_context: {
      tls_params: protocols,
      alpn_protocols: ['istio-peer-exchange', 'istio'],
      tls_certificate_sds_secret_configs: [sds('default')],
      combined_validation_context: {
        default_validation_context: { match_subject_alt_names: identities.map(exact => ({ exact })) },
        validation_context_sds_secret_config: sds('ROOTCA'),
      },
    },
    sni,
  })

/** For endpoints in ambient: the bytes go to the listener "connect_originate" inside the proxy, whose cluster sends them through the tunnel. */
export const hbone = (inner: object = { name: 'envoy.transport_sockets.raw_buffer' }) => ({
  name: 'hbone',
  match: { tunnel: 'http' },
  transport_socket: {
    name: 'envoy.transport_sockets.internal_upstream',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport',
      transport_socket: inner,
    },
  },
})

/** The tunnel takes any identity of the mesh: which pod answers, its address says. */
export const connectOriginate = {
  name: 'connect_originate',
  type: 'ORIGINAL_DST',
  connect_timeout: '10s',
  lb_policy: 'CLUSTER_PROVIDED',
  original_dst_lb_config: { upstream_port_override: 15008 },
  transport_socket: socket('Upstream', {
    common_tls_context: {
      tls_params: protocols,
      alpn_protocols: ['h2'],
      tls_certificate_sds_secret_configs: [sds('default')],
      combined_validation_context: { default_validation_context: {}, validation_context_sds_secret_config: sds('ROOTCA') },
    },
  }),
}

export const plaintext = {
  name: 'envoy.transport_sockets.raw_buffer',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer' },
}
