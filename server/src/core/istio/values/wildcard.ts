// The wildcards of AuthorizationPolicies: `exact`, `prefix*`, `*suffix`, `*`.
// Source: istio/istio:pilot/pkg/security/authz/matcher/string.go, header.go; model/generator.go (requestPrincipalGenerator).

/** Whether a star is left that is compared as it stands: one inside, or a second one. */
export function hasLiteralStar(text: string): boolean {
  return betweenStars(text).includes('*')
}

/** What is compared when the one star that is a wildcard is taken off. */
export function betweenStars(text: string): string {
  if (text.startsWith('*')) return text.slice(1)
  return text.endsWith('*') ? text.slice(0, -1) : text
}

/** `*x*`: where other languages would look for x anywhere. */
export function hasStarsAtBothEnds(text: string): boolean {
  return /^\*[^*]+\*$/.test(text)
}
