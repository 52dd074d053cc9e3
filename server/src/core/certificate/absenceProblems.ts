// Why an entry holds no certificate, and what to do about it.
import { never } from '../istio/values/principal.ts'
import type { Finding } from './finding.ts'
import { harmless } from './harmless.ts'
import type { CertificateEntry } from './report.ts'

/** For an entry with an empty chain. */
export function* absenceProblems(entry: CertificateEntry): Generator<Finding> {
  if (entry.file !== undefined) {
    yield {
      severity: 'info',
      id: 'certificate-on-disk',
      message: `The proxy reads it from "${harmless(entry.file)}" on its own disk; its dump has only that path, so nothing is known about the certificate.`,
    }
    return
  }
  // ztunnel's words for an identity whose last pod left the node: nothing is missing.
  if (entry.reason?.endsWith('the identity is no longer needed')) return
  const because = entry.reason === undefined ? '' : ` The proxy says: ${harmless(entry.reason)}.`
  switch (entry.state) {
    case 'warming':
      yield warming(entry, because)
      return
    case 'missing':
      yield {
        severity: entry.role === 'workload' ? 'error' : 'warning',
        id: 'secret-missing',
        message: `The proxy holds no certificate here, so connections that need it fail.${because} Check that istiod is reachable from the pod, then restart the pod.`,
      }
      return
    case 'active':
      yield {
        severity: 'warning',
        id: 'secret-missing',
        message: 'The secret is there but holds no certificate. Check what its source contains.',
      }
      return
    default:
      never(entry.state)
  }
}

function warming(entry: CertificateEntry, because: string): Finding {
  switch (entry.role) {
    case 'workload':
      return {
        severity: 'error',
        id: 'secret-warming',
        message: `The proxy still waits for its certificate, so it can make and accept no mTLS connection.${because} Check that istiod is reachable from the pod and accepts its token.`,
      }
    case 'root':
      return {
        severity: 'error',
        id: 'secret-warming',
        message: `The proxy still waits for the roots it should trust, so it can verify no peer.${because} Check that istiod is reachable from the pod.`,
      }
    case 'gateway':
      return {
        severity: 'warning',
        id: 'secret-warming',
        message: `The gateway still waits for this certificate, so its listener serves nothing.${because} Check that the Kubernetes secret exists in the gateway's namespace and has the keys tls.crt and tls.key.`,
      }
    case 'other':
      return {
        severity: 'warning',
        id: 'secret-warming',
        message: `The proxy still waits for this certificate, and what needs it does not start.${because} Check that its source exists: for "file-cert:" and "file-root:" the files in the proxy's container.`,
      }
    default:
      return never(entry.role)
  }
}
