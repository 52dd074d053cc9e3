// The block that an address with a prefix length stands for. Source: Go net/netip/netip.go (Prefix.Masked).
import { checkIpBlock } from './ipBlock.ts'

/** `10.1.0.0/16` for `10.1.2.3/16`; undefined where no bits stand behind the prefix, and for what is no block. */
export function networkOf(block: string): string | undefined {
  if (!block.includes('/') || checkIpBlock(block) !== undefined) return undefined
  const [address = '', length = ''] = block.split('/')
  const [groups, width] = address.includes(':') ? [ipv6Groups(address), 16] : [address.split('.').map(Number), 8]
  const masked = groups?.map((group, index) => group & maskOf(Number(length) - index * width, width))
  if (!groups || !masked || masked.every((group, index) => group === groups[index])) return undefined
  return `${width === 16 ? formatIpv6(masked) : masked.join('.')}/${length}`
}

/** The first bits of one group. */
function maskOf(bits: number, width: number): number {
  const kept = Math.min(Math.max(bits, 0), width)
  return ((1 << width) - 1) ^ ((1 << (width - kept)) - 1)
}

const words = 8

/** Undefined where an IPv4 address stands inside. */
function ipv6Groups(address: string): readonly number[] | undefined {
  if (address.includes('.')) return undefined
  const [before = [], after = []] = address.split('::').map(half => (half === '' ? [] : half.split(':')))
  const zeros = Array.from({ length: words - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map(group => Number.parseInt(group, 16))
}

/** With the longest run of zeros left out, as RFC 5952 asks. */
export function formatIpv6(groups: readonly number[]): string {
  const text = groups.map(group => group.toString(16)).join(':')
  const longest = (text.match(/(?<![^:])0(?::0)+(?![^:])/g) ?? []).toSorted((a, b) => b.length - a.length)[0]
  return longest === undefined ? text : text.replace(new RegExp(`(?:^|:)${longest}(?::|$)`), '::')
}
