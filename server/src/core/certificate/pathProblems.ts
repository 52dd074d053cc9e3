// What is wrong with the way from a certificate to a root, as sentences. The clock is judged elsewhere.
import { never } from '../istio/values/principal.ts'
import { type Path, type PathFlaw, pathFlaws } from './chain.ts'
import { type Finding, nameOf } from './finding.ts'
import { harmless } from './harmless.ts'
import type { Certificate, CertificateEntry } from './report.ts'

export interface Trust {
  /** Whom the holder trusts; undefined where that is not known. */
  readonly roots?: readonly Certificate[] | undefined
  readonly live: boolean
}

/** For the path that was found from a leaf of `entry`. */
export function* pathProblems(path: Path, entry: CertificateEntry, trust: Trust): Generator<Finding> {
  const [leaf] = path.certificates
  const last = path.certificates[path.certificates.length - 1] ?? leaf
  for (const flaw of pathFlaws(path.certificates)) yield flawFinding(flaw, path.certificates)
  for (const [at, certificate] of path.certificates.entries()) {
    if (!certificate.selfSigned && /md[25]|sha1$|^sha1/i.test(certificate.signature)) {
      yield {
        severity: 'warning',
        id: 'weak-signature',
        message: `${at === 0 ? 'The certificate' : `The CA certificate ${nameOf(certificate)}`} is signed with ${certificate.signature}, which can be forged; ztunnel and Go programs refuse it. Have the CA sign with SHA-256.`,
      }
    }
  }
  switch (path.end) {
    case 'trusted':
      return
    case 'self-signed':
      if (last === leaf) yield selfSigned('warning')
      return
    case 'untrusted':
      if (last === leaf) yield selfSigned('error')
      else {
        const trusted = (trust.roots ?? []).slice(0, 3).map(nameOf).join(', ')
        yield {
          severity: 'error',
          id: 'chain-untrusted',
          message: `The chain ends at the root ${nameOf(last)} (${last.sha256.slice(0, 8)}…), which this proxy does not trust; it trusts ${trusted}. Peers with the same roots refuse it. Distribute both roots, or restart the workload for a certificate of the new CA.`,
        }
      }
      return
    case 'incomplete':
      yield* incomplete(last, entry, trust, path.certificates.length)
      return
    default:
      never(path.end)
  }
}

/** A server often leaves out its root, so a missing issuer is only certain to be wrong where the trusted roots are known or a root stands apart. */
function* incomplete(last: Certificate, entry: CertificateEntry, { roots, live }: Trust, length: number): Generator<Finding> {
  const apart = entry.chain.filter(({ ca }) => ca).length > length - 1
  const severity = roots !== undefined ? 'error' : apart ? 'warning' : 'info'
  if (severity === 'info' && live) return
  const places = roots === undefined ? 'not here' : 'neither in the chain nor among the roots that this proxy trusts'
  const way =
    severity === 'info'
      ? 'That is usual where the receiver has the issuer as a root.'
      : 'Peers cannot verify it. Add the missing intermediate behind the leaf.'
  yield { severity, id: 'chain-incomplete', message: `The issuer of ${nameOf(last)}, "${harmless(last.issuer)}", is ${places}. ${way}` }
}

function selfSigned(severity: 'error' | 'warning'): Finding {
  return {
    severity,
    id: 'self-signed',
    message:
      'The certificate is signed by its own key, so it proves nothing to a peer that does not hold this very certificate. Have it issued by a CA that peers trust.',
  }
}

function flawFinding(flaw: PathFlaw, path: readonly Certificate[]): Finding {
  const issuer = path[flaw.at]
  const name = issuer === undefined ? '' : nameOf(issuer)
  switch (flaw.id) {
    case 'issuer-not-ca':
      return {
        severity: 'error',
        id: 'issuer-not-ca',
        message: `${name} signed a certificate on the path but is not marked as a CA, so peers refuse the chain. Reissue it with CA:TRUE.`,
      }
    case 'issuer-key-usage':
      return {
        severity: 'error',
        id: 'key-usage',
        message: `The CA certificate ${name} may not sign certificates (its key usage lacks keyCertSign), so peers refuse the chain. Reissue it with keyCertSign.`,
      }
    case 'extended-key-usage':
      return {
        severity: 'error',
        id: 'extended-key-usage',
        message: `The CA certificate ${name} is limited to other uses than TLS, so peers refuse what it issued. Reissue it without an extended key usage.`,
      }
    case 'path-length-exceeded':
      return {
        severity: 'error',
        id: 'path-length-exceeded',
        message: `The CA certificate ${name} allows ${issuer?.pathLength} CAs below it, but ${flaw.at - 1} stand there, so peers refuse the chain. Reissue it with a larger path length, or issue from it directly.`,
      }
    case 'critical-extension':
      return {
        severity: 'error',
        id: 'critical-extension',
        message: `${name} carries the critical extension ${issuer?.unknownCritical?.join(', ')}, which TLS libraries do not know, so peers refuse the chain. Reissue it without, or not marked critical.`,
      }
    default:
      return never(flaw.id)
  }
}
