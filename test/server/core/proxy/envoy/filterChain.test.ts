// Which filter chain takes a connection, against Envoy's order: port, server name, transport, application protocol.
import { expect, test } from 'vitest'
import { type Arrival, chainFor } from '../../../../../server/src/core/proxy/envoy/filterChain.ts'
import { readListeners } from '../../../../../server/src/core/proxy/envoy/listeners.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'

const chain = (name: string, match: JsonObject): Json => ({ name, filter_chain_match: match, filters: [] })

const [listener] = readListeners({
  dynamic_listeners: [
    {
      name: 'virtualInbound',
      active_state: {
        listener: {
          name: 'virtualInbound',
          default_filter_chain: chain('otherwise', {}),
          filter_chains: [
            chain('8080 istio', { destination_port: 8080, transport_protocol: 'tls', application_protocols: ['istio', 'istio-h2'] }),
            chain('8080 tls', { destination_port: 8080, transport_protocol: 'tls' }),
            chain('8080 plaintext', { destination_port: 8080, transport_protocol: 'raw_buffer' }),
            chain('9090 istio', { destination_port: 9090, transport_protocol: 'tls', application_protocols: ['istio'] }),
            chain('any istio', { transport_protocol: 'tls', application_protocols: ['istio'] }),
            chain('any', {}),
            chain('named', { destination_port: 8443, server_names: ['shop.example.com'], transport_protocol: 'tls' }),
            chain('wildcard', { destination_port: 8443, server_names: ['*.example.com'] }),
            chain('unnamed', { destination_port: 8443 }),
          ],
        },
      },
    },
  ],
})

const tls = (port: number, alpn: readonly string[] = [], sni?: string): Arrival => ({
  port,
  transport: 'tls',
  alpn,
  ...(sni ? { sni } : {}),
})
const plaintext = (port: number): Arrival => ({ port, transport: 'raw_buffer', alpn: [] })

test.each<[string, Arrival, string | undefined]>([
  ['mTLS of the mesh', tls(8080, ['istio']), '8080 istio'],
  ['TLS of the application', tls(8080, ['h2']), '8080 tls'],
  ['TLS without a protocol', tls(8080), '8080 tls'],
  ['plaintext', plaintext(8080), '8080 plaintext'],
  ['a port that has chains does not fall back to those of any port', plaintext(9090), 'otherwise'],
  ['another port, mTLS', tls(7070, ['istio']), 'any istio'],
  ['another port, plaintext', plaintext(7070), 'any'],
  ['the exact server name', tls(8443, [], 'shop.example.com'), 'named'],
  ['letters of another case', tls(8443, [], 'SHOP.example.com'), 'named'],
  ['a wildcard', tls(8443, [], 'cart.example.com'), 'wildcard'],
  ['a wildcard over two labels', tls(8443, [], 'a.b.example.com'), 'wildcard'],
  ['no server name', tls(8443), 'unnamed'],
  ['a server name that is not listed', tls(8443, [], 'elsewhere.net'), 'unnamed'],
])('%s', (_, arrival, expected) => {
  if (!listener) throw new Error('no listener')
  expect(chainFor(listener, arrival)?.name).toBe(expected)
})
