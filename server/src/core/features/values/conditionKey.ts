// The attributes that `when` can test. Source: istio/istio:pkg/config/security/security.go (ValidateAttribute).
import type { OfferedValue } from './value.ts'

const keys: readonly (readonly [key: string, text: string])[] = [
  ['request.headers[]', 'a header; HTTP only'],
  ['source.ip', 'address of the direct peer'],
  ['remote.ip', 'address of the original client'],
  ['source.namespace', 'namespace of the caller; needs mutual TLS'],
  ['source.principal', 'identity of the caller; needs mutual TLS'],
  ['source.serviceAccount', 'service account of the caller; needs mutual TLS'],
  ['request.auth.principal', 'issuer/subject of the token; HTTP only'],
  ['request.auth.audiences', 'audiences of the token; HTTP only'],
  ['request.auth.presenter', 'authorized presenter of the token; HTTP only'],
  ['request.auth.claims[]', 'a claim of the token, nested as [a][b]; HTTP only'],
  ['destination.ip', 'address the connection was accepted on'],
  ['destination.port', 'port of the workload'],
  ['connection.sni', 'server name of the TLS handshake, lower case'],
]

export const conditionKeys: readonly OfferedValue[] = keys.map(([value, detail], rank) => ({ value, detail, rank }))
