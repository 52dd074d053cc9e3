// IP addresses as Go reads them. Source: Go net/netip/netip.go (ParseAddr).

/** IPv4 without leading zeros, or IPv6 with or without a zone. */
export function isIpAddress(text: string): boolean {
  const sign = /[.:%]/.exec(text)?.[0]
  if (sign === '.') return isIpv4(text)
  return sign === ':' && isIpv6(text)
}

const number = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])'
const ipv4 = new RegExp(`^${number}(?:\\.${number}){3}$`)

function isIpv4(text: string): boolean {
  return ipv4.test(text)
}

const words = 8

function isIpv6(text: string): boolean {
  const percent = text.indexOf('%')
  if (percent === text.length - 1) return false
  const halves = (percent < 0 ? text : text.slice(0, percent)).split('::')
  if (halves.length > 2) return false
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  const last = all.at(-1)
  const embedded = last !== undefined && groups.at(-1)?.length !== 0 && isIpv4(last)
  if (!all.slice(0, embedded ? -1 : undefined).every(group => /^[\da-fA-F]{1,4}$/.test(group))) return false
  const count = all.length + (embedded ? 1 : 0)
  return halves.length === 1 ? count === words : count < words
}
