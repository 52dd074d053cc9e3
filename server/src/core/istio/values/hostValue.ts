// Values of `hosts`, which are compared with the Host header. Source: istio/istio:pilot/pkg/security/authz/matcher/header.go (HostMatcher).

import { own } from '../own.ts'
import { hasLiteralStar } from './wildcard.ts'

const url = /^(?:([a-z][a-z0-9+.-]*|\*):\/\/)?([^/@?#]+?)(\/?\*?)$/i
const usualPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** A host has no slash: this is a URL, or has a path. */
export function isMoreThanHost(text: string): boolean {
  return text.includes('/')
}

/** The host in it; undefined where a path says more. */
export function hostIn(text: string): string | undefined {
  const [, scheme = '', host = '', rest] = url.exec(text) ?? []
  const port = own(usualPorts, scheme.toLowerCase())
  const usual = port !== undefined && host.endsWith(`:${port}`) ? host.slice(0, -port.length - 1) : host
  const found = rest === '*' ? `${usual}*` : usual
  return /[\w\]]/.test(found) && !hasLiteralStar(found) ? found : undefined
}
