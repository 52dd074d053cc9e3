// What can be copied from an inspection. Pure.
import type { Certificate, CertificateEntry, CertificateInspection } from '../../../../server/src/protocol.ts'
import { leafOf } from './chain.ts'

type Reported = Pick<CertificateInspection, 'report'>

/** The report as `certificate --format json` prints it: without the certificates themselves. */
export function jsonOf({ report }: Reported): string {
  const facts = ({ pem: _pem, ...rest }: Certificate) => rest
  return `${JSON.stringify({ ...report, entries: report.entries.map(entry => ({ ...entry, chain: entry.chain.map(facts) })) }, null, 2)}\n`
}

/** The SPIFFE id that the proxy presents; `undefined` where it presents none. */
export function identityOf(inspection: Reported): string | undefined {
  const entry = mainEntry(inspection)
  return entry && leafOf(entry)?.identity
}

/** The chain as the proxy sends it; `undefined` where a part of it is not known. */
export function pemOf(inspection: Reported): string | undefined {
  const pems = mainEntry(inspection)?.chain.map(({ pem }) => pem?.trim()) ?? []
  return pems.length > 0 && pems.every(Boolean) ? `${pems.join('\n')}\n` : undefined
}

// The workload's own certificate; a gateway may hold others beside it.
function mainEntry({ report }: Reported): CertificateEntry | undefined {
  const holding = report.entries.filter(({ chain }) => chain.length > 0)
  const certificates = holding.filter(({ role }) => role !== 'root')
  // A file may hold roots alone.
  return certificates.find(({ role }) => role === 'workload') ?? certificates[0] ?? (isFile(report) ? holding[0] : undefined)
}

/** Not read from a proxy. */
export function isFile({ source }: CertificateInspection['report']): boolean {
  return source === 'pem' || source === 'der'
}
