// Envoy's debug log of its RBAC filters: what is checked, then what comes of it.
// Source: envoyproxy/envoy:source/extensions/filters/http/rbac/rbac_filter.cc (decodeHeaders), filters/network/rbac/rbac_filter.cc (onData, checkEngine).
import type { Entry } from './entries.ts'
import { type End, endAt, type Told } from './told.ts'

/** What a filter looks at; its outcome is another entry. Undefined for every other line. */
export function readCheck({ text, reporter }: Entry): Told | undefined {
  const isRequest = text.includes('checking request: ')
  if (!isRequest && !text.includes('checking connection: ')) return undefined
  const [first = '', ...more] = text.split('\n')
  const source = endAt(/directRemoteIP: ([^,\s]+)/.exec(first)?.[1] ?? /(?:sourceIP|remoteAddress): ([^,\s]+)/.exec(first)?.[1])
  const remote = endAt(/,\s?remoteIP: ([^,\s]+)/.exec(first)?.[1])
  const local = endAt(/localAddress: ([^,\s]+)/.exec(first)?.[1])
  const serverName = /requestedServerName: ([^,\s]*)/.exec(first)?.[1]
  const headers = headersIn(first, more)
  const method = headers?.values[':method']?.[0]
  const path = headers?.values[':path']?.[0]
  const host = headers?.values[':authority']?.[0]
  const requestId = headers?.values['x-request-id']?.[0]
  return {
    form: 'check',
    signals: [],
    flags: [],
    direction: 'inbound',
    http: isRequest,
    client: { ...source, ...identityIn(first) },
    server: local,
    ...(reporter === undefined ? {} : { reporter }),
    ...(remote.ip === undefined ? {} : { remoteIp: remote.ip }),
    ...(serverName === undefined ? {} : { sni: serverName }),
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(headers?.complete ? { headers: withoutPseudo(headers.values) } : {}),
  }
}

/** Without TLS, and with a certificate that names nobody, there is no identity. */
function identityIn(line: string): Pick<End, 'identity'> {
  const named = /uriSanPeerCertificate: (?:spiffe:\/\/)?([^,\s]*)/.exec(line)?.[1]
  if (named) return { identity: named }
  return named === '' || /\bssl: none\b/.test(line) ? { identity: 'none' } : {}
}

interface Headers {
  readonly values: Readonly<Record<string, readonly string[]>>
  /** Nothing was cut off behind them. */
  readonly complete: boolean
}

/** `':method', 'GET'`, one a line; what follows them shows that all are there. */
function headersIn(first: string, more: readonly string[]): Headers | undefined {
  const at = first.indexOf('headers: ')
  if (at < 0) return undefined
  const values = new Map<string, string[]>()
  for (const line of [first.slice(at + 'headers: '.length), ...more]) {
    if (line.includes('dynamicMetadata')) return { values: Object.fromEntries(values), complete: true }
    const [, name, value = ''] = /^\s*'([^']{1,200})', '(.*)'\s*$/.exec(line) ?? []
    if (name) values.set(name, [...(values.get(name) ?? []), value])
  }
  return { values: Object.fromEntries(values), complete: false }
}

function withoutPseudo(values: Headers['values']): Headers['values'] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(':')))
}
