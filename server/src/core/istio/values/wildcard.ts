// The wildcards of AuthorizationPolicies: `exact`, `prefix*`, `*suffix`, `*`.
// Source: istio/istio:pilot/pkg/security/authz/matcher/string.go, header.go; model/generator.go (requestPrincipalGenerator).

/** Whether a star is left that is compared as it stands: one inside, or a second one. */
export function hasLiteralStar(text: string): boolean {
  return betweenStars(text).includes('*')
}

/** What is compared when the one star that is a wildcard is taken off. A leading one is tested first. */
export function betweenStars(text: string): string {
  if (text.startsWith('*')) return text.slice(1)
  return text.endsWith('*') ? text.slice(0, -1) : text
}

/** A whole identity may have a wildcard behind its trust domain too. Source: istio/istio:pilot/pkg/security/trustdomain/bundle.go. */
export function hasLiteralStarInPrincipal(text: string): boolean {
  const [, path] = /^[^*/]+\*\/([^/]+(?:\/[^/]+){3})$/.exec(text) ?? []
  return hasLiteralStar(path ?? text)
}

/** `*x*`: where other languages would look for the word x anywhere. */
export function hasStarsAroundWord(text: string): boolean {
  return /^\*[^*]*\w\*$/.test(text)
}

/** Several stars at an end, as paths of other languages have them, taken for one; undefined where that changes nothing. */
export function withSingleStar(text: string): string | undefined {
  const single = text.replace(/^\*{2,}/, '*').replace(/\*{2,}$/, '*')
  return single !== text && !hasLiteralStar(single) ? single : undefined
}

/** Whether each star stands for any text: not by a regular expression, which many stars keep busy. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split(/\*+/)
  const last = rest.pop()
  if (last === undefined) return text => text === first
  return text => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return text.length - at >= last.length && text.endsWith(last)
  }
}
