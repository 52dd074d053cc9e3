// A certificate report as text: what the command line prints and the text twin of the page. No colour, no width; names of strangers are made harmless.
import { harmless } from '../certificate/harmless.ts'
import { duration, exactDuration, lifetimeState, renewalAt, timeLeft } from '../certificate/lifetime.ts'
import { beyondPath, certificatesOnPath, leafOf } from '../certificate/path.ts'
import type { Certificate, CertificateEntry, CertificatePath, CertificateProblem, CertificateReport } from '../certificate/report.ts'
import { never } from '../istio/values/principal.ts'

/** The whole report; every duration counts from `now` (RFC 3339). Ends with a line break. */
export function certificateText(report: CertificateReport, now: string): string {
  const entries = [...report.entries].sort((one, other) => order.indexOf(one.role) - order.indexOf(other.role))
  const sections = entries.map(entry => entryLines(report, entry, now))
  return `${[...sections, problemLines(report.problems)].map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** `valid · 11 h left · renews in 5 h 12 min` */
export function validityInWords(report: CertificateReport, certificate: Certificate, now: string): string {
  const state = lifetimeState(certificate, now)
  switch (state) {
    case 'expired':
      return timeLeft(certificate.notAfter, now)
    case 'not-yet-valid':
      return `valid only in ${exactDuration(Date.parse(certificate.notBefore) - Date.parse(now))}`
    case 'valid':
      return ['valid', timeLeft(certificate.notAfter, now), ...renewal(report, certificate, now)].join(' · ')
    default:
      return never(state)
  }
}

/** `EC P-256`, `RSA 2048`; empty where the source does not tell. */
export function keyInWords({ key }: Certificate): string {
  return [key.algorithm, key.curve ?? key.bits].filter(part => part !== undefined && part !== '').join(' ')
}

/** `CN=Root CA,O=Istio`, or for an empty subject the identity, the first name or the serial number. */
export function certificateName(certificate: Certificate): string {
  return harmless(certificate.subject || (certificate.identity ?? certificate.san[0]?.value ?? `serial ${certificate.serial}`))
}

const order: readonly CertificateEntry['role'][] = ['workload', 'root', 'gateway', 'other']

/** Only proxies renew their workload certificates by themselves. */
function renewal(report: CertificateReport, certificate: Certificate, now: string): readonly string[] {
  if (isFile(report) || certificate.identity === undefined) return []
  const wait = Date.parse(renewalAt(certificate)) - Date.parse(now)
  return [wait > 0 ? `renews in ${exactDuration(wait)}` : `renewal due since ${duration(-wait)}`]
}

function entryLines(report: CertificateReport, entry: CertificateEntry, now: string): readonly string[] {
  const leaf = leafOf(entry)
  const body =
    leaf === undefined
      ? absent(entry)
      : isBundle(entry)
        ? entry.chain.flatMap(each => listed(each, now))
        : described(report, entry, leaf, now)
  return [heading(report, entry), ...body.map(line => `  ${line}`.trimEnd())]
}

/** Certificates side by side rather than one and its issuers. Where only facts are known no path can be judged, though it is one certificate. */
function isBundle(entry: CertificateEntry): boolean {
  return entry.path === undefined && (entry.role === 'root' || entry.chain.some(({ partial }) => !partial))
}

function heading(report: CertificateReport, entry: CertificateEntry): string {
  const of = entry.trustDomain === undefined ? [] : [`trust domain ${harmless(entry.trustDomain)}`]
  const since = entry.lastUpdated === undefined ? entry.state : `${entry.state} since ${harmless(entry.lastUpdated)}`
  const state = isFile(report) ? [] : [since]
  return [harmless(entry.name), kindInWords(report, entry), ...of, ...state].join(' · ')
}

function kindInWords(report: CertificateReport, entry: CertificateEntry): string {
  if (!isBundle(entry) || (entry.role === 'root' && !isFile(report))) return roles[entry.role]
  return entry.chain.every(({ ca }) => ca) ? 'CA certificates' : 'certificates'
}

function isFile({ source }: CertificateReport): boolean {
  return source === 'pem' || source === 'der'
}

const roles: { readonly [role in CertificateEntry['role']]: string } = {
  workload: 'workload certificate',
  root: 'trusted roots',
  gateway: 'gateway certificate',
  other: 'certificate',
}

function absent(entry: CertificateEntry): readonly string[] {
  if (entry.file !== undefined) return [`read by the proxy from ${harmless(entry.file)}`]
  return [entry.reason === undefined ? 'no certificate' : `no certificate: ${harmless(entry.reason)}`]
}

function described(report: CertificateReport, entry: CertificateEntry, leaf: Certificate, now: string): readonly string[] {
  const names = leaf.san.filter(({ value }) => value !== leaf.identity).map(({ type, value }) => `${type} ${harmless(value)}`)
  const path = certificatesOnPath(report, entry)
  const { repeated, unrelated } = beyondPath(entry)
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Identity', [leaf.identity === undefined ? '(none)' : harmless(leaf.identity)]],
    ['Validity', [validityInWords(report, leaf, now), `${leaf.notBefore} to ${leaf.notAfter}`]],
    ...(leaf.partial ? [] : certificateRows(leaf)),
    ['Names', names],
    ['Serial', [leaf.serial]],
    ['SHA-256', filled(leaf.sha256)],
    ['SHA-1', filled(leaf.sha1)],
    ['Key ids', [...(leaf.ski === undefined ? [] : [`subject ${leaf.ski}`]), ...(leaf.aki === undefined ? [] : [`authority ${leaf.aki}`])]],
    [
      'Chain',
      entry.path === undefined ? [] : [outcome(entry.path.end, path.at(-1)), ...path.map((certificate, at) => step(certificate, at, now))],
    ],
    [
      'Also sent',
      leaf.partial
        ? []
        : [
            ...repeated.map(certificate => `${certificateName(certificate)} again`),
            ...unrelated.map(certificate => `${certificateName(certificate)}, not on the path`),
          ],
    ],
  ]
  return rows.flatMap(([label, lines]) => lines.map((line, at) => `${(at === 0 ? label : '').padEnd(11)}${line}`))
}

function certificateRows(certificate: Certificate): readonly (readonly [string, readonly string[]])[] {
  return [
    ['Subject', [harmless(certificate.subject) || '(empty)']],
    ['Issuer', [harmless(certificate.issuer) || '(empty)']],
    ['Key', [keyInWords(certificate)]],
    ['Signature', [certificate.signature]],
    [
      'Usage',
      [
        [certificate.keyUsage.join(', '), certificate.extendedKeyUsage.join(', ')].filter(part => part !== '').join('; ') ||
          '(not limited)',
      ],
    ],
  ]
}

function outcome(end: CertificatePath['end'], last: Certificate | undefined): string {
  switch (end) {
    case 'trusted':
      return 'verifies up to a root that the proxy trusts'
    case 'self-signed':
      return 'verifies up to the root that stands beside it'
    case 'untrusted':
      return 'ends at a root that the proxy does not trust'
    case 'incomplete':
      return `goes on to an issuer that is not here: ${harmless(last?.issuer ?? '')}`
    default:
      return never(end)
  }
}

function step(certificate: Certificate, at: number, now: string): string {
  return at === 0 ? '1  this certificate' : `${at + 1}  ${authority(certificate, now)}`
}

function authority(certificate: Certificate, now: string): string {
  const kind = certificate.selfSigned ? 'root' : certificate.ca ? 'intermediate' : 'no CA'
  const pathLength = certificate.pathLength === null ? [] : [`path length ${certificate.pathLength}`]
  return [certificateName(certificate), kind, keyInWords(certificate), timeLeft(certificate.notAfter, now), ...pathLength].join(' · ')
}

function listed(certificate: Certificate, now: string): readonly string[] {
  const facts = [
    certificateName(certificate),
    keyInWords(certificate),
    timeLeft(certificate.notAfter, now),
    `until ${certificate.notAfter}`,
  ]
  const fingerprint = certificate.partial ? `serial ${certificate.serial}` : `SHA-256 ${certificate.sha256}`
  return [facts.filter(fact => fact !== '').join(' · '), `  ${fingerprint}`]
}

function filled(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [value]
}

function problemLines(problems: readonly CertificateProblem[]): readonly string[] {
  if (problems.length === 0) return ['No problems.']
  const sorted = [...problems].sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
  return sorted.map(({ severity, entry, id, message }) => `${severity.padEnd(8)} ${harmless(entry)}: ${message} [${id}]`)
}

const severities: readonly CertificateProblem['severity'][] = ['error', 'warning', 'info']
