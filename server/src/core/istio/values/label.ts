// Labels as Istio checks those of subsets: a reason is a clause. Source: istio/istio:pkg/config/labels/instance.go (Instance.Validate).

const name = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const longestName = 63
const longestPrefix = 253
const dnsLabel = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/

/** `name` or `prefix/name`. */
export function checkLabelKey(key: string): string | undefined {
  const slash = key.indexOf('/')
  const bare = key.slice(slash + 1)
  if (slash >= 0) {
    const prefix = key.slice(0, slash)
    if (!prefix.split('.').every(each => dnsLabel.test(each))) return `"${prefix}" before the slash is no DNS name`
    if (prefix.length > longestPrefix) return `what stands before the slash is longer than ${longestPrefix} characters`
  }
  if (!name.test(bare)) return 'only letters, digits, and dashes, underscores and dots between them are allowed'
  return bare.length > longestName ? `it is longer than ${longestName} characters` : undefined
}

/** Any length: only Kubernetes bounds it. Empty is right. */
export function checkLabelValue(value: string): string | undefined {
  return value === '' || name.test(value) ? undefined : 'only letters, digits, and dashes, underscores and dots between them are allowed'
}
