// The one quiet warning beside the view's icon: certificates that were not renewed in time, or never came. Pure.
import type { ViewBadge } from 'vscode'
import type { CertificatesPage, CertificateTreeNode } from '../../../../server/src/protocol.ts'

const overdue = ['renewal-due', 'expired', 'warming']

/** Undefined where there is nothing to warn of. */
export function overdueBadge(pages: readonly CertificatesPage[]): ViewBadge | undefined {
  const workloads = new Set(pages.flatMap(({ rows, context }) => [...overdueIn(rows)].map(workload => `${context} ${workload}`)))
  const { size } = workloads
  if (size === 0) return undefined
  return { value: size, tooltip: `${size} ${size === 1 ? 'certificate' : 'certificates'} not renewed in time, or still awaited` }
}

/** A workload that needs attention may stand below its root too. */
function* overdueIn(rows: readonly CertificateTreeNode[]): Generator<string> {
  for (const row of rows) {
    if (row.kind !== 'certificate') yield* overdueIn(row.rows)
    else if (overdue.includes(row.state)) yield row.workload
  }
}
