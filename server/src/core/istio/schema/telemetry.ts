// Telemetry. Source: istio/api:telemetry/v1alpha1/telemetry.proto, told in our words.
import { boolean, duration, field, listOf, type MapSchema, object, type StringSchema, string, wordsOf } from './schema.ts'
import { kind, oneTarget, selector, targetRefs } from './shared.ts'

const filled: StringSchema = { type: 'string', minLength: 1, refusedBy: 'both' }

const mode = field(
  wordsOf({
    CLIENT_AND_SERVER: 'Both directions.',
    CLIENT: 'Requests that the workload sends.',
    SERVER: 'Requests that the workload receives.',
  }),
  'Which direction of traffic is meant.',
  { example: 'mode: SERVER', default: 'CLIENT_AND_SERVER' },
)

const direction = object('a match', { mode })

export const telemetryProvider = object('a provider', {
  name: field(filled, 'Name of an extension provider of the mesh configuration.', { example: 'name: otel', required: 'both' }),
})

export const telemetryProviders = listOf(telemetryProvider)

const providers = field(telemetryProviders, 'Where the data goes. Left out: the default providers of the mesh.', {
  example: 'providers: [{ name: otel }]',
})

const taggedValue = (what: string, schema: StringSchema) => field(schema, what, { required: schema.refusedBy ?? 'crd' })

export const customTag = object(
  'a tag',
  {
    literal: field(object('a literal', { value: taggedValue('The value itself.', filled) }), 'Always the same value.'),
    environment: field(
      object('an environment tag', {
        name: taggedValue('Name of the environment variable.', filled),
        defaultValue: field(string, 'Value where the variable is not set.'),
      }),
      'The value of an environment variable of the proxy.',
    ),
    header: field(
      object('a header tag', {
        name: taggedValue('Name of the header.', filled),
        defaultValue: field(string, 'Value where the header is missing.'),
      }),
      'The value of a request header. Whatever a header carries, tokens included, ends up in the traces.',
    ),
    formatter: field(
      object('a formatter', { value: taggedValue('Format string, as in access logs.', { type: 'string', minLength: 1 }) }),
      'A value in the format of access logs.',
    ),
  },
  { oneOf: [{ fields: ['literal', 'environment', 'header', 'formatter'], refusedBy: 'crd' }] },
)

export const customTags: MapSchema = { type: 'map', keys: 'text', values: customTag }

export const tracing = object('a tracing entry', {
  match: field(direction, 'Which traffic the entry is about.'),
  providers,
  randomSamplingPercentage: field(
    { type: 'number', format: 'double', min: 0, max: 100, refusedBy: 'both' },
    'Percentage of requests that are traced where nobody has decided yet.',
    { example: 'randomSamplingPercentage: 1.5' },
  ),
  disableSpanReporting: field(boolean, 'Whether no spans are sent.'),
  customTags: field(customTags, 'Tags added to spans; they replace those of the mesh configuration.', {
    example: 'customTags: { tenant: { header: { name: x-tenant } } }',
  }),
  useRequestIdForTraceSampling: field(boolean, 'Whether the request id carries the decision to trace.', { default: 'true' }),
  enableIstioTags: field(boolean, 'Whether spans carry the tags of Istio.', { default: 'true', since: '1.25' }),
  disableContextPropagation: field(
    boolean,
    'Whether trace headers are kept from the next hop: an egress gateway can so keep them from others.',
    { default: 'false', since: '1.30' },
  ),
})

export const tagOverride = object('a tag override', {
  operation: field(wordsOf({ UPSERT: 'Adds the tag, or changes its value.', REMOVE: 'Leaves the tag out.' }), 'What happens to the tag.', {
    example: 'operation: REMOVE',
    default: 'UPSERT',
  }),
  value: field(string, 'CEL expression of the value; only with `UPSERT`.', { example: 'value: request.host' }),
})

export const tagOverrides: MapSchema = { type: 'map', keys: 'text', values: tagOverride }

const metrics = {
  ALL_METRICS: 'All of them.',
  REQUEST_COUNT: 'Requests.',
  REQUEST_DURATION: 'How long requests take.',
  REQUEST_SIZE: 'Sizes of requests.',
  RESPONSE_SIZE: 'Sizes of responses.',
  TCP_OPENED_CONNECTIONS: 'TCP connections opened.',
  TCP_CLOSED_CONNECTIONS: 'TCP connections closed.',
  TCP_SENT_BYTES: 'Bytes sent over TCP.',
  TCP_RECEIVED_BYTES: 'Bytes received over TCP.',
  GRPC_REQUEST_MESSAGES: 'gRPC messages of clients.',
  GRPC_RESPONSE_MESSAGES: 'gRPC messages of servers.',
}

const metricSelector = object(
  'a match',
  {
    metric: field(wordsOf(metrics), 'A metric of Istio.', { example: 'metric: REQUEST_COUNT' }),
    customMetric: field(filled, 'A metric of another name.'),
    mode,
  },
  { oneOf: [{ fields: ['metric', 'customMetric'], refusedBy: 'crd' }] },
)

const metricsOverride = object('an override', {
  match: field(metricSelector, 'Which metrics the override is about. Left out: all.', { example: 'match: { metric: REQUEST_COUNT }' }),
  disabled: field(boolean, 'Whether the metrics are not reported.', { example: 'disabled: true' }),
  tagOverrides: field(tagOverrides, 'Changes of tags, by name.', { example: 'tagOverrides: { source_principal: { operation: REMOVE } }' }),
})

const metricsEntry = object('a metrics entry', {
  providers,
  overrides: field(listOf(metricsOverride), 'Changes, in this order.', { example: 'overrides: [{ disabled: true }]' }),
  reportingInterval: field({ ...duration, positive: 'crd' }, 'Time between two reports of TCP metrics.', {
    example: 'reportingInterval: 15s',
    default: '5s',
  }),
})

export const accessLogFilter = object('a filter', {
  expression: field({ type: 'string', nonEmpty: true }, 'CEL expression; what it is true for is logged.', {
    example: 'expression: response.code >= 400',
    required: 'webhook',
  }),
})

const accessLogging = object('an access log entry', {
  match: field(direction, 'Which traffic the entry is about.'),
  providers,
  disabled: field(boolean, 'Whether nothing is logged: what was allowed or refused then leaves no trace.', { example: 'disabled: false' }),
  filter: field(accessLogFilter, 'Chooses what is logged: an audit trail has no more than this lets through.', {
    example: 'filter: { expression: "response.code >= 400" }',
  }),
})

export const telemetrySpec = object(
  'the spec of a Telemetry',
  {
    selector,
    ...targetRefs,
    tracing: field(listOf(tracing), 'Tracing of the workloads; only the first entry counts.', {
      example: 'tracing: [{ randomSamplingPercentage: 1 }]',
    }),
    metrics: field(listOf(metricsEntry), 'Metrics of the workloads.', { example: 'metrics: [{ providers: [{ name: prometheus }] }]' }),
    accessLogging: field(listOf(accessLogging), 'Access logs of the workloads: who called what, and who was refused.', {
      example: 'accessLogging: [{ providers: [{ name: envoy }] }]',
    }),
  },
  { oneOf: [oneTarget] },
)

export const telemetry = kind('a Telemetry', telemetrySpec)
