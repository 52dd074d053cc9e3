// Sidecar. Source: istio/api:networking/v1alpha3/sidecar.proto, told in our words.
import { hasNoItems, lacks } from './decoded.ts'
import type { Fields } from './fields.ts'
import { field, listOf, type MapSchema, object, string, strings, unsigned, wordsOf } from './schema.ts'
import { serverTls } from './serverTls.ts'
import { kind } from './shared.ts'
import { connectionPool } from './trafficPolicy.ts'

export const sidecarLabels: MapSchema = { type: 'map', keys: 'label', values: { type: 'string', maxLength: 63 }, max: 256 }

export const sidecarSelector = object('a workload selector', {
  labels: field(sidecarLabels, 'Pods and virtual machines with **all** of these labels, in the namespace of the Sidecar.', {
    example: 'labels: { app: checkout }',
  }),
})

export const sidecarPort = object('a port', {
  number: field(unsigned, 'The port: of the workload for traffic that comes in, of the service for traffic that goes out.', {
    example: 'number: 8443',
  }),
  protocol: field(string, '`HTTP`, `HTTPS`, `GRPC`, `HTTP2`, `MONGO`, `TCP` or `TLS`; left out, the proxy finds out by itself.', {
    example: 'protocol: HTTPS',
  }),
  name: field(string, 'Name of the port, a DNS label.', { example: 'name: https' }),
  targetPort: field(unsigned, 'Has no meaning in a Sidecar; Istio refuses it.'),
})

/** In the order of their numbers. */
export const captureModes = {
  DEFAULT: 'As the environment says: iptables in Kubernetes.',
  IPTABLES: 'Traffic is redirected to the proxy.',
  NONE: 'Nothing is redirected: the application talks to the port of the proxy by itself, and what does not bypasses it.',
}

const captureMode = wordsOf(captureModes)

export const ingressListener = object('an ingress listener', {
  port: field(sidecarPort, 'The port the listener stands for.', {
    example: 'port: { number: 8443, protocol: HTTPS, name: https }',
    required: 'both',
  }),
  bind: field(string, 'IP address to listen on. Left out, Istio chooses.', { example: 'bind: 0.0.0.0' }),
  captureMode: field(captureMode, 'How traffic comes to the listener.', { example: 'captureMode: NONE', default: 'DEFAULT' }),
  defaultEndpoint: field(
    string,
    'Where the application listens: `127.0.0.1:<port>` or `[::1]:<port>`, `0.0.0.0:<port>` for the address of the pod, or `unix:///path`. An application on 127.0.0.1 cannot be reached past the proxy.',
    { example: 'defaultEndpoint: 127.0.0.1:8080' },
  ),
  tls: field(
    serverTls,
    'Ends TLS of callers from **outside** the mesh, with `SIMPLE`, `MUTUAL` or `OPTIONAL_MUTUAL` and certificate files. **Dropped without a word** unless istiod runs with `ENABLE_TLS_ON_SIDECAR_INGRESS` and the PeerAuthentication mode of the port is `DISABLE`.',
    { example: 'tls: { mode: SIMPLE, serverCertificate: /etc/certs/tls.crt, privateKey: /etc/certs/tls.key }' },
  ),
  connectionPool: field(connectionPool, 'Limits of this port, in place of `inboundConnectionPool` and of any DestinationRule.', {
    example: 'connectionPool: { tcp: { maxConnections: 100 } }',
  }),
})

export const egressListener = object('an egress listener', {
  port: field(
    sidecarPort,
    'The port the listener stands for. Left out, it covers every port that no other listener names, and must come last.',
    {
      example: 'port: { number: 9080, protocol: HTTP, name: http }',
    },
  ),
  bind: field(string, 'IP address or Unix domain socket to listen on; needs `port`.', { example: 'bind: 127.0.0.1' }),
  captureMode: field(captureMode, 'How traffic comes to the listener.', { example: 'captureMode: NONE', default: 'DEFAULT' }),
  hosts: field(
    strings,
    'Services to know, `namespace/host`: `./*` its own namespace, `*/*` all, `~/*` none, `~shop/*` without those of a namespace. What is not listed gets no mutual TLS settings; it is reached like an unknown outside address, **not blocked**.',
    { example: 'hosts: ["./*", "istio-system/*"]', required: 'both' },
  ),
})

/** In the order of their numbers. */
export const outboundModes = {
  REGISTRY_ONLY: 'Only services that Istio knows. No firewall: an application that goes around its proxy is not held back.',
  ALLOW_ANY: 'Unknown addresses are reached directly, without mutual TLS of the mesh.',
}

export const egressProxy = object('egressProxy', {
  host: field(string, 'The service that unknown traffic is sent to; it must be among the hosts of `egress`.', {
    example: 'host: egress.istio-egress.svc.cluster.local',
    required: 'both',
  }),
  subset: field(string, 'A subset of that service, from a DestinationRule.', { example: 'subset: v1' }),
  port: field(object('a port', { number: field(unsigned, 'Number of the port.', { example: 'number: 3128' }) }), 'Port of that service.', {
    example: 'port: { number: 3128 }',
    required: 'webhook',
  }),
})

export const outboundTrafficPolicy = object('outboundTrafficPolicy', {
  mode: field(
    wordsOf(outboundModes),
    'What happens to traffic for addresses that Istio does not know. Written without a mode the block means `REGISTRY_ONLY`.',
    { example: 'mode: REGISTRY_ONLY', default: 'REGISTRY_ONLY' },
  ),
  egressProxy: field(egressProxy, 'A proxy that gets all unknown traffic; only with `ALLOW_ANY`.', {
    example: 'egressProxy: { host: egress.istio-egress.svc.cluster.local, port: { number: 3128 } }',
  }),
})

export const sidecarSpec = object('the spec of a Sidecar', {
  workloadSelector: field(sidecarSelector, 'Which workloads of the namespace. Left out: all that no other Sidecar selects.', {
    example: 'workloadSelector: { labels: { app: checkout } }',
  }),
  ingress: field(
    listOf(ingressListener),
    'Ports that take traffic in. Left out, all ports are served as the Services say; **once written, only these are**.',
    { example: 'ingress: [{ port: { number: 8080, protocol: HTTP, name: http }, defaultEndpoint: "127.0.0.1:8080" }]' },
  ),
  egress: field(
    listOf(egressListener),
    'Services that the proxy knows, by port. Left out: as the default Sidecar of the namespace or mesh says.',
    {
      example: 'egress: [{ hosts: ["./*", "istio-system/*"] }]',
    },
  ),
  inboundConnectionPool: field(connectionPool, 'Limits of all inbound ports, in place of those of a DestinationRule.', {
    example: 'inboundConnectionPool: { http: { http2MaxRequests: 1024 } }',
  }),
  outboundTrafficPolicy: field(
    outboundTrafficPolicy,
    'What happens to traffic for addresses that Istio does not know. Left out: as the mesh says.',
    {
      example: 'outboundTrafficPolicy: { mode: REGISTRY_ONLY }',
    },
  ),
})

export const sidecar = kind('a Sidecar', sidecarSpec)

/** Nothing that Istio would act on. Source: istio/istio:pkg/config/validation/validation.go (ValidateSidecar). */
export function isEmptySidecar(spec: Fields): boolean {
  const lists = ['egress', 'ingress']
  const objects = ['outboundTrafficPolicy', 'inboundConnectionPool']
  return lists.every(name => hasNoItems(spec, name)) && objects.every(name => lacks(spec, name))
}
