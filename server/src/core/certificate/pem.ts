// Cuts text into PEM blocks (RFC 7468) and keeps only certificates. Private keys and everything else are dropped here, before anything is stored.

export type PemBlock =
  | { readonly kind: 'certificate'; readonly line: number; readonly der: Uint8Array }
  /** Only that it is there; its content is never read. */
  | { readonly kind: 'private-key'; readonly line: number }
  /** `what` is one of our own words, never text of the file. */
  | { readonly kind: 'other'; readonly line: number; readonly what: string }
  | { readonly kind: 'broken'; readonly line: number; readonly why: 'unterminated' | 'base64' | 'empty' }

const boundary = /-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----/g

/** The blocks in order with the line (from 1) of their BEGIN. Text around the blocks is ignored, indentation and CR LF are allowed. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  const marks = [...text.matchAll(boundary)]
  let line = 1
  let counted = 0
  for (const [index, mark] of marks.entries()) {
    const label = mark[2] ?? ''
    if (mark[1] === 'END') continue
    line += lineBreaks(text, counted, mark.index)
    counted = mark.index
    const end = marks[index + 1]
    const terminated = end?.[1] === 'END' && end[2] === label
    blocks.push(block(label, line, terminated ? text.slice(mark.index + mark[0].length, end.index) : undefined))
  }
  return blocks
}

function block(label: string, line: number, body: string | undefined): PemBlock {
  if (label.includes('PRIVATE KEY')) return { kind: 'private-key', line }
  if (label !== 'CERTIFICATE' && label !== 'X509 CERTIFICATE')
    return { kind: 'other', line, what: otherKinds.get(label) ?? 'another kind of block' }
  if (body === undefined) return { kind: 'broken', line, why: 'unterminated' }
  const base64 = body.replace(/\s+/g, '')
  if (base64 === '') return { kind: 'broken', line, why: 'empty' }
  const der = fromBase64(base64)
  return der === undefined ? { kind: 'broken', line, why: 'base64' } : { kind: 'certificate', line, der }
}

const otherKinds: ReadonlyMap<string, string> = new Map([
  ['CERTIFICATE REQUEST', 'a certificate request'],
  ['NEW CERTIFICATE REQUEST', 'a certificate request'],
  ['X509 CRL', 'a revocation list'],
  ['PUBLIC KEY', 'a public key'],
  ['RSA PUBLIC KEY', 'a public key'],
  ['EC PARAMETERS', 'curve parameters'],
  ['DH PARAMETERS', 'key exchange parameters'],
  ['PKCS7', 'a PKCS#7 bundle'],
  ['TRUSTED CERTIFICATE', 'an OpenSSL "trusted certificate"'],
])

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Bytes of strict base64 (standard or URL alphabet, padding optional); undefined where it is not. */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) return undefined
  try {
    return Uint8Array.from(atob(standard), character => character.charCodeAt(0))
  } catch {
    // Wrong length or padding: the caller says so in its own words.
    return undefined
  }
}

export function toPem(der: Uint8Array): string {
  const base64 = btoa(Array.from(der, byte => String.fromCharCode(byte)).join(''))
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`
}
