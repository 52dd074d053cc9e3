// Cipher suites of TLS 1.2 and below. Source: istio/istio:pkg/config/security/security.go (ValidCipherSuites, IsValidCipherSuite).

/** The suites that Envoy's TLS library knows, strongest first. */
export const cipherSuites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-SHA',
  'AES128-SHA',
  'DES-CBC3-SHA',
] as const

const known: ReadonlySet<string> = new Set(cipherSuites)

/** Istio drops every other entry. What starts with a sign, such as `[A|B]`, is an expression that it passes on unread. */
export function isCipherSuite(text: string): boolean {
  return text === '' || text === 'ALL' || known.has(text) || !startsWithLetterOrNumber(text)
}

/** A name of the IANA registry, such as `TLS_AES_128_GCM_SHA256`: no placeholder, though it looks like one. */
export function isIanaName(text: string): boolean {
  return /^TLS_(?:[A-Z0-9]+_)+(?:SHA\d*|CCM|8|NULL)$/.test(text)
}

/** What OpenSSL calls a suite of the registry. */
export function openSslName(iana: string): string | undefined {
  if (!iana.includes('_WITH_')) return undefined
  const name = iana
    .replace(/^TLS_(?:RSA_WITH_)?/, '')
    .replace('_WITH_', '_')
    .replace('3DES_EDE_CBC', 'DES_CBC3')
    .replace(/AES_(128|256)(?:_CBC)?/, 'AES$1')
    .replace('POLY1305_SHA256', 'POLY1305')
    .replaceAll('_', '-')
  return cipherSuites.find(each => each === name)
}

/** Go looks at the first byte as if it were a character. */
function startsWithLetterOrNumber(text: string): boolean {
  const [first = 0] = new TextEncoder().encode(text)
  return /^[\p{L}\p{N}]/u.test(String.fromCharCode(first))
}
