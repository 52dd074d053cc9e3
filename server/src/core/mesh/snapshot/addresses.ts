// Addresses under other names: two that share their first n bits share n bits afterwards, so blocks hold what they held.
import { parseAddress } from '../../istio/values/addressBlock.ts'
import { formatIpv6 } from '../../istio/values/ipNetwork.ts'
import { hash } from './hash.ts'

/** An address, or a block such as `10.1.0.0/16`, of which only the bits that count change; undefined for anything else. */
export function renamedAddress(text: string, seed: string): string | undefined {
  const [written = '', length] = text.split('/')
  const address = parseAddress(written)
  if (!address || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const width = address.groups.length * 16
  const counted = Math.min(length === undefined ? width : Number(length), width)
  const bits = address.groups.map(group => group.toString(2).padStart(16, '0')).join('')
  const renamed = [...bits].map((bit, index) =>
    index < counted && mayFlip(address.version, bits.slice(0, index)) ? flipped(bit, bits.slice(0, index), seed) : bit,
  )
  const groups = address.groups.map((_, index) => Number.parseInt(renamed.slice(index * 16, index * 16 + 16).join(''), 2))
  return `${address.version === 4 ? ipv4(groups) : formatIpv6(groups)}${length === undefined ? '' : `/${length}`}`
}

/** The first part tells private from public and says little else. */
const keptBits = { 4: 8, 6: 16 } as const

/** Loopback, link-local and unspecified addresses have their meaning: whatever leads to them stays. */
const special = {
  4: ['00000000', '01111111', '1010100111111110'],
  6: ['0'.repeat(96), `${'0'.repeat(80)}${'1'.repeat(16)}`, '1111111010'],
} as const

function mayFlip(version: 4 | 6, before: string): boolean {
  return before.length >= keptBits[version] && !special[version].some(each => each.startsWith(before) || before.startsWith(each))
}

function flipped(bit: string, before: string, seed: string): string {
  return (hash(`${seed} ${before}`) & 1) === 1 ? (bit === '0' ? '1' : '0') : bit
}

function ipv4([high = 0, low = 0]: readonly number[]): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
