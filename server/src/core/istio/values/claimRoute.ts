// Headers that mean a claim of a token, in routes. Source: istio/istio:pkg/jwt/routing.go (ToRoutingClaim).

const prefix = '@request.auth.claims'

/** `@request.auth.claims.name` or `@request.auth.claims[name]`; the prefix in any case. */
export function isClaimRoute(header: string): boolean {
  if (!header.toLowerCase().startsWith(prefix)) return false
  const claim = header.slice(prefix.length)
  return /^\..|^\[.+\]$/s.test(claim)
}
