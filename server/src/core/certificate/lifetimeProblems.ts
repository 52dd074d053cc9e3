// What is wrong with the times of a certificate, as sentences.
import { never } from '../istio/values/principal.ts'
import { type Finding, nameOf } from './finding.ts'
import { duration, lifetimeState, renewalDue, timeLeft } from './lifetime.ts'
import { isAuthority } from './path.ts'
import type { Certificate } from './report.ts'

/** For a leaf and the path above it. `renewed`: a proxy holds it that has Istio renew it. */
export function* leafLifetimeProblems(path: readonly Certificate[], renewed: boolean, now: string): Generator<Finding> {
  const [leaf, issuer] = path
  const remedy = renewed ? 'Check that istiod is reachable from the pod, then restart the pod.' : 'Replace it.'
  for (const [at, certificate] of path.entries()) {
    if (at === 0) yield* expiryProblems(certificate, 'The certificate', now, remedy)
    else yield* expiryProblems(certificate, `The CA certificate ${nameOf(certificate)} above it`, now)
  }
  if (leaf === undefined || !renewed || lifetimeState(leaf, now) !== 'valid') return
  if (renewalDue(leaf, now)) {
    yield {
      severity: 'warning',
      id: 'certificate-renewal-due',
      message: `The certificate is past half of its life and was not renewed (${timeLeft(leaf.notAfter, now)}). Istio renews at half; check that istiod is reachable from the pod before it expires.`,
    }
  }
  if (issuer !== undefined && Date.parse(issuer.notAfter) - Date.parse(now) < Date.parse(leaf.notAfter) - Date.parse(leaf.notBefore)) {
    yield {
      severity: 'warning',
      id: 'issuer-expiring',
      message: `Its CA ${nameOf(issuer)} lives no longer than a workload certificate (${timeLeft(issuer.notAfter, now)}), so renewed certificates are cut short. Renew the CA.`,
    }
  }
}

/** `called` is how the sentence calls the certificate. */
export function* expiryProblems(certificate: Certificate, called: string, now: string, remedy = 'Replace it.'): Generator<Finding> {
  const state = lifetimeState(certificate, now)
  switch (state) {
    case 'valid':
      return
    case 'expired':
      yield {
        severity: 'error',
        id: 'certificate-expired',
        message: `${called} ${timeLeft(certificate.notAfter, now)} (${certificate.notAfter}). Open connections go on, new handshakes fail. ${remedy}`,
      }
      return
    case 'not-yet-valid':
      yield {
        severity: 'error',
        id: 'certificate-not-yet-valid',
        message: `${called} is valid only from ${certificate.notBefore} on, in ${duration(Date.parse(certificate.notBefore) - Date.parse(now))}. Handshakes fail until then. Compare the clocks of the nodes and of the CA.`,
      }
      return
    default:
      never(state)
  }
}

/** For a bundle of roots: an expired one matters less while others are valid. */
export function* rootProblems(roots: readonly Certificate[], now: string): Generator<Finding> {
  const left = roots.some(root => lifetimeState(root, now) === 'valid')
  for (const root of roots) {
    if (lifetimeState(root, now) === 'expired') {
      yield {
        severity: left ? 'warning' : 'error',
        id: 'certificate-expired',
        message: `The root ${nameOf(root)} ${timeLeft(root.notAfter, now)} (${root.notAfter}). What only this root vouches for is refused. Replace it.`,
      }
    }
    if (!isAuthority(root) && !root.partial) {
      yield {
        severity: 'warning',
        id: 'root-not-ca',
        message: `${nameOf(root)} stands among the trusted roots but is no CA, so nothing verifies against it. Put the root of the CA there.`,
      }
    }
    // Beside one that lasts it is the old root of a rotation.
    if (lifetimeState(root, now) === 'valid' && lastFifth(root, now) && !roots.some(other => lasting(other, now))) {
      yield {
        severity: 'info',
        id: 'root-expiring',
        message: `The root ${nameOf(root)} is in the last fifth of its life (${timeLeft(root.notAfter, now)}). istiod renews a root of its own by itself; replace one that you plugged in.`,
      }
    }
  }
}

function lasting(root: Certificate, now: string): boolean {
  return lifetimeState(root, now) === 'valid' && !lastFifth(root, now)
}

/** Where istiod's rotator of self-signed roots acts (CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE 20). */
function lastFifth({ notBefore, notAfter }: Certificate, now: string): boolean {
  return Date.parse(notAfter) - Date.parse(now) < (Date.parse(notAfter) - Date.parse(notBefore)) / 5
}
