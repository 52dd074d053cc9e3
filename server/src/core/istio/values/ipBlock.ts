// Addresses and CIDR blocks as Istio checks them.
// Source: istio/istio:pkg/config/security/security.go (ValidateIPs), Go net/netip/netip.go (ParsePrefix).
import { isIpAddress } from './ipAddress.ts'

/** What is wrong, in a sentence; undefined where the value is an address, or with a slash a block. Host bits may be set. */
export function checkIpBlock(text: string): string | undefined {
  const slash = text.lastIndexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  if (!isIpAddress(address)) return adviceFor(address)
  if (slash < 0) return undefined
  if (address.includes('%')) return 'A block of addresses cannot have an IPv6 zone.'
  const length = text.slice(slash + 1)
  if (!/^(?:\d|[1-9]\d+)$/.test(length)) return 'The prefix length is a plain number such as 24.'
  const [version, longest] = address.includes(':') ? ['IPv6', 128] : ['IPv4', 32]
  return Number(length) > longest ? `The prefix length of an ${version} block is at most ${longest}.` : undefined
}

/** The block that was meant, where there is only one. */
export function repairIpBlock(text: string): string | undefined {
  return repairs.map(repair => repair(text.trim())).find(repaired => repaired !== text && checkIpBlock(repaired) === undefined)
}

const repairs: readonly ((text: string) => string)[] = [
  text => text,
  text => text.replace(/\/\+?0*(?=\d)/, '/'),
  text => text.replace(/\/(\d+\.\d+\.\d+\.\d+)$/, (written, mask: string) => `/${prefixLength(mask) ?? written}`),
  text => text.replace(/^(\d+\.\d+\.\d+)\.\*$/, '$1.0/24'),
  text => text.replace(/^(\d+\.\d+)(?:\.\*){1,2}$/, '$1.0.0/16'),
  text => text.replace(/^([\d.]+):\d+$/, '$1'),
  text => text.replace(/^\[(.*)\](?::\d+)?$/, '$1'),
]

const advice: readonly (readonly [form: RegExp, sentence: string])[] = [
  [/\*/, 'There are no wildcards here: write a block such as 10.0.0.0/24, or 0.0.0.0/0 for every IPv4 address.'],
  [/^[\d.]+\s*-/, 'There are no ranges here: write blocks such as 10.0.0.0/24.'],
  [/^\s|\s$/, 'Remove the spaces around it.'],
  [/^[\d.]+:\d+$|^\[/, 'Write the address alone, without a port or brackets.'],
  [/^(?:\d+\.){3}\d+$/, 'Each of the four numbers is from 0 to 255, without leading zeros.'],
  [/^[\d.]+$/, 'An IPv4 address has four numbers.'],
  [/:/, 'It is no IPv6 address: eight groups of up to four hexadecimal digits, of which "::" replaces some once.'],
]

function adviceFor(text: string): string {
  const found = advice.find(([form]) => form.test(text))
  return found?.[1] ?? 'Names are not looked up: write an address such as 10.0.0.1 or a block such as 10.0.0.0/8.'
}

/** `255.255.0.0` is 16; undefined for what is no mask. */
function prefixLength(mask: string): number | undefined {
  if (!isIpAddress(mask)) return undefined
  const bits = mask
    .split('.')
    .map(each => Number(each).toString(2).padStart(8, '0'))
    .join('')
  const length = bits.lastIndexOf('1') + 1
  return bits.slice(0, length).includes('0') ? undefined : length
}
