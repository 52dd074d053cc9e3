// What happens before any policy: whether the proxy gets the connection at all, and who it then knows the caller to be.
// Source: istio/istio:pilot/pkg/networking/core/filterchain_options.go, pilot/pkg/networking/plugin/authn/util.go
// (TrustDomainsForValidation), tools/istio-iptables.
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { type EffectiveMtls, effectiveOf, modeOfPort } from '../mtls/server.ts'
import { gatewayServersAt } from './appProtocol.ts'
import { type Connection, type Destination, spiffeIdOf } from './connection.ts'
import { nothing, type Reading } from './facts.ts'
import { trustDomainsOf } from './trustDomain.ts'

export type Handshake =
  | { readonly is: 'not captured'; readonly because: string }
  | { readonly is: 'refused'; readonly layer: 'tls' | 'peerauthentication'; readonly because: string }
  /** `identity`: the SPIFFE ID that policies see. `missing`: what could still refuse the connection. */
  | { readonly is: 'done'; readonly identity: Reading<string>; readonly missing: readonly string[] }

export function handshake(connection: Connection, mesh: Mesh): Handshake {
  const { workload, port } = connection.to
  const identity = spiffeIdOf(connection.caller)
  switch (workload.proxy) {
    case 'sidecar':
      if (isUncaptured(workload, port))
        return { is: 'not captured', because: `Port ${port} is excluded from what the sidecar captures, so no policy is enforced.` }
      return identity === undefined ? plaintext(connection, mesh) : mutualTls(identity, connection, mesh)
    case 'waypoint':
      if (identity !== undefined) return accepted(identity, mesh)
      return { is: 'refused', layer: 'tls', because: 'A waypoint takes connections over HBONE only, which is mTLS; this one is plaintext.' }
    default:
      // Whom a gateway asks for a certificate is a matter of its servers, not of PeerAuthentication.
      return { is: 'done', identity: asksForCertificate(connection.to, mesh) ? shown(identity) : nothing, missing: [] }
  }
}

function plaintext({ to: { workload, port } }: Connection, mesh: Mesh): Handshake {
  const mtls = effectiveOf(mesh, workload)
  const { mode, policy } = modeOfPort(mtls, port)
  const listed = [...new Set([workload.namespace, mesh.settings.rootNamespace])].filter(each => !mesh.complete('PeerAuthentication', each))
  const missing = [
    ...listed.map(each => `the PeerAuthentications of namespace ${each}`),
    ...(mtls.undecided.length > 0 ? [oldestOf(mtls)] : []),
  ]
  if (mode !== 'STRICT' || missing.length > 0) return { is: 'done', identity: nothing, missing }
  const by = policy ? `PeerAuthentication ${policy.namespace}/${policy.name}` : 'Istio'
  return { is: 'refused', layer: 'peerauthentication', because: `${by} sets STRICT for port ${port}, and the connection is plaintext.` }
}

/** Where mTLS is off the sidecar terminates nothing: clients of the mesh send plaintext, and nobody's identity is seen. */
function mutualTls(identity: string, { to: { workload, port } }: Connection, mesh: Mesh): Handshake {
  const mtls = effectiveOf(mesh, workload)
  const couldDisable = mtls.undecided.some(({ mode, portLevelMtls }) => [mode, ...portLevelMtls.map(each => each.mode)].some(isOff))
  if (couldDisable) return { is: 'done', identity: { missing: oldestOf(mtls) }, missing: [oldestOf(mtls)] }
  return modeOfPort(mtls, port).mode === 'DISABLE' ? { is: 'done', identity: nothing, missing: [] } : accepted(identity, mesh)
}

function isOff(mode: { readonly value: string } | undefined): boolean {
  return mode?.value === 'DISABLE'
}

function shown(identity: string | undefined): Reading<string> {
  return identity === undefined ? nothing : { values: [identity] }
}

function oldestOf({ undecided }: EffectiveMtls): string {
  return `which of the PeerAuthentications ${undecided.map(each => each.name).join(', ')} is the oldest`
}

const mutualModes: readonly (string | undefined)[] = ['MUTUAL', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL']

/** True where no server of the port is known. */
function asksForCertificate(to: Destination, mesh: Mesh): boolean {
  const servers = gatewayServersAt(to, mesh)
  return servers.length === 0 || servers.some(({ tls }) => mutualModes.includes(tls?.mode?.value))
}

function accepted(identity: string, mesh: Mesh): Handshake {
  const { settings } = mesh
  const own = [...trustDomainsOf(settings), ...settings.foreignTrustDomains]
  const trustDomain = identity.split('/')[0] ?? ''
  if (own.includes(trustDomain)) return { is: 'done', identity: shown(identity), missing: [] }
  // Who knows the mesh's settings knows the trust domain.
  if (!settings.known && !mesh.complete('MeshConfig'))
    return { is: 'done', identity: shown(identity), missing: ['the trust domain of the mesh'] }
  const because = `The certificate is of the trust domain ${trustDomain}, and the proxy accepts only ${own.join(', ')}.`
  return { is: 'refused', layer: 'tls', because }
}

/** Ports of the proxy itself are never captured. */
const ownPorts = [15_020, 15_021, 15_090]

function isUncaptured({ pods }: Workload, port: number): boolean {
  const annotation = (name: string) => pods[0]?.annotations[`traffic.sidecar.istio.io/${name}`]
  const included = annotation('includeInboundPorts')
  if (ownPorts.includes(port) || lists(annotation('excludeInboundPorts'), port)) return true
  return included !== undefined && included !== '*' && !lists(included, port)
}

function lists(ports: string | undefined, port: number): boolean {
  return ports?.split(',').some(each => each.trim() === `${port}`) ?? false
}
