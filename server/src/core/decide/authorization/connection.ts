// What is asked: one connection to a workload's port and, over HTTP, one request with its token.
import { type ExactPrincipal, formatPrincipal, parsePrincipal } from '../../istio/values/principal.ts'
import type { Workload } from '../../mesh/mesh.ts'

/** Who a connection comes from, as the certificate of its client says. */
export type Caller =
  /** mTLS with this identity. */
  | { readonly identity: ExactPrincipal }
  /** mTLS with a SPIFFE ID (without `spiffe://`) that is not of the form Istio gives out: `corp.example/region/eu/ns/shop/sa/web`. */
  | { readonly spiffeId: string }
  /** `because`: where it does not go without saying, as for a workload without a proxy; a sentence. */
  | { readonly plaintext: true; readonly because?: string }

export interface Connection {
  readonly caller: Caller
  /** Of the TCP peer; absent: not known. */
  readonly sourceIp?: string
  /**
   * Of the original client. Absent: what `X-Forwarded-For` and the number of trusted proxies say, else the peer. Written where the PROXY
   * protocol tells another one.
   */
  readonly remoteIp?: string
  readonly to: Destination
  /** As the client sends it; `''`: none is sent; absent: not known. */
  readonly sni?: string
  /** Absent: a TCP connection that speaks no HTTP. */
  readonly request?: HttpRequest
  /** What the external authorizer of a CUSTOM policy answers; absent: not known. */
  readonly provider?: 'allow' | 'deny'
  /** Dynamic metadata that filters of Envoy set, by filter and key. Absent: none where the world is known to have nothing that sets any. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface Destination {
  readonly workload: Workload
  /** The workload's port; of a Service behind a waypoint the Service's. */
  readonly port: number
  /** Absent: the first address of the pod. */
  readonly ip?: string
  /** Of a request through a waypoint: the Service that was called. */
  readonly service?: { readonly namespace: string; readonly name: string }
}

/** What is absent is not known, but headers: those that are not listed are not sent, unless `headers` is absent. */
export interface HttpRequest {
  readonly method?: string
  /** As it is sent, with its query. */
  readonly path?: string
  /** `:authority`. */
  readonly host?: string
  /** Names in any case; a header sent several times has several values. The header of the token need not be among them. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  /** `none`: no token is sent. */
  readonly token?: Token | 'none'
}

export interface Token {
  /** `iss`, `sub`, `aud`, `azp` and all other claims. */
  readonly payload: Readonly<Record<string, unknown>>
  /** Absent: `Authorization: Bearer`. */
  readonly in?: { readonly header: string; readonly prefix?: string } | { readonly param: string } | { readonly cookie: string }
  readonly invalid?: 'expired' | 'not-yet-valid' | 'bad-signature' | 'malformed'
}

/** From a SPIFFE ID without `spiffe://`: the form Istio gives out where it is one. */
export function callerOf(spiffeId: string): Caller {
  const principal = parsePrincipal(spiffeId)
  return principal.match === 'exact' ? { identity: principal } : { spiffeId }
}

/** The SPIFFE ID without `spiffe://`; undefined for plaintext. */
export function spiffeIdOf(caller: Caller): string | undefined {
  if ('plaintext' in caller) return undefined
  return 'identity' in caller ? formatPrincipal(caller.identity) : caller.spiffeId
}
