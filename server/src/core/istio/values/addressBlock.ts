// Blocks of addresses, to be compared with addresses. Source: Go net/netip/netip.go (ParsePrefix, Prefix.Contains).
import { isIpAddress } from './ipAddress.ts'
import { checkIpBlock } from './ipBlock.ts'
import { formatIpv6 } from './ipNetwork.ts'

export interface AddressBlock {
  /** `10.0.0.1/8`: always with its length, host bits as written. */
  readonly text: string
  readonly version: 4 | 6
  /** The bits that count, in groups of 16. */
  readonly network: readonly number[]
  readonly masks: readonly number[]
}

export interface Address {
  /** As RFC 5952 writes it. */
  readonly text: string
  readonly version: 4 | 6
  /** Groups of 16 bits: two, or eight. */
  readonly groups: readonly number[]
}

/** `10.0.0.0/8`, or one address; undefined for what is neither. Host bits are ignored. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  if (checkIpBlock(text) !== undefined) return undefined
  const [written = '', length] = text.split('/')
  const address = parseAddress(written)
  if (!address) return undefined
  const bits = length === undefined ? address.groups.length * 16 : Number(length)
  const masks = address.groups.map((_, index) => maskOf(bits - index * 16))
  return {
    text: `${address.text}/${bits}`,
    version: address.version,
    network: address.groups.map((group, index) => group & (masks[index] ?? 0)),
    masks,
  }
}

/** Undefined for what is no address. A zone is left out. */
export function parseAddress(text: string): Address | undefined {
  if (!isIpAddress(text)) return undefined
  const [bare = ''] = text.split('%')
  if (!bare.includes(':')) return { text: bare, version: 4, groups: ipv4Groups(bare) }
  const groups = ipv6Groups(bare)
  const inner = ipv4In(groups)
  return { text: inner ? `::ffff:${textOfIpv4(inner)}` : formatIpv6(groups), version: 6, groups }
}

/** IPv4 as IPv6 sockets show it becomes IPv4 again: `::ffff:10.0.0.1` is `10.0.0.1`. */
export function canonical(address: Address): Address {
  const inner = ipv4In(address.groups)
  return inner ? { text: textOfIpv4(inner), version: 4, groups: inner } : address
}

/** The IPv4 address inside: `::ffff:10.0.0.1`. */
function ipv4In(groups: readonly number[]): readonly number[] | undefined {
  const isMapped = groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)
  return isMapped ? groups.slice(6) : undefined
}

function textOfIpv4([high = 0, low = 0]: readonly number[]): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/** An IPv4 address is in no IPv6 block, whatever it is, nor the other way round. */
export function contains(block: AddressBlock, address: Address): boolean {
  return (
    block.version === address.version &&
    block.network.every((group, index) => group === ((address.groups[index] ?? 0) & (block.masks[index] ?? 0)))
  )
}

function maskOf(bits: number): number {
  const kept = Math.min(Math.max(bits, 0), 16)
  return 0xffff ^ (0xffff >> kept)
}

function ipv4Groups(text: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}

function ipv6Groups(text: string): readonly number[] {
  const [before = [], after = []] = text.split('::').map(half => (half === '' ? [] : half.split(':').flatMap(groupsOf)))
  const zeros = text.includes('::') ? Array.from({ length: 8 - before.length - after.length }, () => 0) : []
  return [...before, ...zeros, ...after]
}

function groupsOf(part: string): readonly number[] {
  return part.includes('.') ? ipv4Groups(part) : [Number.parseInt(part, 16)]
}
