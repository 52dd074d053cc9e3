// The little that must be known of DER before a decoder sees it: how long a value is, and whether it is a certificate at all.

export type DerShape =
  | { readonly kind: 'certificate'; readonly length: number; readonly trailing: boolean }
  | { readonly kind: 'truncated'; readonly expected: number; readonly actual: number }
  /** PKCS#1, PKCS#8, SEC 1 keys and PKCS#12 stores all start with a version number, which a certificate does not. */
  | { readonly kind: 'private-key' }
  /** Says of which type its content is, as PKCS#7 does. */
  | { readonly kind: 'pkcs7' }
  | { readonly kind: 'other' }

const sequence = 0x30
const integer = 0x02
const objectIdentifier = 0x06

/** What the first value of these bytes claims to be, by its first two tags only. */
export function derShape(bytes: Uint8Array): DerShape {
  const outer = header(bytes, 0)
  if (outer === undefined || outer.tag !== sequence) return { kind: 'other' }
  const length = outer.start + outer.length
  const inner = header(bytes, outer.start)
  if (inner?.tag === integer) return { kind: 'private-key' }
  if (inner?.tag === objectIdentifier)
    return length > bytes.length ? { kind: 'truncated', expected: length, actual: bytes.length } : { kind: 'pkcs7' }
  if (inner?.tag !== sequence) return { kind: 'other' }
  if (length > bytes.length) return { kind: 'truncated', expected: length, actual: bytes.length }
  return { kind: 'certificate', length, trailing: length < bytes.length }
}

function header(bytes: Uint8Array, at: number): { tag: number; start: number; length: number } | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, start: at + 2, length: first }
  const octets = first - 0x80
  // Four octets reach 4 GB; zero would be the indefinite form, which DER forbids.
  if (octets === 0 || octets > 4) return undefined
  const length = bytes.slice(at + 2, at + 2 + octets).reduce((sum, byte) => sum * 256 + byte, 0)
  return { tag, start: at + 2 + octets, length }
}
