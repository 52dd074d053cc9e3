// Gateway. Source: istio/api:networking/v1alpha3/gateway.proto, told in our words.
import { field, listOf, type MapSchema, object, string, strings, unsigned } from './schema.ts'
import { serverTls } from './serverTls.ts'
import { kind } from './shared.ts'

export const gatewayLabels: MapSchema = { type: 'map', keys: 'label', values: string }

export const serverPort = object('a port', {
  number: field(
    unsigned,
    'Port the proxy listens on; the Service of the gateway must forward to it. 0 only together with a Unix domain socket in `bind`.',
    { example: 'number: 443', required: 'crd' },
  ),
  protocol: field(
    string,
    '`HTTP`, `HTTPS`, `GRPC`, `GRPC-WEB`, `HTTP2`, `MONGO`, `TCP` or `TLS`; case does not matter. `HTTPS` and `TLS` need `tls`; `HTTPS` is HTTP once TLS has ended, `TLS` any bytes.',
    { example: 'protocol: HTTPS', required: 'both' },
  ),
  name: field(string, 'Name of the port, of which no other server of this Gateway may have the same.', {
    example: 'name: https',
    required: 'both',
  }),
  targetPort: field(unsigned, 'Has no meaning in a Gateway; Istio refuses it.'),
})

export const server = object('a server', {
  port: field(serverPort, 'The port to listen on, and what is spoken there.', {
    example: 'port: { number: 443, name: https, protocol: HTTPS }',
    required: 'both',
  }),
  hosts: field(
    strings,
    'Hosts to serve: a full name, `*.example.com` or `*`, each with an optional namespace before a slash. The namespace says whose VirtualServices may attach: `./*` only those beside this Gateway; **without one, those of every namespace**.',
    { example: 'hosts: [shop/shop.example.com]', required: 'both' },
  ),
  tls: field(serverTls, 'How TLS ends here. Needed by `HTTPS` and `TLS`; a plain HTTP server takes only `httpsRedirect`.', {
    example: 'tls: { mode: SIMPLE, credentialName: shop-tls }',
  }),
  bind: field(string, 'Address to listen on, or a Unix domain socket (`unix:///run/app.sock`, `unix://@name`). Left out: all addresses.', {
    example: 'bind: 127.0.0.1',
  }),
  defaultEndpoint: field(string, 'Not implemented by Istio: it has no effect.'),
  name: field(string, 'Name of the server, for statistics; unique among all servers.', { example: 'name: public' }),
})

export const gatewaySpec = object('the spec of a Gateway', {
  selector: field(
    gatewayLabels,
    'Labels of the gateway pods, **looked for in all namespaces**. Left out, every workload of the mesh takes these servers.',
    { example: 'selector: { istio: ingressgateway }' },
  ),
  servers: field(listOf(server), 'What the gateway listens on, one entry for each port and set of hosts.', {
    example: 'servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [shop.example.com] }]',
  }),
})

export const gateway = kind('a Gateway', gatewaySpec)
