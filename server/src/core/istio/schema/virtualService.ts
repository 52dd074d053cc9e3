// VirtualService, as far as identity and selection go. Source: istio/api:networking/v1alpha3/virtual_service.proto, told in our words.
import { any, field, listOf, type MapSchema, object, string, strings, unsigned } from './schema.ts'
import { kind } from './shared.ts'

export const stringMatch = object(
  'a match',
  {
    exact: field(string, 'Equal to this text.', { example: 'exact: admin' }),
    prefix: field(string, 'Begins with this text.', { example: 'prefix: adm' }),
    regex: field(string, 'Matches this regular expression (RE2) as a whole.', { example: 'regex: adm.*' }),
  },
  { oneOf: [{ fields: ['exact', 'prefix', 'regex'], refusedBy: 'crd' }] },
)

export const headerMatches: MapSchema = { type: 'map', keys: 'text', values: stringMatch }

export const httpMatch = object(
  'a match',
  {
    headers: field(
      headerMatches,
      'Headers that must match, in lower case. `@request.auth.claims.<name>` is a claim of a **validated** token: it works only at gateways, and needs a RequestAuthentication there.',
      { example: 'headers: { "@request.auth.claims.group": { exact: admin } }' },
    ),
    withoutHeaders: field(headerMatches, 'Headers that must not match, or not be there; claims as in `headers`.', {
      example: 'withoutHeaders: { x-internal: {} }',
    }),
    gateways: field(strings, 'Gateways the match is about, in place of those of the VirtualService.', {
      example: 'gateways: [shop-gateway]',
    }),
  },
  { open: true },
)

export const destination = object('a destination', {
  host: field(
    { type: 'string', value: 'serviceHost' },
    'The service. A short name means a Service in the namespace of **this VirtualService**.',
    {
      example: 'host: checkout.shop.svc.cluster.local',
      required: 'both',
    },
  ),
  subset: field(string, 'A subset that a DestinationRule names.', { example: 'subset: v2' }),
  port: field(object('a port', { number: field(unsigned, 'Port of the service.', { example: 'number: 8080' }) }), 'Port of the service.', {
    example: 'port: { number: 8080 }',
  }),
})

const routeDestination = object(
  'a route',
  { destination: field(destination, 'Where requests go.', { example: 'destination: { host: checkout }', required: 'both' }) },
  { open: true },
)

const httpRoute = object(
  'an HTTP route',
  {
    match: field(listOf(httpMatch), 'Requests the route is for: any of these. Left out: every request.', {
      example: 'match: [{ headers: { "@request.auth.claims.group": { exact: admin } } }]',
    }),
    route: field(listOf(routeDestination), 'Where the requests go.', { example: 'route: [{ destination: { host: checkout } }]' }),
  },
  { open: true },
)

export const virtualServiceSpec = object(
  'the spec of a VirtualService',
  {
    hosts: field(strings, 'Hosts the routes are for. Left out, other VirtualServices delegate to this one.', {
      example: 'hosts: [shop.example.com]',
    }),
    gateways: field(strings, 'Gateways that take the routes, `namespace/name`; `mesh` means the sidecars.', {
      example: 'gateways: [istio-ingress/public]',
      default: '[mesh]',
    }),
    exportTo: field(
      listOf({ type: 'string', value: 'exportTo', nonEmpty: true }),
      'Namespaces that see the routes: `.` its own, `*` all, or names.',
      {
        example: 'exportTo: ["."]',
        default: '["*"]',
      },
    ),
    http: field(listOf(httpRoute), 'Routes for HTTP; the first that matches counts.', {
      example: 'http: [{ route: [{ destination: { host: checkout } }] }]',
    }),
    tls: field(any, 'Routes for TLS that is passed through, by the server name of the handshake.'),
    tcp: field(any, 'Routes for everything else.'),
  },
  { open: true },
)

export const virtualService = kind('a VirtualService', virtualServiceSpec)
