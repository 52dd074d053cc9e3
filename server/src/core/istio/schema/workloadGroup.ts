// WorkloadGroup. Source: istio/api:networking/v1alpha3/workload_group.proto, told in our words.
import { field, listOf, type MapSchema, type NumberSchema, object, string, unsigned } from './schema.ts'
import { kind } from './shared.ts'
import { workloadLabels, workloadTemplate } from './workloadEntry.ts'

const count: NumberSchema = { type: 'integer', format: 'int32', min: 0, refusedBy: 'both' }
const probePort: NumberSchema = { ...unsigned, min: 1, max: 65_535, refusedBy: 'both' }
const grpcPort: NumberSchema = { ...unsigned, min: 1, max: 65_535 }
const annotations: MapSchema = { type: 'map', keys: 'text', values: string, max: 256 }

export const workloadMetadata = object('the metadata of the workloads', {
  labels: field(workloadLabels, 'Labels of each WorkloadEntry of the group: selectors of policies match them.', {
    example: 'labels: { app: checkout }',
  }),
  annotations: field(annotations, 'Annotations of each WorkloadEntry of the group.'),
})

export const probeHeader = object('a header', {
  name: field(string, 'Name of the header: letters, digits and dashes.', { example: 'name: x-probe', required: 'webhook' }),
  value: field(string, 'Value of the header.'),
})

export const httpProbe = object('an HTTP probe', {
  path: field(string, 'Path that is asked for.', { example: 'path: /healthz' }),
  port: field(probePort, 'Port that is asked.', { example: 'port: 8080', required: 'both' }),
  host: field(string, 'Host that is connected to.', { default: 'the address of the workload' }),
  scheme: field(string, '`HTTP` or `HTTPS`.', { example: 'scheme: HTTPS', default: 'HTTP' }),
  httpHeaders: field(listOf(probeHeader), 'Headers of the request.', { example: 'httpHeaders: [{ name: x-probe, value: "1" }]' }),
})

const tcpProbe = object('a TCP probe', {
  host: field(string, 'Host that is connected to.', { default: 'localhost' }),
  port: field(probePort, 'Port that is connected to.', { example: 'port: 5432', required: 'both' }),
})

export const execProbe = object('a command probe', {
  command: field(listOf({ type: 'string', minLength: 1 }), 'Command and arguments; exit status 0 means ready.', {
    example: 'command: [pg_isready]',
    required: 'both',
  }),
})

const grpcProbe = object('a gRPC probe', {
  port: field(grpcPort, 'Port that is asked.', { example: 'port: 9090' }),
  service: field(string, 'Name of the gRPC service that is asked for.'),
})

export const probeMethods = ['httpGet', 'tcpSocket', 'exec', 'grpc'] as const

export const readinessProbe = object(
  'a probe',
  {
    initialDelaySeconds: field(count, 'Seconds before the first probe.'),
    timeoutSeconds: field(count, 'Seconds after which a probe counts as failed.', { default: '1' }),
    periodSeconds: field(count, 'Seconds between two probes.', { default: '10' }),
    successThreshold: field(count, 'Successes in a row that make a workload ready again.', { default: '1' }),
    failureThreshold: field(count, 'Failures in a row that make a workload unready.', { default: '3' }),
    httpGet: field(httpProbe, 'Ready while an HTTP request succeeds.', { example: 'httpGet: { path: /healthz, port: 8080 }' }),
    tcpSocket: field(tcpProbe, 'Ready while a connection succeeds.', { example: 'tcpSocket: { port: 5432 }' }),
    exec: field(execProbe, 'Ready while a command succeeds.', { example: 'exec: { command: [pg_isready] }' }),
    grpc: field(grpcProbe, 'Ready while a gRPC health check succeeds. The webhook of Istio refuses it.', {
      example: 'grpc: { port: 9090 }',
      since: '1.25',
    }),
  },
  { oneOf: [{ fields: probeMethods, refusedBy: 'crd' }] },
)

export const workloadGroupSpec = object('the spec of a WorkloadGroup', {
  metadata: field(workloadMetadata, 'Labels and annotations of the workloads of the group.', {
    example: 'metadata: { labels: { app: checkout } }',
  }),
  template: field(
    workloadTemplate,
    'What the WorkloadEntries of the group have in common. Workloads join with the token of its service account.',
    { example: 'template: { serviceAccount: checkout }', required: 'both' },
  ),
  probe: field(readinessProbe, 'How the proxy learns whether the workload is ready.', { example: 'probe: { httpGet: { port: 8080 } }' }),
})

export const workloadGroup = kind('a WorkloadGroup', workloadGroupSpec, { required: 'both' })
