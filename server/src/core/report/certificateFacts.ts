// What holds about a pod's certificate, as sentences for the page. Each is certain; what is wrong stands among the problems instead.
import { exactDuration, lifetimeState, renewalAt, renewalDue } from '../certificate/lifetime.ts'
import { beyondPath, certificatesOnPath, leafOf } from '../certificate/path.ts'
import type { Certificate, CertificateEntry, CertificateReport } from '../certificate/report.ts'
import { parsePrincipal } from '../istio/values/principal.ts'
import { certificateName } from './certificate.ts'

/** `expectedIdentity` is the `spiffe://…` of the pod's service account, `now` RFC 3339. */
export function certificateFacts(report: CertificateReport, expectedIdentity: string, now: string): string[] {
  const entry = report.entries.find(({ role, chain }) => role === 'workload' && chain.length > 0)
  const leaf = entry === undefined ? undefined : leafOf(entry)
  if (entry === undefined || leaf === undefined) return []
  return [...identityFact(leaf, expectedIdentity), ...chainFact(report, entry), ...renewalFact(leaf, now), ...extraFacts(entry)]
}

function* identityFact(leaf: Certificate, expected: string): Generator<string> {
  if (leaf.identity !== expected) return
  const principal = parsePrincipal(expected.replace(/^spiffe:\/\//, ''))
  const account = principal.match === 'exact' ? `${principal.namespace}/${principal.serviceAccount}` : expected
  yield `The identity is the pod's service account: ${account}.`
}

function* chainFact(report: CertificateReport, entry: CertificateEntry): Generator<string> {
  const root = certificatesOnPath(report, entry).at(-1)
  if (entry.path?.end !== 'trusted' || root === undefined) return
  yield `The chain verifies up to a root that this proxy trusts: ${certificateName(root)}.`
}

function* renewalFact(leaf: Certificate, now: string): Generator<string> {
  if (lifetimeState(leaf, now) !== 'valid' || renewalDue(leaf, now)) return
  const wait = Date.parse(renewalAt(leaf)) - Date.parse(now)
  yield wait > 0
    ? `It is renewed by itself at half of its life, in ${exactDuration(wait)}.`
    : 'It is at half of its life and being renewed about now.'
}

/** istiod appends every root of the mesh and repeats one that the CA's chain file holds already (security/pkg/pki/util/keycertbundle.go). */
function* extraFacts(entry: CertificateEntry): Generator<string> {
  if (entry.path === undefined) return
  const { repeated, unrelated } = beyondPath(entry)
  for (const certificate of repeated) {
    yield `The proxy also sends ${certificateName(certificate)} twice; harmless, it comes from a chain file that already contains it.`
  }
  for (const certificate of unrelated) {
    yield `The proxy also sends ${certificateName(certificate)}, which is not on the path; harmless, istiod appends every root of the mesh.`
  }
}
