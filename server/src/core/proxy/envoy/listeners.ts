// What a proxy does as a server: its listeners, and which of their filter chains takes a connection.
// Shapes: envoy/api: admin/v3/config_dump.proto (ListenersConfigDump), config/listener/v3.
import { field, type Json, listOf, textOf } from '../json.ts'
import { readTls, type TlsContext } from './tls.ts'

export interface Listener {
  readonly name: string
  /** Of dynamic ones the configuration in force: a warming one takes no connection yet. */
  readonly state: 'static' | 'active' | 'warming' | 'draining'
  readonly direction?: string
  readonly address: string
  readonly port?: number
  readonly lastUpdated?: string
  readonly chains: readonly FilterChain[]
  /** For connections that no chain matches. */
  readonly otherwise?: FilterChain
  /** What Envoy said when it refused the newest configuration: what is in force is an older one. */
  readonly refused?: { readonly details: string; readonly at?: string }
  /** A newer configuration is being prepared. */
  readonly warming: boolean
}

export interface FilterChain {
  readonly name: string
  /** Absent: any. */
  readonly destinationPort?: number
  /** `tls` or `raw_buffer`; absent: any. */
  readonly transport?: string
  readonly alpn: readonly string[]
  readonly serverNames: readonly string[]
  /** Whether it matches on anything else, such as addresses. */
  readonly narrower: boolean
  /** Absent: the bytes are taken as they come. */
  readonly tls?: TlsContext
  readonly filters: readonly Filter[]
}

export interface Filter {
  /** `envoy.filters.network.http_connection_manager`. */
  readonly name: string
  readonly config: Json
}

export function readListeners(dump: Json): readonly Listener[] {
  return [
    ...listOf(field(dump, 'static_listeners')).flatMap(item => readListener(item, 'static', textOf(field(item, 'last_updated')))),
    ...listOf(field(dump, 'dynamic_listeners')).flatMap(readDynamicListener),
  ]
}

const states = { active_state: 'active', warming_state: 'warming', draining_state: 'draining' } as const

/** What is in force, else what comes or goes; with the refusal of the newest configuration, where there was one. */
export function readDynamicListener(item: Json): readonly Listener[] {
  const [key, state] = Object.entries(states).find(([section]) => field(item, section) !== undefined) ?? []
  const error = field(item, 'error_state')
  const details = textOf(field(error, 'details'))
  const at = textOf(field(error, 'last_update_attempt'))
  const refused = details === undefined ? {} : { refused: { details, ...(at === undefined ? {} : { at }) } }
  if (key === undefined || state === undefined) {
    const name = textOf(field(item, 'name'))
    return details === undefined || name === undefined
      ? []
      : [{ name, state: 'warming', address: '', chains: [], warming: true, ...refused }]
  }
  const held = field(item, key)
  const warming = state === 'warming' || field(item, 'warming_state') !== undefined
  return readListener(held, state, textOf(field(held, 'last_updated'))).map(listener => ({ ...listener, ...refused, warming }))
}

function readListener(holder: Json | undefined, state: Listener['state'], lastUpdated: string | undefined): readonly Listener[] {
  const listener = field(holder, 'listener')
  if (listener === undefined) return []
  const socket = field(field(listener, 'address'), 'socket_address')
  const port = field(socket, 'port_value')
  const direction = textOf(field(listener, 'traffic_direction'))
  const otherwise = field(listener, 'default_filter_chain')
  return [
    {
      name: textOf(field(listener, 'name')) ?? '',
      state,
      address: textOf(field(socket, 'address')) ?? '',
      ...(typeof port === 'number' ? { port } : {}),
      ...(direction === undefined ? {} : { direction }),
      ...(lastUpdated === undefined ? {} : { lastUpdated }),
      chains: listOf(field(listener, 'filter_chains')).map(chainOf),
      ...(otherwise === undefined ? {} : { otherwise: chainOf(otherwise) }),
      warming: false,
    },
  ]
}

const otherMatches = [
  'prefix_ranges',
  'address_suffix',
  'source_prefix_ranges',
  'direct_source_prefix_ranges',
  'source_ports',
  'source_type',
]

function chainOf(item: Json): FilterChain {
  const match = field(item, 'filter_chain_match')
  const port = field(match, 'destination_port')
  const transport = textOf(field(match, 'transport_protocol'))
  const tls = readTls(field(item, 'transport_socket'))
  const texts = (name: string) => listOf(field(match, name)).flatMap(each => textOf(each) ?? [])
  return {
    name: textOf(field(item, 'name')) ?? '',
    ...(typeof port === 'number' ? { destinationPort: port } : {}),
    ...(transport === undefined ? {} : { transport }),
    alpn: texts('application_protocols'),
    serverNames: texts('server_names'),
    narrower: otherMatches.some(name => field(match, name) !== undefined),
    ...(tls ? { tls } : {}),
    filters: listOf(field(item, 'filters')).map(readFilter),
  }
}

export function readFilter(filter: Json): Filter {
  return { name: textOf(field(filter, 'name')) ?? '', config: field(filter, 'typed_config') ?? null }
}
