// What the server's proxy takes on a port, by the listener that is in force there.
import type { MtlsMode } from '../../decide/mtls/server.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import { type Arrival, chainFor } from '../../proxy/envoy/filterChain.ts'
import type { FilterChain, Listener } from '../../proxy/envoy/listeners.ts'
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import type { ZtunnelConfig } from '../../proxy/ztunnelConfig.ts'
import { type ConnectionQuestion, type End, enforces, hasProxy, nameOf } from './question.ts'
import { isPeerAuthentication, keyOf, policiesAt, ztunnelDecision } from './ztunnelRules.ts'

export type Accepts =
  | {
      readonly kind: 'known'
      readonly plaintext: boolean
      /** Towards clients of the mesh. */
      readonly mode: MtlsMode
      /** How it answers a TLS handshake of the mesh; absent: it does not, or leaves it to the application. */
      readonly tls?: TlsContext
      readonly evidence: readonly string[]
      /** Why the listener is not the newest one, where that is known. */
      readonly outdated?: string
      /** Which takes the connection, with the policies it enforces. Absent for a tunnel to a sidecar: those are of a listener behind it. */
      readonly chain?: FilterChain
      /** HBONE, which a sidecar answers whatever mode the port has. */
      readonly tunnel?: true
      /** Of a gateway: the names that clients can ask for in TLS. */
      readonly serverNames?: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly because: string }

/** What the client's proxy says before the handshake. */
export type Offered = Pick<Arrival, 'alpn' | 'sni'> & { readonly tunnel: boolean }

export function acceptsOf(question: ConnectionQuestion, offered: Offered): Accepts {
  const { to, port } = question
  if (!hasProxy(to)) return { kind: 'known', plaintext: true, mode: 'DISABLE', evidence: [`${nameOf(to)} has no proxy`] }
  if (!enforces(question)) {
    return {
      kind: 'known',
      plaintext: true,
      mode: 'DISABLE',
      evidence: [`an annotation of ${nameOf(to)} leads port ${port} past its sidecar`],
    }
  }
  const { envoy, ztunnel } = to.live ?? {}
  if (ztunnel) return atZtunnel(ztunnel, to, port)
  if (envoy?.has.has('listeners')) return atEnvoy(envoy, to, port, offered)
  return { kind: 'unknown', because: "what the server's proxy accepts is not known" }
}

/** Source: istio/istio:pilot/pkg/networking/core/listener.go (allIstioMtlsALPNs). */
const meshAlpn = ['istio-peer-exchange', 'istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']
const inboundPort = 15006
/** Source: istio/istio:pilot/pkg/networking/core/waypoint.go (ConnectTerminate). */
const tunnelListener = 'connect_terminate'

function atEnvoy(envoy: EnvoyConfig, to: End, port: number, { tunnel, ...offered }: Offered): Accepts {
  const listener = listenerAt(envoy, to, port, tunnel)
  if (!listener) {
    const what = tunnel ? 'HBONE (port 15008)' : `inbound connections on port ${port}`
    return { kind: 'unknown', because: `the server's proxy has no listener for ${what}` }
  }
  const tls = chainFor(listener, { port, transport: 'tls', ...offered })
  const plain = chainFor(listener, { port, transport: 'raw_buffer', alpn: [] })
  const mesh = chainFor(listener, { ...offered, port, transport: 'tls', alpn: meshAlpn })
  const chain = tls?.tls ? tls : plain
  const isTunnel = tunnel && to.proxy === 'sidecar'
  const plaintext = plain !== undefined && plain.tls === undefined
  return {
    kind: 'known',
    plaintext,
    mode: mesh?.tls?.requiresClientCertificate ? (plaintext ? 'PERMISSIVE' : 'STRICT') : 'DISABLE',
    ...(tls?.tls ? { tls: tls.tls } : {}),
    evidence: [
      `listener ${listener.name || `of port ${listener.port}`}`,
      ...(listener.lastUpdated === undefined ? [] : [`received ${listener.lastUpdated}`]),
      ...(mesh?.tls?.requiresClientCertificate ? ['a filter chain that requires a client certificate'] : []),
      ...(plain && !plain.tls ? ['a filter chain for plaintext'] : []),
      ...(tls || plain ? [] : [`no filter chain for port ${port}`]),
    ],
    ...outdatedBy(listener),
    ...(isTunnel ? { tunnel: true } : chain ? { chain } : {}),
    ...(to.proxy === 'gateway' ? { serverNames: [...new Set(listener.chains.flatMap(each => each.serverNames))] } : {}),
  }
}

/** One of the port's own, else the one that all redirected connections come to; tunnels have theirs. */
function listenerAt(envoy: EnvoyConfig, { addresses, proxy }: End, port: number, tunnel: boolean): Listener | undefined {
  const inForce = envoy.listeners.filter(({ state }) => state !== 'warming' && state !== 'draining')
  if (tunnel || proxy === 'waypoint') return inForce.find(({ name }) => name === tunnelListener)
  // The listeners of a gateway are of the direction OUTBOUND, as those for the applications of a sidecar.
  const inbound = proxy === 'gateway' ? inForce : inForce.filter(({ direction }) => direction !== 'OUTBOUND')
  // Without the bootstrap a dump does not tell its addresses; that of the port is its own all the same.
  const here = ({ address }: Listener) => address === '0.0.0.0' || address === '::' || addresses.length === 0 || addresses.includes(address)
  const own = inbound.find(each => each.port === port && here(each))
  return own ?? inbound.find(each => each.port === inboundPort)
}

function outdatedBy({ refused, warming }: Listener): { readonly outdated?: string } {
  if (refused) return { outdated: `the proxy refused its newest configuration and keeps the one before: ${refused.details}` }
  return warming ? { outdated: 'a newer configuration of the listener is still warming' } : {}
}

/** ztunnel answers HBONE for every pod in its mesh; plaintext it lets pass unless a policy refuses who has no identity. */
function atZtunnel(ztunnel: ZtunnelConfig, to: End, port: number): Accepts {
  const workload = ztunnel.workloads.find(each => each.namespace === to.namespace && each.name === to.name)
  if (!workload) return { kind: 'unknown', because: "the server's ztunnel does not know this pod yet" }
  const converted = policiesAt(ztunnel, workload).filter(isPeerAuthentication)
  const plaintext = ztunnelDecision(converted, { port }).decision !== 'deny'
  return {
    kind: 'known',
    plaintext,
    mode: plaintext ? 'PERMISSIVE' : 'STRICT',
    tls: {
      certificates: to.expectedIdentity === undefined ? [] : [to.expectedIdentity],
      roots: 'ROOTCA',
      verifies: true,
      names: [],
      alpn: ['h2'],
      requiresClientCertificate: true,
    },
    evidence: [`ztunnel's workload ${nameOf(to)}: protocol ${workload.protocol}`, ...converted.map(policy => `policy ${keyOf(policy)}`)],
  }
}
