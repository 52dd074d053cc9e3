// Cuts text into PEM blocks (RFC 7468) and keeps only certificates. Private keys and everything else are dropped here, before anything is stored.

import { maxBlocks, maxBundleBytes } from './limits.ts'

export type PemBlock =
  | { readonly kind: 'certificate' | 'pkcs7' | 'crl'; readonly line: number; readonly der: Uint8Array }
  /** Only that it is there; its content is never read. */
  | { readonly kind: 'private-key'; readonly line: number }
  /** `what` is one of our own words, never text of the file. */
  | { readonly kind: 'other'; readonly line: number; readonly what: string }
  | { readonly kind: 'broken'; readonly line: number; readonly why: 'unterminated' | 'base64' | 'empty' | 'too-large' }
  /** What stands behind `maxBlocks` blocks. */
  | { readonly kind: 'rest'; readonly line: number }

const boundary = /-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----/g

/** The blocks in order with the line (from 1) of their BEGIN. Text around the blocks is ignored, indentation and CR LF are allowed. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let line = 1
  let counted = 0
  let open: RegExpExecArray | undefined
  const close = (end?: RegExpExecArray) => {
    if (!open) return
    const label = open[2] ?? ''
    line += lineBreaks(text, counted, open.index)
    counted = open.index
    const terminated = end?.[1] === 'END' && end[2] === label
    blocks.push(block(label, line, terminated ? text.slice(open.index + open[0].length, end.index) : undefined))
  }
  for (const mark of text.matchAll(boundary)) {
    close(mark)
    open = mark[1] === 'BEGIN' ? mark : undefined
    if (blocks.length >= maxBlocks) return [...blocks, { kind: 'rest', line: line + lineBreaks(text, counted, mark.index) }]
  }
  close()
  return blocks
}

function block(label: string, line: number, body: string | undefined): PemBlock {
  if (label.includes('PRIVATE KEY')) return { kind: 'private-key', line }
  const kind = read.get(label)
  if (kind === undefined) return { kind: 'other', line, what: otherKinds.get(label) ?? 'another kind of block' }
  if (body === undefined) return { kind: 'broken', line, why: 'unterminated' }
  if (body.length > maxBlockLength) return { kind: 'broken', line, why: 'too-large' }
  const base64 = body.replace(/\s+/g, '')
  if (base64 === '') return { kind: 'broken', line, why: 'empty' }
  const der = fromBase64(base64)
  return der === undefined ? { kind: 'broken', line, why: 'base64' } : { kind, line, der }
}

/** Base64 of the largest that is read, with its line breaks and indentation. */
const maxBlockLength = maxBundleBytes * 2

const read: ReadonlyMap<string, 'certificate' | 'pkcs7' | 'crl'> = new Map([
  ['CERTIFICATE', 'certificate'],
  // A certificate with what OpenSSL trusts it for behind it.
  ['TRUSTED CERTIFICATE', 'certificate'],
  ['X509 CERTIFICATE', 'certificate'],
  ['PKCS7', 'pkcs7'],
  ['CMS', 'pkcs7'],
  ['X509 CRL', 'crl'],
])

const otherKinds: ReadonlyMap<string, string> = new Map([
  ['CERTIFICATE REQUEST', 'a certificate request'],
  ['NEW CERTIFICATE REQUEST', 'a certificate request'],
  ['PUBLIC KEY', 'a public key'],
  ['RSA PUBLIC KEY', 'a public key'],
  ['EC PARAMETERS', 'curve parameters'],
  ['DH PARAMETERS', 'key exchange parameters'],
])

function lineBreaks(text: string, from: number, to: number): number {
  // Cut first: a search would run on to the end of a text without line breaks.
  const part = text.slice(from, to)
  let count = 0
  for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) count++
  return count
}

/** Bytes of strict base64 (standard or URL alphabet, padding optional); undefined where it is not. */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) return undefined
  const digits = standard.replace(/=+$/, '').length
  // One digit alone is no byte, and padding, where there is any, fills up to four.
  if (digits % 4 === 1 || (digits !== standard.length && standard.length % 4 !== 0)) return undefined
  return Buffer.from(standard, 'base64')
}

export function toPem(der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`
}
