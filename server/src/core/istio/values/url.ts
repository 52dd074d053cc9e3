// URLs as Go reads them. Source: Go net/url/url.go (Parse, ParseRequestURI), of Go 1.26.
import { isIpAddress } from './ipAddress.ts'

export interface Url {
  /** In small letters; empty where there is none. */
  readonly scheme: string
  /** Digits; empty where there is none. */
  readonly port: string
}

/** Undefined for text that is no URL; almost any text is one. */
export function parseUrl(text: string): Url | undefined {
  const hash = text.indexOf('#')
  const url = parse(hash < 0 ? text : text.slice(0, hash), false)
  return hash < 0 || isEscaped(text.slice(hash)) ? url : undefined
}

/** Whether a client could request it: it has a scheme or starts with a slash, and a `#` is not special. */
export function isRequestUri(text: string): boolean {
  return parse(text, true) !== undefined
}

const control = /[\u0000-\u001f\u007f]/

function parse(text: string, requested: boolean): Url | undefined {
  if (control.test(text) || text.startsWith(':') || (text === '' && requested)) return undefined
  if (text === '*') return { scheme: '', port: '' }
  const written = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(text)?.[0]
  const scheme = written?.toLowerCase() ?? ''
  const [rest = ''] = text.slice(written === undefined ? 0 : written.length + 1).split('?', 1)
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, port: '' }
    return requested || rest.split('/', 1)[0]?.includes(':') ? undefined : pathOnly(scheme, rest)
  }
  if (!rest.startsWith('//') || (scheme === '' && (requested || rest.startsWith('///')))) return pathOnly(scheme, rest)
  const slash = rest.indexOf('/', 2)
  const port = portOf(scheme, rest.slice(2, slash < 0 ? undefined : slash))
  return port !== undefined && isEscaped(slash < 0 ? '' : rest.slice(slash)) ? { scheme, port } : undefined
}

function pathOnly(scheme: string, path: string): Url | undefined {
  return isEscaped(path) ? { scheme, port: '' } : undefined
}

/** The port of what stands between `//` and the path; undefined for what is no host. */
function portOf(scheme: string, authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  const user = authority.slice(0, Math.max(at, 0))
  const host = authority.slice(at + 1)
  if (!/^[-\w.:~!$&'()*+,;=%@]*$/.test(user) || !isEscaped(user)) return undefined
  if (host.startsWith('[')) return bracketed(host)
  if (host.includes('[')) return undefined
  // Elsewhere lists of hosts with ports are usual (`a:1,b:2`).
  const strict = scheme === 'http' || scheme === 'https'
  const colon = strict ? host.indexOf(':') : host.lastIndexOf(':')
  if (!isHost(host)) return undefined
  return colon < 0 ? '' : /^:(\d*)$/.exec(host.slice(colon))?.[1]
}

/** `[::1]:8080`: an IPv6 address, a zone behind `%25`. */
function bracketed(host: string): string | undefined {
  const close = host.lastIndexOf(']')
  const port = /^(?::(\d*))?$/.exec(host.slice(close + 1))
  const address = host.slice(1, Math.max(close, 1))
  if (close < 0 || !port || address.lastIndexOf('[') >= 0) return undefined
  const percent = address.indexOf('%25')
  const zone = percent < 0 ? '' : address.slice(percent)
  const bare = percent < 0 ? address : address.slice(0, percent)
  if (!isHost(bare) || !isZone(zone) || !bare.includes(':')) return undefined
  return isIpAddress(bare + zone.replace('%25', '%')) ? (port[1] ?? '') : undefined
}

const hostCharacters = `-\\w.~!$&'()*+,;=:\\[\\]<>"`
const host = new RegExp(`^(?:[${hostCharacters}]|[^\\u0000-\\u007f]|%25|%[89a-fA-F][0-9a-fA-F])*$`)
const zone = new RegExp(`^(?:[${hostCharacters}]|[^\\u0000-\\u007f]|%[0-9a-fA-F]{2})*$`)
const zoneEscape = new RegExp(`^[${hostCharacters} %]$`)

/** Only bytes beyond ASCII can be escaped in a host. */
function isHost(text: string): boolean {
  return host.test(text)
}

/** Only what could stand there as it is can be escaped in a zone. */
function isZone(text: string): boolean {
  const escaped = text.match(/%../g) ?? []
  return zone.test(text) && escaped.every(code => zoneEscape.test(String.fromCharCode(Number(`0x${code.slice(1)}`))))
}

function isEscaped(text: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(text)
}
