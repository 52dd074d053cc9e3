// The way from a leaf to its root, as the report judged it: which certificates are on it, where it ends, what else was sent. Pure.
import type { Certificate, CertificateEntry } from '../../../../server/src/protocol.ts'

export interface ChainStep {
  readonly certificate: Certificate
  readonly role: 'leaf' | 'intermediate' | 'root'
}

export interface Chain {
  /** Leaf first. */
  readonly steps: readonly ChainStep[]
  /** How the report judges the end; `unjudged` where it tells only names and times, so nothing is claimed about signatures. */
  readonly end: NonNullable<CertificateEntry['path']>['end'] | 'unjudged'
  /** Sent by the proxy and on no way to the root. */
  readonly beside: readonly Certificate[]
}

/** `roots`: what the proxy trusts, where the last certificate of the path may stand. */
export function chainOf(entry: CertificateEntry, roots: readonly Certificate[]): Chain {
  if (!entry.path) return { steps: entry.chain.map(step), end: 'unjudged', beside: [] }
  const known = [...entry.chain, ...roots]
  const path = entry.path.certificates.flatMap(fingerprint => known.find(({ sha256 }) => sha256 === fingerprint) ?? [])
  return {
    steps: path.map(step),
    end: entry.path.end,
    beside: entry.chain.filter(({ sha256 }) => !entry.path?.certificates.includes(sha256)),
  }
}

function step(certificate: Certificate, index: number): ChainStep {
  if (certificate.selfSigned) return { certificate, role: 'root' }
  return { certificate, role: index === 0 ? 'leaf' : 'intermediate' }
}

/** The certificate that the entry is about, which a proxy may send in the wrong place; `undefined` where nothing was read. */
export function leafOf(entry: CertificateEntry): Certificate | undefined {
  return chainOf(entry, []).steps[0]?.certificate ?? entry.chain[0]
}
