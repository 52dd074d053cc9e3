// What can be copied from an inspection. Pure.
import type { CertificateEntry, CertificateInspection } from '../../../../server/src/protocol.ts'
import { leafOf } from './chain.ts'

/** The SPIFFE id that the proxy presents; `undefined` where it presents none. */
export function identityOf(inspection: CertificateInspection): string | undefined {
  const entry = mainEntry(inspection)
  return entry && leafOf(entry)?.identity
}

/** The chain as the proxy sends it; `undefined` where a part of it is not known. */
export function pemOf(inspection: CertificateInspection): string | undefined {
  const pems = mainEntry(inspection)?.chain.map(({ pem }) => pem?.trim()) ?? []
  return pems.length > 0 && pems.every(Boolean) ? `${pems.join('\n')}\n` : undefined
}

// The workload's own certificate; a gateway may hold others beside it.
function mainEntry({ report }: CertificateInspection): CertificateEntry | undefined {
  const holding = report.entries.filter(({ role, chain }) => role !== 'root' && chain.length > 0)
  return holding.find(({ role }) => role === 'workload') ?? holding[0]
}
