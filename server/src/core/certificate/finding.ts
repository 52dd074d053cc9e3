// What the judges of certificates share: the shape of a finding and the name of a certificate in a sentence.
import { harmless } from './harmless.ts'
import type { Certificate, CertificateProblem } from './report.ts'

/** A problem before it is known of which entry. */
export type Finding = Omit<CertificateProblem, 'entry'>

/** What people call a certificate: its identity, else its subject, else its serial number. */
export function nameOf(certificate: Certificate): string {
  return `"${harmless(certificate.identity ?? (certificate.subject || `serial ${certificate.serial}`))}"`
}
