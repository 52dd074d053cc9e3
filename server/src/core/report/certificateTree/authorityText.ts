// A CA certificate as a read-only text: what it says, then itself as PEM. It is public: whoever connects to a proxy is sent it.
import type { DistributedRoots } from '../../certificate/authorities.ts'
import { givenTo } from '../../certificate/authorityProblems.ts'
import { harmless } from '../../certificate/harmless.ts'
import { lifetimeState, timeLeft } from '../../certificate/lifetime.ts'
import type { Certificate, CertificateReport } from '../../certificate/report.ts'
import { certificateName, keyInWords } from '../certificate.ts'

/** Undefined where no report has a CA certificate of this fingerprint. `now` is RFC 3339. */
export function authorityText(
  sha256: string,
  reports: Iterable<CertificateReport>,
  distributed: readonly DistributedRoots[],
  now: string,
): string | undefined {
  const certificate = find(sha256, reports, distributed)
  if (certificate === undefined) return undefined
  const given = givenTo(certificate, distributed)
  const rows: readonly (readonly [string, string])[] = [
    ['Subject', certificateName(certificate)],
    ['Issuer', certificate.selfSigned ? 'itself: a root' : harmless(certificate.issuer)],
    ['Key', keyInWords(certificate)],
    ['Validity', `${certificate.notBefore} to ${certificate.notAfter} (${timeWords(certificate, now)})`],
    ['Path length', certificate.pathLength === null ? 'no limit' : `${certificate.pathLength}`],
    ['Key usage', certificate.keyUsage.join(', ')],
    ['Serial', certificate.serial],
    ['SHA-256', certificate.sha256],
    [
      'Key ids',
      [certificate.ski && `subject ${certificate.ski}`, certificate.aki && `authority ${certificate.aki}`].filter(Boolean).join(', '),
    ],
    ['Given to', given.length === 0 ? '' : `${given.join(', ')} (ConfigMap "istio-ca-root-cert")`],
  ]
  const lines = rows.flatMap(([label, value]) => (value === '' ? [] : [`${label.padEnd(13)}${value}`]))
  return `${lines.join('\n')}\n\n${certificate.pem ?? ''}`
}

function timeWords(certificate: Certificate, now: string): string {
  return lifetimeState(certificate, now) === 'not-yet-valid' ? 'not yet valid' : timeLeft(certificate.notAfter, now)
}

function find(sha256: string, reports: Iterable<CertificateReport>, distributed: readonly DistributedRoots[]): Certificate | undefined {
  const root = distributed.flatMap(({ roots }) => roots).find(each => each.sha256 === sha256)
  if (root) return root
  for (const { entries } of reports) {
    const found = entries.flatMap(({ chain }) => chain).find(each => each.sha256 === sha256 && each.ca)
    if (found) return found
  }
  return undefined
}
