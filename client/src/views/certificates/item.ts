// The Certificates view's rows: what needs attention first, then by expiry. Pure.
import type { CertificateNode, CertificatesPage } from '../../../../server/src/protocol.ts'
import { never } from '../../never.ts'
import { instant } from '../../time.ts'
import { type Item, type ProblemNode, problemItem } from '../item.ts'

export interface GroupNode {
  readonly kind: 'group'
  readonly id: string
  readonly title: string
  readonly certificates: readonly CertificateNode[]
}

/** Stands for the workloads that were not read yet. */
export interface MoreNode {
  readonly kind: 'more'
  readonly id: 'more'
  readonly count: number
}

export type CertificatesRow = GroupNode | CertificateNode | MoreNode | ProblemNode

const hour = 3_600_000

// Each takes what expires within it and was not taken before.
const horizons = [
  { title: 'Expire within an hour', ms: hour },
  { title: 'Expire within a day', ms: 24 * hour },
  { title: 'Expire within a week', ms: 7 * 24 * hour },
  { title: 'Expire later', ms: Number.POSITIVE_INFINITY },
] as const

/** The rows below the view's title, in the order the server gives within each group; groups without rows are left out. */
export function certificateRows(page: CertificatesPage, pageSize: number, now: number): readonly CertificatesRow[] {
  const attention = page.certificates.filter(needsAttention)
  const others = page.certificates.filter(node => !needsAttention(node))
  const groups = [
    group('attention', 'Needs attention', attention),
    ...horizons.map(({ title }, index) =>
      group(
        `expiry-${index}`,
        title,
        others.filter(node => horizonOf(node, now) === index),
      ),
    ),
  ]
  return [
    ...groups.filter(({ certificates }) => certificates.length > 0),
    ...(page.remaining > 0 ? [{ kind: 'more', id: 'more', count: Math.min(page.remaining, pageSize) } as const] : []),
  ]
}

function group(id: string, title: string, certificates: readonly CertificateNode[]): GroupNode {
  return { kind: 'group', id, title: `${title} (${certificates.length})`, certificates }
}

function needsAttention(node: CertificateNode): boolean {
  return node.note !== undefined || node.state !== 'valid'
}

function horizonOf(node: CertificateNode, now: number): number {
  const left = node.notAfter ? Date.parse(node.notAfter) - now : Number.POSITIVE_INFINITY
  return horizons.findIndex(({ ms }) => left <= ms)
}

export function certificatesItem(row: CertificatesRow): Item {
  switch (row.kind) {
    case 'group':
      return groupItem(row)
    case 'certificate':
      return certificateItem(row)
    case 'more':
      return moreItem(row)
    case 'problem':
      return problemItem(row)
    default:
      return never(row)
  }
}

function groupItem(row: GroupNode): Item {
  const attention = row.id === 'attention'
  return {
    id: row.id,
    label: row.title,
    icon: attention ? 'warning' : 'calendar',
    ...(attention && { tone: 'warning' as const }),
    tooltip: [row.title],
    spoken: row.title,
    kind: row.kind,
    children: 'open',
  }
}

const certificateIcons: Readonly<Record<CertificateNode['state'], Pick<Item, 'icon' | 'tone'>>> = {
  valid: { icon: 'lock' },
  'renewal-due': { icon: 'clock', tone: 'warning' },
  expired: { icon: 'error', tone: 'error' },
  'not-yet-valid': { icon: 'clock', tone: 'error' },
  warming: { icon: 'loading', tone: 'warning' },
  unreadable: { icon: 'circle-slash', tone: 'warning' },
}

function certificateItem(row: CertificateNode): Item {
  return {
    id: row.id,
    label: row.workload,
    description: row.description,
    ...certificateIcons[row.state],
    tooltip: [
      `Certificate of pod ${row.pod.namespace}/${row.pod.name}`,
      ...(row.identity ? [`Identity ${row.identity}`] : []),
      ...(row.notAfter ? [`Valid until ${instant(row.notAfter)}`] : []),
      ...(row.note ? [row.note] : []),
    ],
    spoken: `certificate of ${row.workload}, ${[row.description, ...(row.note ? [row.note] : [])].join(', ')}`,
    kind: row.kind,
    children: 'none',
    command: { command: 'istioSecurity.inspectCertificate', title: 'Inspect Certificate', arguments: [row] },
  }
}

function moreItem(row: MoreNode): Item {
  const label = `Load ${row.count} more`
  return {
    id: row.id,
    label,
    icon: 'ellipsis',
    tooltip: ['Reads the certificates of more workloads from their proxies.'],
    spoken: label,
    kind: row.kind,
    children: 'none',
    command: { command: 'istioSecurity.loadMoreCertificates', title: label },
  }
}
