// Who issued the certificates of a mesh: roots, what they signed, and what ends there. Plain data in, plain data out.
import { certificatesOnPath } from './path.ts'
import type { Certificate, CertificateEntry, CertificateReport } from './report.ts'

/** One proxy that was read. */
export interface Member {
  readonly id: string
  readonly namespace: string
  readonly report: CertificateReport
}

/** The roots that a namespace is given in its ConfigMap `istio-ca-root-cert`. */
export interface DistributedRoots {
  readonly namespace: string
  readonly roots: readonly Certificate[]
}

/** A CA certificate with the CAs and the members right below it, by name. */
export interface Authority {
  readonly certificate: Certificate
  readonly below: readonly Authority[]
  readonly members: readonly Member[]
}

export interface Authorities {
  /** Each different root by its fingerprint, those too that are only distributed; by name, of one name the one that lasts longest first. */
  readonly roots: readonly Authority[]
  /** Members whose chain ends before a root: the issuer is neither sent nor trusted. */
  readonly incomplete: readonly Member[]
}

interface Growing {
  readonly certificate: Certificate
  readonly below: Map<string, Growing>
  readonly members: Member[]
}

export function authoritiesOf(members: readonly Member[], distributed: readonly DistributedRoots[]): Authorities {
  const roots = new Map<string, Growing>()
  const incomplete: Member[] = []
  for (const member of members) {
    const path = pathOf(member.report)
    if (path === undefined) continue
    const [, ...issuers] = path.certificates
    if (path.end === 'incomplete' || issuers.length === 0) {
      incomplete.push(member)
      continue
    }
    let level = roots
    let last: Growing | undefined
    for (const certificate of issuers.toReversed()) {
      last = grown(level, certificate)
      level = last.below
    }
    last?.members.push(member)
  }
  for (const root of distributed.flatMap(each => each.roots)) grown(roots, root)
  return { roots: finished(roots), incomplete }
}

/** Every member whose chain leads through the authority. */
export function membersBelow(authority: Authority): readonly Member[] {
  return [...authority.members, ...authority.below.flatMap(membersBelow)]
}

/** The authority and those below it, roots first. */
export function withBelow(authority: Authority): readonly Authority[] {
  return [authority, ...authority.below.flatMap(withBelow)]
}

/** The way of a report's workload certificate, leaf first; undefined where the report has none that could be judged. */
export function pathOf(
  report: CertificateReport,
):
  | { readonly end: NonNullable<CertificateEntry['path']>['end']; readonly certificates: readonly [Certificate, ...Certificate[]] }
  | undefined {
  const entry = workloadEntry(report)
  if (entry?.path === undefined) return undefined
  const [leaf, ...issuers] = certificatesOnPath(report, entry)
  return leaf === undefined ? undefined : { end: entry.path.end, certificates: [leaf, ...issuers] }
}

/** Whom a proxy trusts for its own trust domain; undefined where it does not tell. */
export function trustedRoots(report: CertificateReport): readonly Certificate[] | undefined {
  const trustDomain = /^spiffe:\/\/([^/]+)/.exec(workloadEntry(report)?.chain[0]?.identity ?? '')?.[1]
  const roots = report.entries
    .filter(({ role, trustDomain: of }) => role === 'root' && (of === undefined || of === trustDomain))
    .flatMap(({ chain }) => chain)
    .filter(({ partial }) => !partial)
  return roots.length === 0 ? undefined : roots
}

/** The entry of the workload certificate that is held. */
export function workloadEntry(report: CertificateReport): CertificateEntry | undefined {
  return report.entries.find(({ role, chain }) => role === 'workload' && chain.length > 0)
}

function grown(level: Map<string, Growing>, certificate: Certificate): Growing {
  const known = level.get(certificate.sha256)
  if (known) return known
  const made = { certificate, below: new Map<string, Growing>(), members: [] }
  level.set(certificate.sha256, made)
  return made
}

/** An order that does not change while more is read. */
function finished(level: ReadonlyMap<string, Growing>): readonly Authority[] {
  return [...level.values()]
    .map(({ certificate, below, members }) => ({ certificate, below: finished(below), members }))
    .toSorted(
      ({ certificate: a }, { certificate: b }) =>
        a.subject.localeCompare(b.subject) || b.notAfter.localeCompare(a.notAfter) || a.sha256.localeCompare(b.sha256),
    )
}
