// A row of the Certificates view as what it shows. Pure.
import type { CertificateGroup, CertificateNode } from '../../../../server/src/protocol.ts'
import { never } from '../../never.ts'
import { instant } from '../../time.ts'
import { clusterItem } from '../clusterItem.ts'
import { type Item, problemItem } from '../item.ts'
import { rowKey } from '../rows.ts'
import type { AuthorityRow, CertificateRow, CertificatesRow, EmptyRow, MoreRow, ReadingRow } from './rows.ts'

export function certificatesItem(row: CertificatesRow): Item {
  const item = shapeOf(row)
  // A row that was there before what is below it would stay closed.
  return { ...item, id: row.kind === 'authority' && item.children === 'none' ? `${rowKey(row)} (empty)` : rowKey(row) }
}

function shapeOf(row: CertificatesRow): Item {
  switch (row.kind) {
    case 'cluster':
      return { ...clusterItem(row), children: 'open' }
    case 'certificates':
      return groupItem(row)
    case 'authority':
      return authorityItem(row)
    case 'certificate':
      return certificateItem(row)
    case 'reading':
      return readingItem(row)
    case 'more':
      return moreItem(row)
    case 'empty':
      return emptyItem(row)
    case 'problem':
      return problemItem(row)
    default:
      return never(row)
  }
}

const groupLooks: Readonly<Record<CertificateGroup['of'], Pick<Item, 'icon' | 'tone' | 'children'>>> = {
  attention: { icon: 'warning', tone: 'warning', children: 'open' },
  refused: { icon: 'circle-slash', tone: 'warning', children: 'closed' },
  expiry: { icon: 'calendar', children: 'open' },
  namespace: { icon: 'symbol-namespace', children: 'open' },
  'no-root': { icon: 'question', children: 'open' },
}

function groupItem(row: CertificateGroup): Item {
  const note = row.note?.split('\n') ?? []
  return {
    id: row.id,
    label: row.label,
    ...(row.description ? { description: row.description } : {}),
    ...groupLooks[row.of],
    tooltip: [row.label, ...note],
    spoken: [row.label, ...note].join(', '),
    kind: row.kind,
  }
}

function authorityItem(row: AuthorityRow): Item {
  const called = row.role === 'root' ? 'root' : 'intermediate CA'
  const worst = row.problems.find(({ severity }) => severity === 'error') ?? row.problems[0]
  const notes = row.problems.map(({ message }) => message)
  return {
    id: row.id,
    label: row.label,
    description: row.description,
    ...(worst
      ? { icon: worst.severity === 'error' ? 'error' : 'warning', tone: worst.severity }
      : { icon: row.role === 'root' ? 'shield' : 'verified' }),
    tooltip: [`${row.role === 'root' ? 'Root' : 'Intermediate CA'} ${row.label}`, ...row.facts, ...notes],
    spoken: [`${called} ${row.label}`, row.description, ...notes].join(', '),
    kind: row.kind,
    children: row.rows.length > 0 ? 'open' : 'none',
    ...(row.rows.length > 0 ? {} : { command: { command: 'istioSecurity.openAuthority', title: 'Show CA Certificate', arguments: [row] } }),
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

function certificateItem(row: CertificateRow): Item {
  const { pods, note } = row
  const others = pods && pods.known > 1
  return {
    id: row.id,
    label: row.label,
    description: row.description,
    ...(row.state === 'valid' && note !== undefined ? { icon: 'warning', tone: 'warning' as const } : certificateIcons[row.state]),
    tooltip: [
      `Certificate of pod ${row.pod.namespace}/${row.pod.name}`,
      ...(row.identity ? [`Identity ${row.identity}`] : []),
      ...(row.notAfter ? [`Valid until ${instant(row.notAfter)}`] : []),
      ...(row.readAt ? [`Asked at ${instant(row.readAt)}`] : []),
      ...(others && pods.read < pods.known ? [`${pods.read} of ${pods.known} pods were read; open the row to read them all.`] : []),
      ...(note?.split('\n') ?? []),
    ],
    spoken: `certificate of ${row.label}, ${[row.description, ...(note ? [note] : [])].join(', ')}`,
    kind: row.kind,
    children: row.several ? 'closed' : 'none',
    // What opens to read more proxies is not opened by looking at one.
    ...(row.several ? {} : { command: { command: 'istioSecurity.inspectCertificate', title: 'Inspect Certificate', arguments: [row] } }),
  }
}

function readingItem({ id, kind, read, wanted, stopped }: ReadingRow): Item {
  const label = stopped ? `${read} of ${wanted} certificates read` : `Reading certificates ${read} of ${wanted}`
  const title = stopped ? 'Continue' : 'Cancel'
  return {
    id,
    label,
    description: title,
    icon: stopped ? 'debug-pause' : 'loading~spin',
    tooltip: [stopped ? 'Choose the row to go on.' : 'Proxies are asked one by one. Choose the row to stop.'],
    spoken: `${label}. Choose to ${title.toLowerCase()}.`,
    kind,
    children: 'none',
    command: { command: stopped ? 'istioSecurity.continueCertificates' : 'istioSecurity.cancelCertificates', title },
  }
}

function emptyItem({ id, kind, filter }: EmptyRow): Item {
  const label = `No workload with a proxy matches "${filter}"`
  return {
    id,
    label,
    description: 'Clear filter',
    icon: 'filter',
    tooltip: ['Choose the row to show all certificates again.'],
    spoken: `${label}. Choose to clear the filter.`,
    kind,
    children: 'none',
    command: { command: 'istioSecurity.clearCertificatesFilter', title: 'Clear Filter' },
  }
}

function moreItem(row: MoreRow): Item {
  const label = `Load ${row.count} more`
  return {
    id: row.id,
    label,
    icon: 'ellipsis',
    tooltip: ['Reads the certificates of more workloads from their proxies.'],
    spoken: label,
    kind: row.kind,
    children: 'none',
    command: { command: 'istioSecurity.loadMoreCertificates', title: label, arguments: [row] },
  }
}
