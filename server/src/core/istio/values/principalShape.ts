// Identities that no workload can have, and the one that was meant.
// Source: istio/istio:pkg/spiffe/spiffe.go (ParseIdentity); SPIFFE-ID.md section 2.
import { formatPrincipal, parsePrincipal } from './principal.ts'

/**
 * Whether a value is certainly not the identity of a workload. Istio makes `trustDomain/ns/namespace/sa/serviceAccount`; another
 * trust domain may do otherwise, but each part of an identity holds something, and a trust domain alone is no workload.
 */
export function isImpossiblePrincipal(text: string, ownTrustDomains: readonly string[]): boolean {
  const principal = parsePrincipal(text)
  if (principal.match !== 'malformed' || principal.why !== 'shape' || text.includes('*')) return false
  const [trustDomain = '', ...path] = text.split('/')
  return path.length === 0 || [trustDomain, ...path].includes('') || !isForeign(trustDomain, ownTrustDomains)
}

/** A name with dots that is not one of ours. */
function isForeign(trustDomain: string, own: readonly string[]): boolean {
  return trustDomain.includes('.') && !own.includes(trustDomain)
}

/** `ns/shop/sa/web`, `cluster.local/ns/shop/serviceaccount/web`, `shop/web`. */
export function repairPrincipal(text: string, ownTrustDomain: string): string | undefined {
  const [, before = '', namespace, serviceAccount] = keyed.exec(text) ?? bare.exec(text) ?? []
  if (!namespace || !serviceAccount) return undefined
  return formatPrincipal({ trustDomain: before || ownTrustDomain, namespace, serviceAccount })
}

const name = '([a-z0-9][a-z0-9.-]*)'
const keyed = new RegExp(`^/?(?:([^/]+)/)?(?:ns|namespaces?)/${name}/(?:sa|serviceaccounts?)/${name}/?$`, 'i')
const bare = new RegExp(`^()(?!ns/|sa/)([a-z0-9-]+)/${name}$`)
