// What is wrong with a CA of the mesh, as sentences: its time, and whether everybody who meets its certificates trusts it.
import { type Authority, type DistributedRoots, type Member, membersBelow, pathOf, trustedRoots } from './authorities.ts'
import { type Finding, nameOf } from './finding.ts'
import { harmless } from './harmless.ts'
import { lifetimeState, timeLeft } from './lifetime.ts'
import type { Certificate } from './report.ts'

const day = 24 * 3_600_000
const soonMs = 30 * day
const laterMs = 90 * day

export interface AuthorityCircumstances {
  /** RFC 3339. */
  readonly now: string
  /** Every proxy that was read, of all authorities. */
  readonly members: readonly Member[]
  readonly distributed: readonly DistributedRoots[]
  /** Of the mesh, where it is known. */
  readonly trustDomain?: string | undefined
}

export function authorityProblems(authority: Authority, circumstances: AuthorityCircumstances): readonly Finding[] {
  const { certificate } = authority
  const findings = certificate.selfSigned
    ? [...rootTime(authority, circumstances), ...untrusting(authority, circumstances), ...undistributed(authority, circumstances)]
    : [...intermediateTime(authority, circumstances.now)]
  return findings
}

/** istiod's own root names the trust domain and nothing else, and signs workloads itself (security/pkg/pki/ca/ca.go, NewSelfSignedIstioCAOptions). */
export function isIstiodsOwn({ certificate, below }: Authority, trustDomain: string | undefined): boolean {
  return trustDomain !== undefined && certificate.subject === `O=${trustDomain}` && below.length === 0
}

/** SPIRE names itself in the subject of what it issues; a mesh whose certificates do not is not told apart. */
export function isSpires(authority: Authority): boolean {
  const members = membersBelow(authority)
  return members.length > 0 && members.every(({ report }) => hasPart(pathOf(report)?.certificates[0].subject, 'O=SPIRE'))
}

/** Namespaces that are given this root. */
export function givenTo(root: Certificate, distributed: readonly DistributedRoots[]): readonly string[] {
  return distributed.filter(({ roots }) => roots.some(({ sha256 }) => sha256 === root.sha256)).map(({ namespace }) => namespace)
}

function* rootTime(
  { certificate, below, members }: Authority,
  { now, trustDomain, distributed }: AuthorityCircumstances,
): Generator<Finding> {
  const left = Date.parse(certificate.notAfter) - Date.parse(now)
  const state = lifetimeState(certificate, now)
  // What is left of a rotation harms nobody.
  if (membersBelow({ certificate, below, members }).length === 0 && isSucceeded(certificate, distributed)) return
  const root = `The root ${nameOf(certificate)}`
  if (state === 'expired') {
    yield {
      severity: 'error',
      id: 'root-expired',
      message: `${root} ${timeLeft(certificate.notAfter, now)} (${certificate.notAfter}), so every handshake with its certificates fails. Distribute a new root, then restart the workloads.`,
    }
    return
  }
  if (state === 'not-yet-valid') {
    yield {
      severity: 'error',
      id: 'root-not-yet-valid',
      message: `${root} is valid only from ${certificate.notBefore} on, so handshakes with its certificates fail until then. Compare the clocks of the nodes and of the CA.`,
    }
    return
  }
  if (left >= laterMs) return
  const way = wayOut({ certificate, below, members }, { distributed, trustDomain })
  yield {
    severity: left < soonMs ? 'error' : 'warning',
    id: 'root-expires-soon',
    message: `${root} expires at ${certificate.notAfter} (${timeLeft(certificate.notAfter, now)}); every handshake with its certificates fails then. ${way}`,
  }
}

function wayOut(authority: Authority, { distributed, trustDomain }: Pick<AuthorityCircumstances, 'distributed' | 'trustDomain'>): string {
  if (isSucceeded(authority.certificate, distributed)) {
    const workloads = membersBelow(authority).length
    const those = workloads === 1 ? 'the workload that still chains' : `the ${workloads} workloads that still chain`
    return `Another root is distributed already: restart ${those} to this one.`
  }
  if (isIstiodsOwn(authority, trustDomain)) return 'istiod renews a root of its own long before that; look in its log why it has not.'
  return 'Distribute the new root beside the old one first, then issue from it, then remove the old one.'
}

/** Namespaces are given another root that lasts longer. */
function isSucceeded(root: Certificate, distributed: readonly DistributedRoots[]): boolean {
  const outlives = ({ notAfter }: Certificate) => Date.parse(notAfter) - Date.parse(root.notAfter) >= laterMs
  return distributed.some(({ roots }) => roots.some(outlives))
}

function* intermediateTime(authority: Authority, now: string): Generator<Finding> {
  const { certificate } = authority
  const ca = `The intermediate CA ${nameOf(certificate)}`
  const state = lifetimeState(certificate, now)
  if (state === 'expired') {
    yield {
      severity: 'error',
      id: 'intermediate-expired',
      message: `${ca} ${timeLeft(certificate.notAfter, now)} (${certificate.notAfter}), so every handshake with what it issued fails. Give istiod a new signing certificate, then restart the workloads.`,
    }
    return
  }
  if (state !== 'valid') return
  const left = Date.parse(certificate.notAfter) - Date.parse(now)
  const longest = Math.max(0, ...membersBelow(authority).map(leafLife))
  if (left < longest) {
    yield {
      severity: 'error',
      id: 'intermediate-shorter-than-leaves',
      message: `${ca} expires at ${certificate.notAfter} (${timeLeft(certificate.notAfter, now)}), before certificates that it issues now would, so they are cut short and the mesh stops with it. Give istiod a new signing certificate.`,
    }
  } else if (left < soonMs && Date.parse(certificate.notAfter) - Date.parse(certificate.notBefore) > laterMs) {
    yield {
      severity: 'warning',
      id: 'intermediate-expires-soon',
      message: `${ca} expires at ${certificate.notAfter} (${timeLeft(certificate.notAfter, now)}); handshakes with what it issued fail then. Give istiod a new signing certificate.`,
    }
  }
}

function leafLife({ report }: Member): number {
  const leaf = pathOf(report)?.certificates[0]
  return leaf === undefined ? 0 : Date.parse(leaf.notAfter) - Date.parse(leaf.notBefore)
}

/** Proxies of the same trust domain that lack a root which others chain to: each refuses the others. */
function* untrusting(authority: Authority, { members }: AuthorityCircumstances): Generator<Finding> {
  const holders = membersBelow(authority)
  const domains = new Set(holders.map(trustDomainOf))
  const without = members.filter(member => {
    const roots = trustedRoots(member.report)
    return roots !== undefined && domains.has(trustDomainOf(member)) && !roots.some(({ sha256 }) => sha256 === authority.certificate.sha256)
  })
  if (holders.length === 0 || without.length === 0) return
  const names = without.slice(0, 3).map(({ id }) => `"${harmless(id)}"`)
  const more = without.length > names.length ? ` and ${without.length - names.length} more` : ''
  yield {
    severity: 'error',
    id: 'root-not-trusted-everywhere',
    message: `${names.join(', ')}${more} ${without.length === 1 ? 'does' : 'do'} not trust the root ${nameOf(authority.certificate)} (${short(authority.certificate)}), so they refuse the ${holders.length === 1 ? 'workload whose chain ends' : `${holders.length} workloads whose chains end`} there. Distribute both roots; restart what still lacks one.`,
  }
}

/** Only where the same ConfigMaps serve other workloads of the mesh, so that it is known that they count here. */
function* undistributed(authority: Authority, { members, distributed }: AuthorityCircumstances): Generator<Finding> {
  const rootsOf = new Map(distributed.map(({ namespace, roots }) => [namespace, new Set(roots.map(({ sha256 }) => sha256))]))
  const ends = (member: Member) => pathOf(member.report)?.certificates.at(-1)?.sha256 ?? ''
  const counts = members.some(member => rootsOf.get(member.namespace)?.has(ends(member)))
  if (!counts || isSpires(authority)) return
  const holders = membersBelow(authority).filter(({ namespace }) => {
    const roots = rootsOf.get(namespace)
    return roots !== undefined && roots.size > 0 && !roots.has(authority.certificate.sha256)
  })
  const [first] = holders
  if (first === undefined) return
  yield {
    severity: 'warning',
    id: 'root-not-distributed',
    message: `The chain of ${holders.length === 1 ? `"${harmless(first.id)}" ends` : `${holders.length} workloads ends`} at the root ${nameOf(authority.certificate)} (${short(authority.certificate)}), which the ConfigMap "istio-ca-root-cert" of ${holders.length === 1 ? 'its namespace' : 'their namespaces'} does not hold: the CA was replaced after ${holders.length === 1 ? 'it' : 'they'} started. Restart ${holders.length === 1 ? 'it' : 'them'} for a certificate of the new CA.`,
  }
}

function trustDomainOf({ report }: Member): string {
  return /^spiffe:\/\/([^/]+)/.exec(pathOf(report)?.certificates[0].identity ?? '')?.[1] ?? ''
}

function hasPart(subject: string | undefined, part: string): boolean {
  return subject?.split(/(?<!\\)[,+]/).includes(part) === true
}

/** The first digits of the fingerprint, as trees and sentences name a root beside its name. */
export function short({ sha256 }: Certificate): string {
  return `${sha256.slice(0, 8)}…`
}
