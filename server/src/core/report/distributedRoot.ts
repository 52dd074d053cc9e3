// Whether a pod's certificate leads to a root that its namespace is given (ConfigMap `istio-ca-root-cert`), and what it means where it does not.
import type { DistributedRoots } from '../certificate/authorities.ts'
import { pathOf, trustedRoots } from '../certificate/authorities.ts'
import { nameOf } from '../certificate/finding.ts'
import type { CertificateProblem, CertificateReport } from '../certificate/report.ts'
import { certificateName } from './certificate.ts'

export interface Compared {
  readonly facts: readonly string[]
  readonly problems: readonly CertificateProblem[]
}

const nothing: Compared = { facts: [], problems: [] }

/** `given`: undefined where the ConfigMap could not be read, or is not there. */
export function comparedWithDistributed(report: CertificateReport, given: DistributedRoots | undefined): Compared {
  const path = pathOf(report)
  const root = path?.certificates.at(-1)
  if (given === undefined || given.roots.length === 0 || root === undefined || path?.end === 'incomplete') return nothing
  const distributed = new Set(given.roots.map(({ sha256 }) => sha256))
  if (distributed.has(root.sha256)) {
    return {
      facts: [`Its root is one that namespace "${given.namespace}" is given (ConfigMap "istio-ca-root-cert"): ${certificateName(root)}.`],
      problems: [],
    }
  }
  // istiod writes its own root also where somebody else is the CA, so only a proxy that trusts a distributed root proves that they count here.
  const trusted = trustedRoots(report)
  if (!trusted?.some(({ sha256 }) => distributed.has(sha256))) return nothing
  const message = `The chain ends at the root ${nameOf(root)} (${root.sha256.slice(0, 8)}…), which the ConfigMap "istio-ca-root-cert" of namespace "${given.namespace}" does not hold: the CA was replaced since. Workloads that start now do not trust this one. Restart the pod for a certificate of the new CA.`
  return {
    facts: [],
    problems: [
      {
        entry: report.entries.find(({ role }) => role === 'workload')?.name ?? 'default',
        severity: 'warning',
        id: 'root-not-distributed',
        message,
      },
    ],
  }
}
