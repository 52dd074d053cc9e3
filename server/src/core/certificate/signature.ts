// Signatures of certificates. Apart from decode.ts, whose decoder is loaded only where something has to be decoded.
import { X509Certificate } from 'node:crypto'
import type { Certificate } from './report.ts'

/** Whether `issuer` signed `certificate`, by the signature alone. False where either cannot be used for that. */
export function signedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.pem === undefined || issuer.pem === undefined) return false
  try {
    return new X509Certificate(certificate.pem).verify(new X509Certificate(issuer.pem).publicKey)
  } catch {
    // A key or signature of a kind that this runtime does not know proves nothing.
    return false
  }
}
