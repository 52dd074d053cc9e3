import { expect, test } from 'vitest'
import { certificateRows, certificatesItem } from '../../../client/src/views/certificates/item.ts'
import type { CertificateNode } from '../../../server/src/protocol.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

function certificate(workload: string, rest: Partial<CertificateNode>): CertificateNode {
  return {
    kind: 'certificate',
    id: workload,
    pod: { namespace: 'shop', name: `${workload}-1` },
    workload: `shop/${workload}`,
    state: 'valid',
    description: 'in some time',
    ...rest,
  }
}

const expired = certificate('invoicer', { state: 'expired', notAfter: '2026-11-21T09:00:00Z', note: 'Expired 3 h ago.' })
const soon = certificate('cart', { notAfter: '2026-11-21T12:30:00Z' })
const today = certificate('checkout', { notAfter: '2026-11-22T06:00:00Z' })
const thisWeek = certificate('mail', { notAfter: '2026-11-25T00:00:00Z' })
const later = certificate('gateway', { notAfter: '2027-02-01T00:00:00Z' })

test('what needs attention comes first, the rest by expiry, and empty groups are left out', () => {
  const rows = certificateRows({ certificates: [expired, soon, today, thisWeek, later], remaining: 0 }, 50, now)
  expect(rows.map(row => (row.kind === 'group' ? [row.title, row.certificates.map(({ id }) => id)] : row))).toEqual([
    ['Needs attention (1)', ['invoicer']],
    ['Expire within an hour (1)', ['cart']],
    ['Expire within a day (1)', ['checkout']],
    ['Expire within a week (1)', ['mail']],
    ['Expire later (1)', ['gateway']],
  ])
  expect(certificateRows({ certificates: [], remaining: 0 }, 50, now)).toEqual([])
})

test('a certificate that cannot be read needs attention although it has no expiry', () => {
  const rows = certificateRows({ certificates: [certificate('silent', { state: 'unreadable' })], remaining: 0 }, 50, now)
  expect(rows).toMatchObject([{ title: 'Needs attention (1)' }])
})

test.each([
  [7, 'Load 7 more'],
  [120, 'Load 50 more'],
])('with %d workloads left the last row says "%s"', (remaining, label) => {
  const rows = certificateRows({ certificates: [today], remaining }, 50, now)
  const last = rows.at(-1)
  expect(last && certificatesItem(last)).toMatchObject({ label, command: { command: 'istioSecurity.loadMoreCertificates' } })
})

test('a certificate opens its page, and its expiry and note are in the tooltip', () => {
  const item = certificatesItem({ ...expired, identity: 'spiffe://cluster.local/ns/shop/sa/invoicer' })
  expect(item.command).toMatchObject({ command: 'istioSecurity.inspectCertificate', arguments: [{ pod: expired.pod }] })
  expect(item.tooltip).toEqual([
    'Certificate of pod shop/invoicer-1',
    'Identity spiffe://cluster.local/ns/shop/sa/invoicer',
    'Valid until 2026-11-21 09:00:00 UTC',
    'Expired 3 h ago.',
  ])
  expect(item).toMatchObject({ icon: 'error', tone: 'error', kind: 'certificate' })
})
