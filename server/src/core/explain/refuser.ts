// Which proxy refused, as far as the line and the mesh tell.
import type { Enforcer } from '../decide/authorization/decision.ts'
import type { Instance } from '../decide/mtls/instances.ts'
import type { ProxyKind } from '../mesh/enrolment.ts'
import type { Explanation } from './explanation.ts'
import type { Refusal } from './refusal.ts'
import { isByPeer } from './tlsFailure.ts'
import { isAtWaypoint, type Told } from './told.ts'

/** What the proxy decides about what arrives at it, rather than learns from where it sends it. */
const arriving: ReadonlySet<Refusal['kind']> = new Set([
  'denied',
  'not-allowed',
  'access-denied',
  'plaintext',
  'authorizer-unusable',
  'authorizer-denied',
  'authorizer-failed',
  'token',
  'no-filter-chain',
  'policy-changed',
  'dry-run',
  'authorizer-asked',
])

export function decidesOnArrival({ kind }: Refusal): boolean {
  return arriving.has(kind)
}

/** Nobody refuses where something only fails, or is only watched. */
const nobody: ReadonlySet<Refusal['kind']> = new Set([
  'unreachable',
  'no-endpoint',
  'dry-run',
  'authorizer-asked',
  'client-gone',
  'tunnel-blocked',
])
/** The proxy of the server or its application, which nobody tells apart. */
const open: ReadonlySet<Refusal['kind']> = new Set(['refused-behind', 'closed-by-server', 'connection-reset'])
const clients: ReadonlySet<Refusal['kind']> = new Set([
  'no-route',
  'egress-blocked',
  'no-identity',
  'not-http',
  'tls',
  'certificate-revoked',
])

export function refuserOf(
  told: Told,
  refusal: Refusal,
  server: Instance | undefined,
  client: Instance | undefined,
): Explanation['refusedBy'] {
  const { kind } = refusal
  if (nobody.has(kind)) return 'none'
  if (open.has(kind)) return 'unknown'
  if (kind === 'tunnel-refused' || (kind === 'tls' && isByPeer(refusal.failure))) return enforcerAt(server?.proxy) ?? 'unknown'
  if (told.form === 'ztunnel') return 'ztunnel'
  if (isAtWaypoint(told)) return 'waypoint'
  if (clients.has(kind) && told.direction === 'outbound') return enforcerAt(client?.proxy) ?? 'proxy'
  const known = enforcerAt(server?.proxy)
  if (known) return known
  if (told.direction === undefined || told.form !== 'envoy') return 'proxy'
  // Sidecars enforce policies on what arrives only, so what refuses on the way out is a gateway.
  return told.direction === 'inbound' ? 'sidecar' : 'gateway'
}

function enforcerAt(proxy: ProxyKind | undefined): Enforcer | undefined {
  return proxy === undefined || proxy === 'none' || proxy === 'unknown' ? undefined : proxy
}
