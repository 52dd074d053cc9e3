// From what the server knows of the certificates to the rows of the view. Pure.
import {
  type AuthorityNode,
  type CertificateGroup,
  type CertificateNode,
  type CertificatesPage,
  type CertificateTreeNode,
  type ClusterRow,
  certificatesAtOnce,
  type FromContext,
} from '../../../../server/src/protocol.ts'
import type { ProblemNode } from '../item.ts'

export type CertificatesRow =
  | (ClusterRow & { readonly page: CertificatesPage })
  | (CertificateGroup & FromContext)
  | AuthorityRow
  | CertificateRow
  | ReadingRow
  | MoreRow
  | EmptyRow
  | ProblemNode

export type AuthorityRow = AuthorityNode & FromContext
export type CertificateRow = CertificateNode & FromContext

/** Proxies are being asked, or were until somebody stopped it. */
export interface ReadingRow extends FromContext {
  readonly kind: 'reading'
  readonly id: 'reading'
  readonly read: number
  readonly wanted: number
  readonly stopped: boolean
}

/** Stands for the workloads that were not read yet. */
export interface MoreRow extends FromContext {
  readonly kind: 'more'
  readonly id: 'more'
  readonly count: number
  /** How many are read then. */
  readonly limit: number
}

/** The filter lets nothing through. */
export interface EmptyRow {
  readonly kind: 'empty'
  readonly id: 'empty'
  readonly filter: string
}

/** Clusters, where several are open. `stopped`: nobody asks the proxies that are left. */
export function certificateRows(pages: readonly CertificatesPage[], stopped: boolean, filter?: string): readonly CertificatesRow[] {
  if (filter !== undefined && pages.every(isEmpty)) return [{ kind: 'empty', id: 'empty', filter }]
  const [only, ...others] = pages
  if (only && others.length === 0) return pageRows(only, stopped)
  return pages.map(page => ({ ...page.cluster, page }))
}

export function pageRows(page: CertificatesPage, stopped: boolean): readonly CertificatesRow[] {
  const { context, read, wanted, workloads } = page
  const { state } = page.cluster
  if ('problem' in state && state.kind !== 'stale')
    return [{ kind: 'problem', id: `${context}/problem`, message: state.problem.message, remedy: state.problem.remedy }]
  const left = workloads - wanted
  return [
    ...rowsOf(page.rows, context),
    ...(read < wanted ? [{ kind: 'reading', id: 'reading', context, read, wanted, stopped } as const] : []),
    ...(left > 0 && read === wanted
      ? [{ kind: 'more', id: 'more', context, count: Math.min(left, certificatesAtOnce), limit: wanted + certificatesAtOnce } as const]
      : []),
  ]
}

function isEmpty({ workloads, cluster }: CertificatesPage): boolean {
  return workloads === 0 && cluster.state.kind === 'connected'
}

/** Each row outlives the answer that it came with, so it names its cluster. */
export function rowsOf(nodes: readonly CertificateTreeNode[], context: string): readonly CertificatesRow[] {
  return nodes.map(node => (node.kind === 'certificate' ? { ...node, context, pod: { ...node.pod, context } } : { ...node, context }))
}
