// Parts of a certificate in words, the same in every place of the page. Plain text: not yet escaped.
import type { Certificate } from '../../../../server/src/protocol.ts'

export function subjectOf({ subject }: Certificate): string {
  return subject === '' ? '(subject empty)' : subject
}

/** What a certificate stands for: its SPIFFE id, else its first alternative name, else its subject. */
export function nameOf(certificate: Certificate): string {
  return certificate.identity ?? certificate.san[0]?.value ?? subjectOf(certificate)
}

/** `EC P-256`, `RSA 2048`; empty where only names and times are known. */
export function keyOf({ key }: Certificate): string {
  return [key.algorithm, key.curve ?? key.bits].filter(Boolean).join(' ')
}

const useWords: Readonly<Record<string, string>> = { serverAuth: 'server', clientAuth: 'client' }

/** `server + client`. */
export function usesOf({ extendedKeyUsage }: Certificate): string {
  return extendedKeyUsage.length === 0 ? 'any use' : extendedKeyUsage.map(use => useWords[use] ?? use).join(' + ')
}

/** Hexadecimal as people compare it: `3f:a2:…`. */
export function colons(hex: string): string {
  return hex.match(/.{1,2}/g)?.join(':') ?? ''
}
