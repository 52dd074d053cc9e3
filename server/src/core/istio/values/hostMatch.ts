// Whether two hosts with wildcards stand for a common name. Source: istio/istio:pkg/config/host/name.go (Name.Matches).

/** The longer of two wildcards decides; `*.example.com` does not stand for `example.com`. */
export function hostsOverlap(one: string, other: string): boolean {
  if (one.startsWith('*') && other.startsWith('*')) {
    return one.length < other.length ? other.endsWith(one.slice(1)) : one.endsWith(other.slice(1))
  }
  if (one.startsWith('*')) return other.endsWith(one.slice(1))
  return other.startsWith('*') ? one.endsWith(other.slice(1)) : one === other
}
