// From a leaf to a root: judges the path, not the list. istiod repeats roots and appends unrelated ones, so what a proxy sends is a heap to
// search in; what counts is which certificate really signed which.

import { lifetimeState } from './lifetime.ts'
import { maxSignatureChecks } from './limits.ts'
import { isAuthority } from './path.ts'
import type { Certificate, CertificatePath } from './report.ts'
import { signedBy } from './signature.ts'

export interface Path {
  readonly end: CertificatePath['end']
  /** Leaf first; each is signed by the next. */
  readonly certificates: readonly [Certificate, ...Certificate[]]
}

/** Something on the path that breaks it, whatever the time is. `at` counts from the leaf. */
export interface PathFlaw {
  readonly id: 'issuer-not-ca' | 'issuer-key-usage' | 'path-length-exceeded' | 'extended-key-usage' | 'critical-extension'
  readonly at: number
}

/**
 * The way from `leaf` through any of `pool` to one of `roots`; without `roots`, to any self-signed certificate.
 * Where several ways exist (a renewed or cross-signed CA), one whose certificates are valid `now` is preferred.
 */
export function findPath(leaf: Certificate, pool: readonly Certificate[], roots: readonly Certificate[] | undefined, now: string): Path {
  const candidates = distinct([...(roots ?? []), ...pool])
  const current = candidates.filter(candidate => lifetimeState(candidate, now) === 'valid')
  const trusted = new Set(roots?.map(root => root.sha256))
  const check = boundedSignatureCheck()
  const best = search(leaf, current, trusted, check)
  if (best.end === 'trusted' || current.length === candidates.length) return named(best, roots)
  const anyTime = search(leaf, candidates, trusted, check)
  return named(rank[anyTime.end] > rank[best.end] ? anyTime : best, roots)
}

/** Openssl's and Envoy's rules for a path (RFC 5280 §6.1.4), mostly for its issuers, without the clock. */
export function pathFlaws(path: readonly Certificate[]): readonly PathFlaw[] {
  const flaws: PathFlaw[] = []
  for (const [at, issuer] of path.entries()) {
    if (issuer.unknownCritical) flaws.push({ id: 'critical-extension', at })
    if (at === 0) continue
    if (!isAuthority(issuer)) flaws.push({ id: 'issuer-not-ca', at })
    if (issuer.keyUsage.length > 0 && !issuer.keyUsage.includes('keyCertSign')) flaws.push({ id: 'issuer-key-usage', at })
    if (!mayAuthenticate(issuer)) flaws.push({ id: 'extended-key-usage', at })
    // Certificates that a CA issues to itself when it rolls its key do not count.
    const below = path.slice(1, at).filter(({ subject, issuer: by }) => subject !== by).length
    if (issuer.pathLength !== null && below > issuer.pathLength) flaws.push({ id: 'path-length-exceeded', at })
  }
  return flaws
}

/** An extended key usage, where there is one, must allow what mesh TLS does: both ends show the same certificate. */
function mayAuthenticate({ extendedKeyUsage }: Certificate): boolean {
  return (
    extendedKeyUsage.length === 0 || extendedKeyUsage.some(usage => ['serverAuth', 'clientAuth', 'anyExtendedKeyUsage'].includes(usage))
  )
}

type Found = { readonly end: 'trusted' | 'self-signed' | 'incomplete'; readonly certificates: Path['certificates'] }
type Step = { readonly certificate: Certificate; readonly below?: Step }

const rank = { incomplete: 0, 'self-signed': 1, trusted: 2 }

/** Breadth first, each certificate once: the shortest way, and no more work than there are certificates. */
function search(leaf: Certificate, candidates: readonly Certificate[], trusted: ReadonlySet<string>, signed: typeof signedBy): Found {
  const seen = new Set([leaf.sha256])
  const steps: Step[] = [{ certificate: leaf }]
  let root: Step | undefined
  let deepest = steps[0] as Step
  for (const step of steps) {
    if (trusted.has(step.certificate.sha256)) return { end: 'trusted', certificates: unrolled(step) }
    deepest = step
    if (step.certificate.selfSigned) {
      root ??= step
      continue
    }
    for (const issuer of candidates) {
      if (seen.has(issuer.sha256) || !namesIssuer(step.certificate, issuer) || !signed(step.certificate, issuer)) continue
      seen.add(issuer.sha256)
      steps.push({ certificate: issuer, below: step })
    }
  }
  return root === undefined ? { end: 'incomplete', certificates: unrolled(deepest) } : { end: 'self-signed', certificates: unrolled(root) }
}

/** A root that nobody named as trusted is only suspicious where it is known whom to trust. */
function named({ end, certificates }: Found, roots: readonly Certificate[] | undefined): Path {
  return { end: end === 'self-signed' && roots !== undefined ? 'untrusted' : end, certificates }
}

function namesIssuer(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.issuer !== issuer.subject) return false
  return certificate.aki === undefined || issuer.ski === undefined || certificate.aki === issuer.ski
}

function unrolled(step: Step): Path['certificates'] {
  const certificates: [Certificate, ...Certificate[]] = [step.certificate]
  for (let below = step.below; below !== undefined; below = below.below) certificates.unshift(below.certificate)
  return certificates
}

/** Signatures cost; a file full of look-alikes must not make the search slow. */
function boundedSignatureCheck(): typeof signedBy {
  const known = new Map<string, boolean>()
  return (certificate, issuer) => {
    const pair = `${certificate.sha256} ${issuer.sha256}`
    const before = known.get(pair)
    if (before !== undefined) return before
    if (known.size >= maxSignatureChecks) return false
    const signed = signedBy(certificate, issuer)
    known.set(pair, signed)
    return signed
  }
}

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map(certificate => [certificate.sha256, certificate])).values()]
}
