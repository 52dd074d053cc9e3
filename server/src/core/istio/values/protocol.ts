// Protocols of ports as Istio reads them. Source: istio/istio:pkg/config/protocol/instance.go.

/** As Istio writes them; case does not matter. */
export const protocols = [
  'HTTP',
  'HTTPS',
  'HTTP2',
  'GRPC',
  'GRPC-WEB',
  'HTTP_PROXY',
  'TLS',
  'TCP',
  'UDP',
  'MONGO',
  'REDIS',
  'MYSQL',
] as const

export type Protocol = (typeof protocols)[number]

/** `unsupported` is what Istio makes of every other word and of nothing. */
export function parseProtocol(text: string): Protocol | 'unsupported' {
  const upper = text.toUpperCase()
  return protocols.find(each => each === upper) ?? 'unsupported'
}

/** Whether a word that Istio does not know is one that somebody meant as a protocol, `TCP_TLS`, and no placeholder. */
export function isMadeOfProtocols(text: string): boolean {
  return text.split('_').every(part => parseProtocol(part) !== 'unsupported')
}

const http: ReadonlySet<string> = new Set<Protocol>(['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC-WEB'])

/** Plain HTTP in one of its forms; HTTPS is not among them (IsHTTP). */
export function isPlainHttp(protocol: Protocol | 'unsupported'): boolean {
  return http.has(protocol)
}

/** Needs TLS settings (IsTLS). */
export function isTls(protocol: Protocol | 'unsupported'): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS'
}

const tcp: ReadonlySet<string> = new Set<Protocol>(['TCP', 'HTTPS', 'TLS', 'MONGO', 'REDIS', 'MYSQL'])

/** Bytes over TCP, encrypted ones included (IsTCP). */
export function isTcp(protocol: Protocol | 'unsupported'): boolean {
  return tcp.has(protocol)
}
