// Gateway of the Gateway API: an ingress, an egress or a waypoint. Source: kubernetes-sigs/gateway-api:apis/v1/gateway_types.go, in our words.
import { any, field, listOf, type NumberSchema, object, string } from './schema.ts'

const port: NumberSchema = { type: 'integer', format: 'int32', min: 1, max: 65_535 }

const listenerTls = object(
  'tls',
  {
    mode: field(string, '`Terminate` ends TLS here, `Passthrough` leaves it to the backend.', {
      example: 'mode: Terminate',
      default: 'Terminate',
    }),
    certificateRefs: field(any, 'Secrets with the certificate. One of another namespace needs a ReferenceGrant there.', {
      example: 'certificateRefs: [{ name: shop-tls }]',
    }),
    options: field(any, 'Settings of the implementation: `gateway.istio.io/tls-terminate-mode: MUTUAL` demands client certificates.', {
      example: 'options: { gateway.istio.io/tls-terminate-mode: MUTUAL }',
    }),
  },
  { open: true },
)

const allowedRoutes = object(
  'allowedRoutes',
  {
    namespaces: field(
      any,
      'Whose routes may attach: `from: Same` this namespace, `All` every namespace, `Selector` those with certain labels.',
      { example: 'namespaces: { from: Same }', default: '{ from: Same }' },
    ),
    kinds: field(any, 'Which kinds of routes may attach.', { example: 'kinds: [{ kind: HTTPRoute }]' }),
  },
  { open: true },
)

const listener = object(
  'a listener',
  {
    name: field(string, 'Name of the listener; routes refer to it as `sectionName`.', { example: 'name: mesh', required: 'crd' }),
    port: field(port, 'Port to listen on. A waypoint listens on 15008.', { example: 'port: 15008', required: 'crd' }),
    protocol: field(
      string,
      '`HTTP`, `HTTPS`, `TLS`, `TCP`, or `HBONE` for a waypoint: mutual TLS between mesh workloads, so the waypoint knows who calls.',
      { example: 'protocol: HBONE', required: 'crd' },
    ),
    hostname: field(string, 'Host that is served; left out, every host.', { example: 'hostname: shop.example.com' }),
    tls: field(listenerTls, 'How TLS ends here.', { example: 'tls: { mode: Terminate, certificateRefs: [{ name: shop-tls }] }' }),
    allowedRoutes: field(allowedRoutes, 'Which routes may attach. Left out: those of this namespace.', {
      example: 'allowedRoutes: { namespaces: { from: Same } }',
    }),
  },
  { open: true },
)

const infrastructure = object(
  'infrastructure',
  {
    labels: field(any, 'Labels of what is made for the Gateway, its pods among them: selectors of policies can match them.', {
      example: 'labels: { team: shop }',
    }),
    annotations: field(any, 'Annotations of what is made for the Gateway.'),
    parametersRef: field(any, 'A ConfigMap that changes the Deployment and the Service.', {
      example: 'parametersRef: { group: "", kind: ConfigMap, name: gateway-options }',
    }),
  },
  { open: true },
)

export const kubernetesGatewaySpec = object(
  'the spec of a Gateway',
  {
    gatewayClassName: field(
      string,
      'Who runs it: `istio` an ingress or egress gateway, `istio-waypoint` a waypoint for ambient workloads, `istio-east-west` a gateway between networks.',
      { example: 'gatewayClassName: istio-waypoint', required: 'crd' },
    ),
    listeners: field(listOf(listener, { max: 64 }), 'What it listens on; a waypoint has one listener, port 15008 with protocol `HBONE`.', {
      example: 'listeners: [{ name: mesh, port: 15008, protocol: HBONE }]',
    }),
    addresses: field(any, 'Addresses to listen at, or the host name of an existing Service to use.', {
      example: 'addresses: [{ type: Hostname, value: ingress.istio-ingress.svc.cluster.local }]',
    }),
    infrastructure: field(infrastructure, 'Settings of what is made for the Gateway: Deployment, Service, pods.', {
      example: 'infrastructure: { labels: { team: shop } }',
    }),
  },
  { open: true },
)

export const kubernetesGateway = object('a Gateway', {
  apiVersion: field(string, 'API group and version.'),
  kind: field(string, 'Kind of the object.'),
  metadata: field(
    any,
    'Name, namespace, labels and annotations. On a waypoint the label `istio.io/waypoint-for` says whose traffic it takes: `service` (the default), `workload`, `all` or `none`. Workloads and Services choose a waypoint by `istio.io/use-waypoint`.',
    { example: 'metadata: { name: waypoint, namespace: shop, labels: { istio.io/waypoint-for: service } }' },
  ),
  spec: field(kubernetesGatewaySpec, 'What the Gateway listens on.', { required: 'crd' }),
  status: field(any, 'Written by the control plane.'),
})
