// Judges one entry of a report: its lifetime, its path to a root, its identity. Every sentence says what, why, and what now.
import { absenceProblems } from './absenceProblems.ts'
import { findPath, type Path } from './chain.ts'
import { type Finding, nameOf } from './finding.ts'
import { expiryProblems, leafLifetimeProblems, rootProblems } from './lifetimeProblems.ts'
import { pathProblems } from './pathProblems.ts'
import type { Certificate, CertificateEntry, CertificateProblem } from './report.ts'
import { identityProblems, leafProblems } from './spiffe.ts'

export interface Circumstances {
  /** RFC 3339. */
  readonly now: string
  /** Whether a running proxy holds it, in contrast to a file that nobody renews or serves. */
  readonly live: boolean
  /** Whom the holder trusts; undefined where that is not known, and then nothing is said about trust. */
  readonly roots?: readonly Certificate[] | undefined
  /** Whether the entry says whom to trust, so that its certificates are roots and not one chain. */
  readonly bundle: boolean
  /** `spiffe://…` that a workload entry should carry. */
  readonly expectedIdentity?: string | undefined
}

export interface Judgement {
  /** The entry with its path. */
  readonly entry: CertificateEntry
  readonly problems: readonly CertificateProblem[]
}

export function judge(entry: CertificateEntry, circumstances: Circumstances): Judgement {
  const { path, findings } = judged(entry, circumstances)
  return {
    entry: path === undefined ? entry : { ...entry, path: { end: path.end, certificates: path.certificates.map(({ sha256 }) => sha256) } },
    problems: findings.map(finding => ({ entry: entry.name, ...finding })),
  }
}

function judged(entry: CertificateEntry, circumstances: Circumstances): { readonly path?: Path; readonly findings: readonly Finding[] } {
  if (entry.chain.length === 0) return { findings: [...absenceProblems(entry)] }
  if (circumstances.bundle) return { findings: [...rootProblems(entry.chain, circumstances.now)] }
  const leaves = entry.chain.filter(({ ca }) => !ca)
  // A proxy presents the first of its chain, whatever it is; in a file the order is only a habit.
  const leaf = (circumstances.live ? undefined : leaves[0]) ?? (entry.chain[0] as Certificate)
  if (!circumstances.live && leaves.length > 1) {
    return { findings: leaves.flatMap(each => [...expiryProblems(each, `The certificate ${nameOf(each)}`, circumstances.now)]) }
  }
  const path = leaf.partial ? undefined : findPath(leaf, entry.chain, circumstances.roots, circumstances.now)
  const findings = [
    ...leafLifetimeProblems(path?.certificates ?? [leaf], circumstances.live && entry.role === 'workload', circumstances.now),
    ...(path === undefined ? [] : pathProblems(path, entry, circumstances)),
    ...(entry.role === 'workload' ? identityProblems(leaf, circumstances.expectedIdentity) : []),
    ...(entry.role === 'workload' && !leaf.partial ? leafProblems(leaf) : []),
    ...(entry.role === 'other' && !circumstances.live && leaf.identity === undefined ? [noIdentity] : []),
    ...(leaf === entry.chain[0] ? [] : [leafNotFirst]),
  ]
  return path === undefined ? { findings } : { path, findings }
}

const noIdentity: Finding = {
  severity: 'info',
  id: 'identity-missing',
  message:
    'The certificate carries no SPIFFE identity. A server certificate needs none; as a workload certificate of a mesh it would be refused.',
}

const leafNotFirst: Finding = {
  severity: 'warning',
  id: 'leaf-not-first',
  message: 'The leaf does not stand first, and whatever serves this file sends its first certificate as its own. Move the leaf to the top.',
}
