// SPIFFE identities and the patterns that AuthorizationPolicies match them with.
// Source of the behaviour: istio/istio:pkg/spiffe/spiffe.go, pilot/pkg/security/authz/matcher/string.go.

/** `trustDomain/ns/namespace/sa/serviceAccount`, the form without `spiffe://` that policies use. */
export interface ExactPrincipal {
  readonly match: 'exact'
  readonly trustDomain: string
  readonly namespace: string
  readonly serviceAccount: string
}

export type Principal =
  | ExactPrincipal
  /** `*`: any authenticated caller. */
  | { readonly match: 'any' }
  | { readonly match: 'prefix'; readonly text: string }
  | { readonly match: 'suffix'; readonly text: string }
  /** No workload of Istio can present it. */
  | { readonly match: 'malformed'; readonly why: 'spiffe-prefix' | 'shape' | 'empty'; readonly text: string }

/** Reads one value of `principals`. Never throws. A leading `*` is tested first, as Envoy's matcher does. */
export function parsePrincipal(text: string): Principal {
  if (text === '') return { match: 'malformed', why: 'empty', text }
  if (text === '*') return { match: 'any' }
  if (text.startsWith('spiffe://')) return { match: 'malformed', why: 'spiffe-prefix', text }
  if (text.startsWith('*')) return { match: 'suffix', text: text.slice(1) }
  if (text.endsWith('*')) return { match: 'prefix', text: text.slice(0, -1) }
  const parts = text.split('/')
  const [trustDomain, ns, namespace, sa, serviceAccount] = parts
  if (parts.length !== 5 || ns !== 'ns' || sa !== 'sa' || !trustDomain || !namespace || !serviceAccount) {
    return { match: 'malformed', why: 'shape', text }
  }
  return { match: 'exact', trustDomain, namespace, serviceAccount }
}

/** `cluster.local/ns/shop/sa/frontend`. */
export function formatPrincipal(principal: Omit<ExactPrincipal, 'match'>): string {
  return `${principal.trustDomain}/ns/${principal.namespace}/sa/${principal.serviceAccount}`
}

/** Whether a caller with this identity (without `spiffe://`) satisfies the pattern. */
export function principalMatches(principal: Principal, identity: string): boolean {
  switch (principal.match) {
    case 'exact':
      return formatPrincipal(principal) === identity
    case 'any':
      return identity !== ''
    case 'prefix':
      return identity.startsWith(principal.text)
    case 'suffix':
      return identity.endsWith(principal.text)
    case 'malformed':
      return principal.text !== '' && principal.text === identity
    default:
      return never(principal)
  }
}

/** Ends a switch: a new case becomes a compile error here. */
export function never(value: never): never {
  throw new Error(`unexpected case ${JSON.stringify(value)}`)
}
