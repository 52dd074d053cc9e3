// DestinationRule. Source: istio/api:networking/v1alpha3/destination_rule.proto, told in our words.
import { field, listOf, type MapSchema, object, type StringSchema, string } from './schema.ts'
import { kind, workloadSelector } from './shared.ts'
import { trafficPolicy } from './trafficPolicy.ts'

export const destinationHost: StringSchema = { type: 'string', value: 'serviceHost' }

/** Labels that tell the endpoints of one service apart. */
const endpointLabels: MapSchema = { type: 'map', keys: 'label', values: string }

export const subset = object('a subset', {
  name: field(string, 'Name by which routes choose the subset.', { example: 'name: v2', required: 'both' }),
  labels: field(endpointLabels, 'Endpoints with **all** of these labels. Left out: every endpoint of the service.', {
    example: 'labels: { version: v2 }',
  }),
  trafficPolicy: field(
    trafficPolicy,
    'What is different for this subset; the rest, `tls` included, is inherited from the rule. Counts only where a route names the subset.',
    { example: 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }' },
  ),
})

export const destinationRuleSpec = object('the spec of a DestinationRule', {
  host: field(
    destinationHost,
    'The service: a name of the service registry, `*` or `*.example.com` for many. A short name means the namespace of the **rule**, not that of the client, so write the full name.',
    { example: 'host: reviews.shop.svc.cluster.local', required: 'both' },
  ),
  trafficPolicy: field(trafficPolicy, 'What holds for all ports and subsets of the service.', {
    example: 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }',
  }),
  subsets: field(listOf(subset), 'Named parts of the service.', { example: 'subsets: [{ name: v2, labels: { version: v2 } }]' }),
  exportTo: field(
    listOf({ type: 'string', value: 'exportTo', nonEmpty: true }),
    'Namespaces whose clients follow this rule: names, `.` for its own, `*` for all. Left out: what the mesh configuration says, usually all.',
    { example: 'exportTo: ["."]' },
  ),
  workloadSelector: field(
    workloadSelector,
    'Clients that follow this rule: pods with **all** of these labels in the namespace of the rule. Left out: every client. With it the rule is seen in its own namespace only.',
    { example: 'workloadSelector: { matchLabels: { app: checkout } }' },
  ),
})

export const destinationRule = kind('a DestinationRule', destinationRuleSpec, { required: 'webhook' })
