// PKCS#7 bundles (`.p7b`, `.p7c`, PEM "PKCS7"): the certificates in them, without the rest. Source: RFC 2315 §9, RFC 5652 §5.
// Not by X509Certificates of @peculiar/x509: it writes each certificate anew, and the fingerprint is that of the bytes as they were signed.
import { type AsnType, Constructed, ObjectIdentifier, Sequence } from 'asn1js'
import { values } from './asn1.ts'

const signedData = '1.2.840.113549.1.7.2'

/** DER of each certificate; undefined where the bytes are no such bundle. Never throws. */
export function certificatesInPkcs7(der: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    const [type, content] = inside(values(der, 'bundle'))
    if (!(type instanceof ObjectIdentifier) || type.getValue() !== signedData) return undefined
    const [held] = inside(content)
    if (!(held instanceof Sequence)) return undefined
    const certificates = inside(held).find(({ idBlock }) => idBlock.tagClass === contextSpecific && idBlock.tagNumber === 0)
    // Attribute certificates and other kinds have tags of their own.
    return inside(certificates).flatMap(each => (each instanceof Sequence ? [each.valueBeforeDecodeView] : []))
  } catch {
    // It speaks of ASN.1; the caller has better words.
    return undefined
  }
}

const contextSpecific = 3

function inside(value: AsnType | undefined): readonly AsnType[] {
  return value instanceof Constructed ? value.valueBlock.value : []
}
