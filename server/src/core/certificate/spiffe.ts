// What a certificate must be to carry an identity: the rules of SPIFFE X.509-SVID and what istiod issues (security/pkg/pki/util/generate_cert.go).
import type { Finding } from './finding.ts'
import { harmless } from './harmless.ts'
import type { Certificate } from './report.ts'

/** The trust domain and path of SPIFFE-ID §2: no port, query, fragment or percent signs. */
const spiffeId = /^spiffe:\/\/[a-z0-9._-]{1,255}(\/[A-Za-z0-9._-]+)*$/

/** The SPIFFE id, where there is exactly one URI and it is one (SPIFFE X.509-SVID §2). */
export function identityOf(san: Certificate['san']): string | undefined {
  const uris = san.filter(({ type }) => type === 'uri')
  const only = uris.length === 1 ? uris[0]?.value : undefined
  return only?.startsWith('spiffe://') ? only : undefined
}

/** What is wrong with the identity of a workload's leaf. `expected` is the `spiffe://…` that the pod's service account should have. */
export function* identityProblems(leaf: Certificate, expected: string | undefined): Generator<Finding> {
  const uris = leaf.san.filter(({ type }) => type === 'uri').map(({ value }) => value)
  const [first] = uris
  if (uris.length > 1) {
    const named = uris.slice(0, 3).map(quoted).join(', ')
    yield finding(
      'error',
      'identity-ambiguous',
      `The certificate names ${uris.length} URIs (${named}), but an identity is exactly one, so peers refuse it. Have the CA issue one URI per certificate.`,
    )
  } else if (first === undefined) {
    yield finding(
      'error',
      'identity-missing',
      'The certificate carries no SPIFFE identity (no URI in its names), so policies by principal never match it. Have it issued by the CA of the mesh.',
    )
  } else if (!first.startsWith('spiffe://')) {
    yield finding(
      'error',
      'identity-missing',
      `The certificate's URI ${quoted(first)} is no SPIFFE identity, so policies by principal never match it. Have it issued by the CA of the mesh.`,
    )
  } else if (!spiffeId.test(first)) {
    yield finding(
      'warning',
      'identity-malformed',
      `${quoted(first)} is not a well-formed SPIFFE identity; strict peers refuse it. Check the trust domain and the names at the CA.`,
    )
  }
  if (expected !== undefined && uris.length === 1 && first !== expected) {
    yield finding(
      'error',
      'identity-unexpected',
      `The proxy presents ${quoted(first ?? '')}, but the pod's service account is ${quoted(expected)}. Policies written for this pod do not match it. Check the trust domain of the mesh, then restart the pod.`,
    )
  }
}

/** Rules for the leaf that hold beside its identity. */
export function* leafProblems(leaf: Certificate): Generator<Finding> {
  if (leaf.ca) {
    yield finding(
      'error',
      'leaf-is-ca',
      'The certificate is a CA itself; whoever holds its key can issue identities, and SPIFFE forbids it for workloads. Issue a certificate with CA:FALSE for the workload.',
    )
  }
  if (leaf.keyUsage.length > 0 && !leaf.keyUsage.includes('digitalSignature')) {
    yield finding('error', 'key-usage', 'The key usage lacks digitalSignature, without which TLS 1.3 handshakes fail. Have the CA add it.')
  }
  const missing = ['serverAuth', 'clientAuth'].filter(usage => !leaf.extendedKeyUsage.includes(usage))
  if (leaf.extendedKeyUsage.length > 0 && !leaf.extendedKeyUsage.includes('anyExtendedKeyUsage') && missing.length > 0) {
    yield finding(
      'warning',
      'extended-key-usage',
      `The extended key usage lacks ${missing.join(' and ')}: a workload is both server and client, and the missing side fails. Have the CA add it.`,
    )
  }
  if (leaf.subject === '' && leaf.san.length > 0 && leaf.critical?.includes('san') === false) {
    yield finding(
      'info',
      'san-not-critical',
      'The subject is empty but the names (SAN) are not marked critical, as RFC 5280 asks. Proxies accept it; strict tools may not.',
    )
  }
}

function finding(severity: Finding['severity'], id: string, message: string): Finding {
  return { severity, id, message }
}

function quoted(text: string): string {
  return `"${harmless(text)}"`
}
