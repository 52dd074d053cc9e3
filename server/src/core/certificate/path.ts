// Finds the certificates that a judged path names. Plain data in, plain data out: pages and trees may use it freely.
import type { Certificate, CertificateEntry, CertificateReport } from './report.ts'

/** The certificate that the entry is about: where its path starts, else its first. */
export function leafOf(entry: CertificateEntry): Certificate | undefined {
  return entry.chain.find(({ sha256 }) => sha256 === entry.path?.certificates[0]) ?? entry.chain[0]
}

/** From the leaf to the root; the root may come from another entry of the report, the trusted roots. */
export function certificatesOnPath(report: CertificateReport, entry: CertificateEntry): readonly Certificate[] {
  const all = [...entry.chain, ...report.entries.flatMap(({ chain }) => chain)]
  return (entry.path?.certificates ?? []).flatMap(fingerprint => all.find(({ sha256 }) => sha256 === fingerprint) ?? [])
}

/** What the chain carries beside its path: certificates sent again, and those that have nothing to do with the leaf. */
export function beyondPath(entry: CertificateEntry): {
  readonly repeated: readonly Certificate[]
  readonly unrelated: readonly Certificate[]
} {
  const onPath = new Set(entry.path?.certificates)
  const repeated = entry.chain.filter(({ sha256 }, at) => entry.chain.findIndex(other => other.sha256 === sha256) < at)
  return { repeated, unrelated: entry.chain.filter(certificate => !onPath.has(certificate.sha256) && !repeated.includes(certificate)) }
}

/** Whether TLS libraries take it for a CA (boringssl: crypto/x509/v3_purp.cc, check_ca): it says so, or it is a root of version 1, which cannot say so. */
export function isAuthority({ ca, version1, selfSigned }: Certificate): boolean {
  return ca || (version1 === true && selfSigned)
}
