// `host:port` as Go splits it. Source: Go net/ipsock.go (SplitHostPort), strconv (Atoi).

export interface Endpoint {
  readonly host: string
  readonly port: string
}

/** Undefined where Go sees no host and port; an IPv6 host stands in brackets and comes without them. */
export function splitHostPort(text: string): Endpoint | undefined {
  const colon = text.lastIndexOf(':')
  if (colon < 0) return undefined
  if (text.startsWith('[')) return bracketed(text, colon)
  const host = text.slice(0, colon)
  return /[:[\]]/.test(host) || /[[\]]/.test(text.slice(colon)) ? undefined : { host, port: text.slice(colon + 1) }
}

function bracketed(text: string, colon: number): Endpoint | undefined {
  const end = text.indexOf(']')
  if (end + 1 !== colon) return undefined
  const host = text.slice(1, end)
  const port = text.slice(colon + 1)
  return host.includes('[') || /[[\]]/.test(port) ? undefined : { host, port }
}

/** A port from 1 to 65535; Go takes a sign before it. */
export function isPort(text: string): boolean {
  return /^\+?\d+$/.test(text) && isPortNumber(Number(text))
}

export function isPortNumber(value: number): boolean {
  return 1 <= value && value <= 65_535
}
