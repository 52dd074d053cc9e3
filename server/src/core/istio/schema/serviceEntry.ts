// ServiceEntry. Source: istio/api:networking/v1alpha3/service_entry.proto, told in our words.
import { field, listOf, type MapSchema, type NumberSchema, object, strings, unsigned, wordsOf } from './schema.ts'
import { kind } from './shared.ts'
import { endpoint } from './workloadEntry.ts'

const portNumber: NumberSchema = { ...unsigned, min: 1, max: 65_535, refusedBy: 'both' }

/** Labels that select workloads of this namespace. */
export const selectedLabels: MapSchema = { type: 'map', keys: 'label', values: { type: 'string', maxLength: 63 }, max: 256 }

export const workloadSelector = object('a workload selector', {
  labels: field(selectedLabels, 'Pods and WorkloadEntries with **all** of these labels, in this namespace.', {
    example: 'labels: { app: checkout }',
  }),
})

export const servicePort = object('a port', {
  number: field(portNumber, 'Port that callers use.', { example: 'number: 443', required: 'both' }),
  name: field({ type: 'string', maxLength: 256 }, 'Name of the port; `ports` of an endpoint refers to it.', {
    example: 'name: https',
    required: 'both',
  }),
  protocol: field(
    { type: 'string', maxLength: 256 },
    '`HTTP`, `HTTPS`, `GRPC`, `GRPC-Web`, `HTTP2`, `TLS`, `TCP`, `MONGO`, `MYSQL`, `REDIS` or `UDP`. Requests can be told apart (by path, method, token) only where the proxy sees HTTP.',
    { example: 'protocol: TLS' },
  ),
  targetPort: field(unsigned, 'Port of the endpoints.', { example: 'targetPort: 8443', default: 'number' }),
})

export const serviceEntrySpec = object(
  'the spec of a ServiceEntry',
  {
    hosts: field(
      listOf({ type: 'string', nonEmpty: true }, { max: 256 }),
      'Names of the service. A name of a Service of Kubernetes adds to that Service instead of making a new one.',
      { example: 'hosts: [api.example.com]', required: 'both' },
    ),
    addresses: field(
      listOf({ type: 'string', nonEmpty: true, maxLength: 64 }, { max: 256 }),
      'Addresses that stand for the service. Without them a TCP port is told apart by its number alone.',
      { example: 'addresses: [10.20.0.0/16]' },
    ),
    ports: field(listOf(servicePort, { max: 256 }), 'Ports of the service.', {
      example: 'ports: [{ number: 443, name: https, protocol: TLS }]',
    }),
    location: field(
      wordsOf({
        MESH_EXTERNAL: 'Outside the mesh: no mutual TLS is expected of it.',
        MESH_INTERNAL: 'Part of the mesh, such as virtual machines with a proxy: mutual TLS and policies apply.',
      }),
      'Whether the service belongs to the mesh: it decides whether callers use mutual TLS.',
      { example: 'location: MESH_EXTERNAL', default: 'MESH_EXTERNAL' },
    ),
    resolution: field(
      wordsOf({
        NONE: 'The caller has resolved the name: traffic goes to whatever address was called. A TCP port without addresses then lets traffic to **any** address out.',
        STATIC: 'The addresses of the endpoints.',
        DNS: 'The proxy resolves the hosts or the endpoints and uses all addresses.',
        DNS_ROUND_ROBIN: 'The proxy resolves the host and keeps to the first address.',
        DYNAMIC_DNS: 'The proxy resolves the name that each request asks for; for wildcard hosts.',
      }),
      'How the addresses behind the hosts are found.',
      { example: 'resolution: DNS', default: 'NONE' },
    ),
    endpoints: field(listOf(endpoint, { max: 4096 }), 'The workloads behind the service. Not together with `workloadSelector`.', {
      example: 'endpoints: [{ address: 10.0.0.5 }]',
    }),
    workloadSelector: field(
      workloadSelector,
      'Chooses pods and WorkloadEntries of this namespace as endpoints. Their service accounts count as expected identities.',
      { example: 'workloadSelector: { labels: { app: checkout } }' },
    ),
    exportTo: field(
      listOf({ type: 'string', value: 'exportTo', nonEmpty: true }),
      'Namespaces that see the service: `.` its own, `*` all, `~` none, or names. It hides, it does not protect; waypoints and ztunnel ignore it.',
      { example: 'exportTo: ["."]', default: '["*"]' },
    ),
    subjectAltNames: field(
      strings,
      'Names of which the certificate of the server must have one. Without them a proxy that starts TLS takes any certificate its roots vouch for.',
      { example: 'subjectAltNames: [api.example.com]' },
    ),
  },
  { oneOf: [{ fields: ['workloadSelector', 'endpoints'], refusedBy: 'both' }] },
)

export const serviceEntry = kind('a ServiceEntry', serviceEntrySpec, { required: 'both' })
