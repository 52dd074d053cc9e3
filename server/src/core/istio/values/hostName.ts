// Host names as Istio checks them. A reason is a clause that completes `"x" is no host name: …`.
// Source: istio/istio:pkg/config/validation/agent/validation.go, pkg/config/labels/instance.go.

const label = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?'
const dnsLabel = new RegExp(`^${label}$`)
const wildcardLabel = new RegExp(`^(?:\\*|(?:\\*-?)?${label})$`)
const longestLabel = 63
const longestName = 255
const largestInt64 = 2n ** 63n - 1n

/** Letters of both cases, digits and inner dashes: a label of a host, a namespace, the name of a subset or of a port (IsDNS1123Label). */
export function isDns1123Label(text: string): boolean {
  return text.length <= longestLabel && dnsLabel.test(text)
}

/** `*`, `*label`, `*-label` or a label (IsWildcardDNS1123Label). */
export function isWildcardLabel(text: string): boolean {
  return text.length <= longestLabel && wildcardLabel.test(text)
}

/** Why a host, which may start with a wildcard, is refused; undefined where it is right (ValidateWildcardDomain). */
export function checkWildcardDomain(host: string): string | undefined {
  const length = checkLength(host)
  if (length) return length
  const dot = host.indexOf('.')
  const first = dot < 0 ? host : host.slice(0, dot)
  if (!isWildcardLabel(first)) return badLabel(first)
  return dot < 0 ? undefined : checkLabels(host.slice(dot + 1))
}

/** Why a name without wildcards is refused (ValidateFQDN). A short name is right. */
export function checkFQDN(host: string): string | undefined {
  return checkLength(host) ?? (host.startsWith('*') ? 'wildcards are not possible here' : checkLabels(host))
}

function checkLength(host: string): string | undefined {
  if (host === '') return 'it is empty'
  return host.length > longestName ? `it is longer than ${longestName} characters` : undefined
}

/** A dot at the end is right, a number at the end is not. */
function checkLabels(domain: string): string | undefined {
  const labels = domain.split('.')
  const top = labels.at(-1) ?? ''
  if (isInteger(top)) return `it ends in the number "${top}"`
  const bad = labels.find((each, index) => !isDns1123Label(each) && !(each === '' && index === labels.length - 1))
  return bad === undefined ? undefined : badLabel(bad)
}

function badLabel(text: string): string {
  if (text === '') return 'a part between its dots is empty'
  if (text.includes('*')) return `a wildcard can only come first, as in "*.example.com"`
  return text.length > longestLabel
    ? `"${text}" is longer than ${longestLabel} characters`
    : `"${text}" is no DNS label (letters, digits and dashes between them)`
}

/** What Go's strconv.Atoi reads. */
function isInteger(text: string): boolean {
  return /^\d+$/.test(text) && BigInt(text) <= largestInt64
}
