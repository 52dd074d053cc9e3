// The headers that make a request somebody else's. client-go, transport/round_trippers.go.
import type { OutgoingHttpHeaders } from 'node:http'
import type { Impersonation } from './kubeconfig.ts'

export function impersonationHeaders(impersonation: Impersonation | undefined): OutgoingHttpHeaders {
  if (!impersonation?.user) return {}
  const { user, uid, groups, extra } = impersonation
  return {
    'Impersonate-User': user,
    ...(uid ? { 'Impersonate-Uid': uid } : {}),
    ...(groups.length > 0 ? { 'Impersonate-Group': [...groups] } : {}),
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${escaped(key)}`, [...values]])),
  }
}

/** Percent-encodes what no header name may hold, and the percent sign. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map(byte => (isToken(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`))
    .join('')
}

function isToken(byte: number): boolean {
  return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) && byte < 128
}
