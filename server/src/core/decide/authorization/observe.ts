// A connection as the proxy in front of the workload sees it.
// Source: envoyproxy/envoy:source/common/http/conn_manager_utility.cc (mutateRequestHeaders), utility.cc (getLastAddressFromXFF).

import { own } from '../../istio/own.ts'
import { trustedProxiesOf } from '../../istio/proxyConfig.ts'
import { type Address, parseAddress } from '../../istio/values/addressBlock.ts'
import type { Mesh, MeshSettings } from '../../mesh/mesh.ts'
import { type Caller, type Connection, type HttpRequest, spiffeIdOf } from './connection.ts'
import { type Facts, given, type HttpFacts, mapped, nothing, type Payload, type Reading } from './facts.ts'
import { forwardedFor, headerOf } from './headers.ts'
import { normalizePath, withoutQuery } from './httpPath.ts'
import type { HeaderChanges, TokenOutcome } from './token.ts'

export type EnvoyKind = 'sidecar' | 'gateway' | 'waypoint'

/** The identity that the client shows, whether the proxy asks for it or not. */
export function presented(caller: Caller): Reading<string> {
  const identity = spiffeIdOf(caller)
  return identity === undefined ? nothing : { values: [identity] }
}

/** Of a TCP filter. */
export function observeConnection(connection: Connection, identity: Reading<string>, mesh: Mesh): Facts {
  const peer = addressOf(connection.sourceIp, 'the source address')
  return {
    identity,
    sourceIp: peer,
    remoteIp: connection.remoteIp === undefined ? peer : addressOf(connection.remoteIp, 'the remote address'),
    destinationIp: addressOf(connection.to.ip ?? onlyAddress(connection), 'the destination address'),
    port: connection.to.port,
    sni: sniOf(connection, identity),
    metadata: metadataOf(connection, hasNoFiltersAt(connection, mesh)),
  }
}

/** It arrives in lower case; plaintext has none. */
function sniOf({ sni }: Connection, identity: Reading<string>): Reading<string> {
  if ('missing' in identity || identity.values.length === 0) return identity
  return mapped(given(sni?.toLowerCase(), 'the SNI'), name => (name === '' ? [] : [name]))
}

export interface Requested {
  readonly connection: Connection
  readonly request: HttpRequest
  readonly proxy: EnvoyKind
  readonly identity: Reading<string>
}

/** Of an HTTP filter: CUSTOM policies are asked before the token is looked at, the others after it. */
export function observeRequest({ connection, request, proxy, identity }: Requested, token: TokenOutcome | undefined, mesh: Mesh): Facts {
  const facts = observeConnection(connection, identity, mesh)
  const remoteIp =
    connection.remoteIp === undefined ? remoteAddress(request, trustedProxies(connection, proxy, mesh), facts.sourceIp) : facts.remoteIp
  return { ...facts, remoteIp, http: observeHttp(request, proxy, token, mesh.settings) }
}

function observeHttp(
  request: HttpRequest,
  proxy: EnvoyKind,
  token: TokenOutcome | undefined,
  { pathNormalization }: MeshSettings,
): HttpFacts {
  const path = mapped(given(request.path, 'the path'), each => [normalizePath(each, pathNormalization)])
  const changes: HeaderChanges = token && 'headers' in token ? token.headers : new Map()
  return {
    method: given(request.method, 'the method'),
    host: given(request.host, 'the host'),
    path: mapped(path, each => [withoutQuery(each)]),
    header: name => headerOf(name, { request, path, proxy, changes }),
    payload: payloadOf(token),
  }
}

function payloadOf(token: TokenOutcome | undefined): Reading<Payload> {
  if (token?.is === 'unknown') return { missing: token.missing.join(', ') }
  return token?.is === 'accepted' ? { values: [token.payload] } : nothing
}

function addressOf(text: string | undefined, name: string): Reading<Address> {
  return given(text === undefined ? undefined : parseAddress(text), name)
}

/** Undefined for several pods (which one is meant is not said), and behind a waypoint, whose connections are to the Service. */
function onlyAddress({ to: { workload } }: Connection): string | undefined {
  return workload.pods.length === 1 && workload.proxy !== 'waypoint' ? workload.pods[0]?.ip : undefined
}

/** Whoever calls a sidecar or a waypoint is trusted to tell the client; in front of a gateway only the proxies that are counted. */
function trustedProxies({ to }: Connection, proxy: EnvoyKind, { settings }: Mesh): number {
  if (proxy !== 'gateway') return 1
  return trustedProxiesOf(to.workload.pods[0]?.annotations ?? {}) ?? settings.numTrustedProxies
}

/** The entry of `X-Forwarded-For` that stands so many places from the right; the peer where none is trusted, or the entry is no address. */
function remoteAddress(request: HttpRequest, trusted: number, peer: Reading<Address>): Reading<Address> {
  if (trusted === 0) return peer
  const header = forwardedFor(request)
  if ('missing' in header) return header
  const entry = header.values.flatMap(each => each.split(',')).at(-trusted)
  const address = entry === undefined ? undefined : parseAddress(withoutPort(entry.trim()))
  return address ? { values: [address] } : peer
}

/** `10.0.0.1:80`, `[::1]:80`. */
function withoutPort(text: string): string {
  return text.replace(/^\[(.*)\]:\d+$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
}

function metadataOf({ metadata }: Connection, withoutFilters: boolean): Facts['metadata'] {
  return (filter, key) => {
    const value = own(own(metadata, filter), key)
    if (value !== undefined) return { values: [value] }
    return metadata !== undefined || withoutFilters ? nothing : { missing: `what ${filter} says of ${key}` }
  }
}

function hasNoFiltersAt({ to: { workload } }: Connection, mesh: Mesh): boolean {
  return [workload.namespace, mesh.settings.rootNamespace].every(each => hasNoFilters(each, mesh))
}

/** Nothing but an EnvoyFilter or a WasmPlugin sets metadata. */
function hasNoFilters(namespace: string, mesh: Mesh): boolean {
  return (['EnvoyFilter', 'WasmPlugin'] as const).every(kind => mesh.complete(kind, namespace) && mesh.in(kind, namespace).length === 0)
}
