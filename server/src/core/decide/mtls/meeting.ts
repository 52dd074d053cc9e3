// What comes of a connection: what the client sends meets what the server takes.
// Source: istio/istio:pilot/pkg/security/authn/utils/utils.go (BuildInboundTLS), pilot/pkg/networking/core/listener_inbound.go,
// filterchain_options.go; pilot/pkg/xds/endpoints/endpoint_builder.go (supportTunnel).
import type { TlsMode } from './clientTls.ts'
import type { MtlsMode } from './server.ts'

/** What goes over the network; `mtls` is that of the mesh, `tls` any other. */
export type Wire = 'mtls' | 'tls' | 'plaintext' | 'refused'

export type Sent =
  /** mTLS in a tunnel between nodes; `within` is what the client's DestinationRule puts inside. */
  { readonly by: 'hbone'; readonly within: TlsMode } | { readonly by: 'proxy'; readonly tls: TlsMode } | { readonly by: 'application' }

export type Taken =
  /** A proxy that keeps the mode. */
  | { readonly by: 'proxy'; readonly mode: MtlsMode; readonly plaintext: 'accepted' | 'refused' | 'unknown'; readonly http: boolean }
  /** The ztunnel of a node: it ends tunnels, and leaves everything else to the application. */
  | { readonly by: 'ztunnel'; readonly plaintext: 'accepted' | 'refused' | 'unknown' }
  /** A proxy whose Gateway says what it takes. */
  | { readonly by: 'gateway' }
  /** The application itself. */
  | { readonly by: 'application' }
  /** Somebody the mesh does not know. */
  | { readonly by: 'outsider'; readonly external: boolean }

/** How a connection ends, each with its sentence in `reason.ts`. */
export type Outcome =
  | { readonly wire: 'mtls' | 'tls' | 'plaintext'; readonly status: 'ok' }
  | { readonly wire: 'refused'; readonly status: 'conflict'; readonly because: Conflict }
  | { readonly wire: 'mtls' | 'tls' | 'plaintext'; readonly status: 'unknown'; readonly missing: Missing }

export type Conflict =
  | 'plaintext-to-strict'
  /** TLS without a certificate of the mesh. */
  | 'tls-to-strict'
  /** On a port for HTTP the proxy wants to read requests: it takes no TLS but that of the mesh. */
  | 'tls-to-http'
  | 'mtls-to-disabled'
  | 'mtls-without-proxy'
  /** The certificate of the server has none of the names that the client asks for. */
  | 'wrong-name'

export type Missing = 'application-tls' | 'client-certificate' | 'gateway-server' | 'outsider-mtls' | 'plaintext'

const ok = (wire: 'mtls' | 'tls' | 'plaintext'): Outcome => ({ wire, status: 'ok' })
const conflict = (because: Conflict): Outcome => ({ wire: 'refused', status: 'conflict', because })
const unknown = (wire: 'mtls' | 'tls' | 'plaintext', missing: Missing): Outcome => ({ wire, status: 'unknown', missing })

export function meet(sent: Sent, taken: Taken): Outcome {
  switch (sent.by) {
    case 'hbone':
      return sent.within === 'SIMPLE' || sent.within === 'MUTUAL' ? unknown('mtls', 'application-tls') : ok('mtls')
    case 'application':
      return meetPlaintext(taken)
    case 'proxy':
      return sent.tls === 'DISABLE' ? meetPlaintext(taken) : sent.tls === 'ISTIO_MUTUAL' ? meetMtls(taken) : meetTls(sent.tls, taken)
    default:
      return sent satisfies never
  }
}

function meetPlaintext(taken: Taken): Outcome {
  if (taken.by !== 'proxy' && taken.by !== 'ztunnel') return ok('plaintext')
  if (taken.plaintext === 'unknown') return unknown('plaintext', 'plaintext')
  return taken.plaintext === 'refused' ? conflict('plaintext-to-strict') : ok('plaintext')
}

function meetMtls(taken: Taken): Outcome {
  switch (taken.by) {
    case 'proxy':
      return taken.mode === 'DISABLE' ? conflict('mtls-to-disabled') : ok('mtls')
    case 'gateway':
      return unknown('mtls', 'gateway-server')
    case 'outsider':
      return taken.external ? unknown('mtls', 'outsider-mtls') : conflict('mtls-without-proxy')
    case 'ztunnel':
    case 'application':
      return conflict('mtls-without-proxy')
    default:
      return taken satisfies never
  }
}

/** TLS with certificates of somebody else, or with none of the client. */
function meetTls(tls: 'SIMPLE' | 'MUTUAL', taken: Taken): Outcome {
  switch (taken.by) {
    case 'proxy':
      if (taken.mode === 'STRICT') return tls === 'MUTUAL' ? unknown('tls', 'client-certificate') : conflict('tls-to-strict')
      return taken.http ? conflict('tls-to-http') : unknown('tls', 'application-tls')
    case 'ztunnel':
      return taken.plaintext === 'refused' ? conflict('tls-to-strict') : unknown('tls', 'application-tls')
    case 'gateway':
      return unknown('tls', 'gateway-server')
    case 'application':
      return unknown('tls', 'application-tls')
    case 'outsider':
      return taken.external ? ok('tls') : unknown('tls', 'application-tls')
    default:
      return taken satisfies never
  }
}
