// Which filter chain of a listener takes a connection. Envoy goes by one property after the other, the most specific value first,
// and does not come back from a port or a server name. Source: envoyproxy/envoy: source/common/listener_manager/filter_chain_manager_impl.cc
import type { FilterChain, Listener } from './listeners.ts'

/** What the listener sees of a connection before any filter. */
export interface Arrival {
  readonly port: number
  readonly transport: 'tls' | 'raw_buffer'
  readonly sni?: string
  readonly alpn: readonly string[]
}

/** Undefined where the listener closes such a connection. */
export function chainFor(listener: Listener, arrival: Arrival): FilterChain | undefined {
  const ported = specific(listener.chains, ({ destinationPort }) => destinationPort, arrival.port)
  const named = byServerName(ported, arrival.sni)
  const found = [arrival.transport, undefined].flatMap(transport => {
    const chains = named.filter(chain => chain.transport === transport)
    const offered = arrival.alpn.flatMap(protocol => chains.filter(({ alpn }) => alpn.includes(protocol)))
    return [...offered, ...chains.filter(({ alpn }) => alpn.length === 0)]
  })
  return found[0] ?? listener.otherwise
}

function specific<T>(chains: readonly FilterChain[], property: (chain: FilterChain) => T | undefined, value: T): readonly FilterChain[] {
  const exact = chains.filter(chain => property(chain) === value)
  return exact.length > 0 ? exact : chains.filter(chain => property(chain) === undefined)
}

/** Exact, then `*.example.com`, `*.com`, then those without names. */
function byServerName(chains: readonly FilterChain[], sni: string | undefined): readonly FilterChain[] {
  const labels = sni?.toLowerCase().split('.') ?? []
  const wildcards = labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)
  for (const name of sni === undefined ? [] : [sni.toLowerCase(), ...wildcards]) {
    const named = chains.filter(({ serverNames }) => serverNames.includes(name))
    if (named.length > 0) return named
  }
  return chains.filter(({ serverNames }) => serverNames.length === 0)
}
