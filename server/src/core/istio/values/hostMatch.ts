// Whether two hosts with wildcards stand for a common name. Source: istio/istio:pkg/config/host/name.go (Name.Matches).

/** The longer of two wildcards decides; `*.example.com` does not stand for `example.com`. */
export function hostsOverlap(one: string, other: string): boolean {
  if (one.startsWith('*') && other.startsWith('*')) {
    return one.length < other.length ? other.endsWith(one.slice(1)) : one.endsWith(other.slice(1))
  }
  if (one.startsWith('*')) return other.endsWith(one.slice(1))
  return other.startsWith('*') ? one.endsWith(other.slice(1)) : one === other
}

/** Hosts in the order of a list, found again by what they end in: comparing each with each takes too long for many. */
export class Hosts {
  private readonly exact = new Map<string, number>()
  /** By what stands behind the star. */
  private readonly wildcards = new Map<string, number>()
  /** By each of their endings, down to the empty one. */
  private readonly endings = new Map<string, number>()
  private count = 0

  /** The index of the first host added that overlaps with this one. */
  overlapping(host: string): number | undefined {
    const ending = behindStar(host)
    const above = [...endingsOf(ending ?? host)].map(each => this.wildcards.get(each))
    const found = [...above, ending === undefined ? this.exact.get(host) : this.endings.get(ending)].filter(each => each !== undefined)
    return found.length > 0 ? Math.min(...found) : undefined
  }

  add(host: string): void {
    const index = this.count++
    const ending = behindStar(host)
    if (ending === undefined) note(this.exact, host, index)
    else note(this.wildcards, ending, index)
    for (const each of endingsOf(ending ?? host)) note(this.endings, each, index)
  }
}

function behindStar(host: string): string | undefined {
  return host.startsWith('*') ? host.slice(1) : undefined
}

/** No host that Istio takes is longer. */
const longest = 255

function* endingsOf(text: string): Generator<string> {
  for (let start = Math.max(text.length - longest, 0); start <= text.length; start++) yield text.slice(start)
}

function note(map: Map<string, number>, key: string, index: number): void {
  if (!map.has(key)) map.set(key, index)
}
