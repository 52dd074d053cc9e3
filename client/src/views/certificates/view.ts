// How the certificates are shown, in words: what they are grouped by and which are filtered out. Pure.
import type { CertificateGrouping, CertificatesQuestion } from '../../../../server/src/protocol.ts'

export type CertificatesShown = Pick<CertificatesQuestion, 'grouping' | 'filter'>

export const groupings: Readonly<Record<CertificateGrouping, { readonly title: string; readonly detail: string }>> = {
  root: { title: 'By root', detail: 'Each root, the CAs below it, the workloads that chain to it' },
  expiry: { title: 'By expiry', detail: 'What expires first' },
  namespace: { title: 'By namespace', detail: 'The workloads of each namespace' },
}

/** `filter: "checkout" · by expiry`; empty where everything is shown as usual. */
export function shownWords({ grouping, filter }: CertificatesShown): string {
  return [...(filter ? [`filter: "${filter}"`] : []), ...(grouping === 'root' ? [] : [groupings[grouping].title.toLowerCase()])].join(' · ')
}

/** What was remembered, as far as it still means something. */
export function readShown(remembered: unknown): CertificatesShown {
  const { grouping, filter } = (remembered ?? {}) as Readonly<Record<string, unknown>>
  return {
    grouping: isGrouping(grouping) ? grouping : 'root',
    ...(typeof filter === 'string' && filter.trim() ? { filter: filter.trim() } : {}),
  }
}

function isGrouping(value: unknown): value is CertificateGrouping {
  return typeof value === 'string' && Object.hasOwn(groupings, value)
}
