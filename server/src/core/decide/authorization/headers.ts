// The headers of a request as policies see them, after Envoy has read them and the token was checked.
// Source: envoyproxy/envoy:envoy/http/header_map.h (inline headers), source/common/http/header_map_impl.cc (appendToHeader),
// source/common/http/conn_manager_utility.cc (mutateRequestHeaders).

import { own } from '../../istio/own.ts'
import type { HttpRequest } from './connection.ts'
import { type Known, nothing, type Reading } from './facts.ts'
import type { HeaderChanges } from './token.ts'

export interface SentHeaders {
  readonly request: HttpRequest
  /** As it was normalized, with its query. */
  readonly path: Reading<string>
  readonly proxy: 'sidecar' | 'gateway' | 'waypoint'
  readonly changes: HeaderChanges
}

/** Each value by itself, but of headers that Envoy keeps as one text. */
export function headerOf(name: string, sent: SentHeaders): Reading<string> {
  const key = name.toLowerCase()
  const changed = sent.changes.get(key)
  if (changed) return changed
  const { request } = sent
  const pseudo = own(pseudoHeaders, key)
  if (pseudo) return pseudo(sent)
  const written = sentValues(request, key)
  if (isOfProxy(key, sent) && (sent.proxy === 'gateway' || written === undefined || alwaysOfProxy.test(key))) {
    return { missing: `what the proxy writes into the header ${key}` }
  }
  if (written !== undefined) return joined(key, written)
  const carrier = carrierOf(request)
  if (carrier === 'unknown' ? key === 'authorization' : carrier === key) {
    return carrier === key ? { missing: `the text of the token in the header ${key}`, present: true } : { missing: 'the token' }
  }
  return request.headers ? nothing : { missing: `the header ${key}` }
}

/** `Host` of HTTP/1 is `:authority`. */
const pseudoHeaders: Readonly<Record<string, (sent: SentHeaders) => Reading<string>>> = {
  ':method': ({ request }) => known(request.method, 'the method'),
  ':path': ({ path }) => path,
  ':authority': ({ request }) => known(request.host, 'the host'),
  host: ({ request }) => known(request.host, 'the host'),
  ':scheme': () => ({ missing: 'the scheme', present: true }),
}

function known(value: string | undefined, missing: string): Reading<string> {
  return value === undefined ? { missing } : { values: [value] }
}

function sentValues({ headers }: HttpRequest, key: string): readonly string[] | undefined {
  const values = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() === key)
  return values.length > 0 ? values.flatMap(([, each]) => each.map(value => value.trim())) : undefined
}

/** The header that carries the token. */
function carrierOf({ token }: HttpRequest): string | undefined {
  if (token === undefined) return 'unknown'
  if (token === 'none') return undefined
  const place = token.in ?? { header: 'authorization' }
  return 'header' in place ? place.header.toLowerCase() : undefined
}

/** Headers of which Envoy writes its own value. */
const alwaysOfProxy = /^x-forwarded-client-cert$|^x-envoy-/
const ofProxyWhereAbsent = /^x-request-id$|^x-forwarded-proto$/

function isOfProxy(key: string, { proxy }: SentHeaders): boolean {
  return alwaysOfProxy.test(key) || ofProxyWhereAbsent.test(key) || (proxy === 'gateway' && key === 'x-forwarded-for')
}

/** Kept as one text: the values that are not empty, with commas between them. */
const inline = new Set([
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-request-id',
  'x-client-trace-id',
  'content-type',
  'content-length',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'via',
  'expect',
  'te',
  'grpc-timeout',
])

function joined(key: string, values: readonly string[]): Known<string> {
  if (key === 'cookie') return { values: [values.filter(Boolean).join('; ')] }
  return inline.has(key) ? { values: [values.filter(Boolean).join(',')] } : { values }
}

/** Of `X-Forwarded-For`, before the proxy adds the peer. */
export function forwardedFor(request: HttpRequest): Reading<string> {
  const values = sentValues(request, 'x-forwarded-for')
  if (values) return joined('x-forwarded-for', values)
  return request.headers ? nothing : { missing: 'the header x-forwarded-for' }
}
