import { describe, expect, test } from 'vitest'
import { certificatesItem } from '../../../client/src/views/certificates/item.ts'
import { overdueBadge } from '../../../client/src/views/certificates/overdue.ts'
import { type CertificatesRow, certificateRows, rowsOf } from '../../../client/src/views/certificates/rows.ts'
import { readShown, shownWords } from '../../../client/src/views/certificates/view.ts'
import { rowKey } from '../../../client/src/views/rows.ts'
import type { AuthorityNode, CertificateNode, CertificatesPage, ClusterState } from '../../../server/src/protocol.ts'

const connected: ClusterState = { kind: 'connected', context: 'prod', server: 'https://prod', istio: true, gaps: [], insecure: false }

function certificate(name: string, rest: Partial<CertificateNode> = {}): CertificateNode {
  return {
    kind: 'certificate',
    id: `certificate/shop/Deployment.${name}`,
    pod: { namespace: 'shop', name: `${name}-1` },
    workload: `shop/${name}`,
    label: `shop/${name}`,
    state: 'valid',
    description: '11 h left',
    ...rest,
  }
}

function page(rest: Partial<CertificatesPage> = {}, context = 'prod', state = connected): CertificatesPage {
  const cluster = {
    kind: 'cluster',
    id: `cluster/${context}`,
    name: context,
    context,
    state,
    judging: true,
    description: 'connected',
  } as const
  return { context, cluster, rows: [certificate('cart')], workloads: 1, wanted: 1, read: 1, ...rest }
}

const items = (rows: readonly CertificatesRow[]) => rows.map(row => certificatesItem(row).label)

describe('the rows of a cluster', () => {
  test.each([
    ['all is read', {}, false, ['shop/cart']],
    ['proxies are being asked', { read: 0, wanted: 50, workloads: 80, rows: [] }, false, ['Reading certificates 0 of 50']],
    ['some have answered', { read: 12, wanted: 50, workloads: 80 }, false, ['shop/cart', 'Reading certificates 12 of 50']],
    ['somebody stopped it', { read: 12, wanted: 50, workloads: 80 }, true, ['shop/cart', '12 of 50 certificates read']],
    ['there are more', { read: 50, wanted: 50, workloads: 5_000 }, false, ['shop/cart', 'Load 50 more']],
    ['there are a few more', { read: 50, wanted: 50, workloads: 57 }, false, ['shop/cart', 'Load 7 more']],
  ] as const)('%s', (_, rest, stopped, expected) => {
    expect(items(certificateRows([page(rest)], stopped))).toEqual(expected)
  })

  test('"Load 50 more" says how many are read then, of which cluster', () => {
    const last = certificateRows([page({ read: 50, wanted: 50, workloads: 5_000 })], false).at(-1)
    expect(last && certificatesItem(last).command).toMatchObject({
      command: 'istioSecurity.loadMoreCertificates',
      arguments: [{ context: 'prod', limit: 100 }],
    })
  })

  test.each([
    [false, 'istioSecurity.cancelCertificates', 'Reading certificates 3 of 50. Choose to cancel.'],
    [true, 'istioSecurity.continueCertificates', '3 of 50 certificates read. Choose to continue.'],
  ])('reading can be stopped and gone on with by choosing its row (stopped: %s)', (stopped, command, spoken) => {
    const [row] = certificateRows([page({ rows: [], read: 3, wanted: 50, workloads: 50 })], stopped)
    expect(row && certificatesItem(row)).toMatchObject({ spoken, command: { command } })
  })
})

test.each<[string, readonly CertificateNode['state'][], number | undefined]>([
  ['all is well', ['valid', 'valid'], undefined],
  ['a renewal is overdue', ['valid', 'renewal-due'], 1],
  ['one is expired and one is awaited', ['expired', 'warming'], 2],
  ['what could not be read says nothing', ['unreadable'], undefined],
])('the badge: %s', (_, states, value) => {
  const rows = states.map((state, at) => certificate(`w${at}`, { state }))
  const attention = { kind: 'certificates', id: 'attention', of: 'attention', label: 'Needs attention', rows } as const
  expect(overdueBadge([page({ rows: [attention, ...rows] })])?.value).toBe(value)
})

test('a filter that lets nothing through can be cleared from the row that says so', () => {
  const [row] = certificateRows([page({ rows: [], workloads: 0, wanted: 0, read: 0 })], false, 'chekout')
  expect(row && certificatesItem(row)).toMatchObject({
    label: 'No workload with a proxy matches "chekout"',
    command: { command: 'istioSecurity.clearCertificatesFilter' },
  })
})

test('of several clusters each has its row, and rows of the same name are different ones', () => {
  const rows = certificateRows([page(), page({}, 'test')], false)
  expect(items(rows)).toEqual(['prod', 'test'])
  const below = rows.flatMap(row => (row.kind === 'cluster' ? rowsOf(row.page.rows, row.context) : []))
  expect(below.map(rowKey)).toEqual(['prod certificate/shop/Deployment.cart', 'test certificate/shop/Deployment.cart'])
  expect(below).toMatchObject([{ pod: { context: 'prod' } }, { pod: { context: 'test' } }])
})

test('a cluster that cannot be asked says why', () => {
  const problem = {
    kind: 'unreachable',
    context: 'test',
    detail: 'timed out',
    message: 'It does not answer.',
    remedy: 'Check the network.',
  } as const
  const [row] = rowsOfCluster({ kind: 'failed', context: 'test', problem })
  expect(row && certificatesItem(row)).toMatchObject({
    label: 'It does not answer.',
    tooltip: ['It does not answer.', 'Check the network.'],
  })
})

function rowsOfCluster(state: ClusterState): readonly CertificatesRow[] {
  return certificateRows([page({ rows: [], workloads: 0, wanted: 0, read: 0 }, 'test', state)], false)
}

describe('a certificate', () => {
  const item = (rest: Partial<CertificateNode>) => certificatesItem({ ...certificate('cart', rest), context: 'prod' })

  test('opens its page, and says in the tooltip what the row has no room for', () => {
    const shown = item({
      identity: 'spiffe://cluster.local/ns/shop/sa/cart',
      notAfter: '2026-11-21T09:00:00Z',
      readAt: '2026-11-21T12:00:00Z',
      state: 'expired',
      note: 'Expired 3 h ago.\nThe gateway waits.',
    })
    expect(shown.command).toMatchObject({
      command: 'istioSecurity.inspectCertificate',
      arguments: [{ kind: 'certificate', pod: { name: 'cart-1' } }],
    })
    expect(shown.tooltip).toEqual([
      'Certificate of pod shop/cart-1',
      'Identity spiffe://cluster.local/ns/shop/sa/cart',
      'Valid until 2026-11-21 09:00:00 UTC',
      'Asked at 2026-11-21 12:00:00 UTC',
      'Expired 3 h ago.',
      'The gateway waits.',
    ])
    expect(shown).toMatchObject({ icon: 'error', tone: 'error', kind: 'certificate' })
  })

  test('of several pods opens to them instead, so that looking at it asks no further proxy', () => {
    const shown = item({ several: 'certificate/shop/Deployment.cart', pods: { read: 1, known: 3 } })
    expect(shown).toMatchObject({
      children: 'closed',
      tooltip: expect.arrayContaining(['1 of 3 pods were read; open the row to read them all.']),
    })
    expect(shown.command).toBeUndefined()
  })

  test('that is valid but has a problem is marked', () => {
    expect(item({ note: 'The gateway waits.' })).toMatchObject({ icon: 'warning', tone: 'warning' })
    expect(item({})).toMatchObject({ icon: 'lock' })
  })
})

describe('a CA', () => {
  const authority: AuthorityNode = {
    kind: 'authority',
    id: 'authority/aa',
    role: 'root',
    sha256: 'aa',
    notAfter: '2035-01-01T00:00:00Z',
    label: 'O=cluster.local',
    description: '37 workloads · root valid 9 years',
    facts: ['RSA 2048'],
    problems: [],
    rows: [],
  }

  test('shows its certificate where nothing is below it', () => {
    expect(certificatesItem({ ...authority, context: 'prod' })).toMatchObject({
      icon: 'shield',
      kind: 'authority',
      command: { command: 'istioSecurity.openAuthority' },
      tooltip: ['Root O=cluster.local', 'RSA 2048'],
    })
    expect(certificatesItem({ ...authority, context: 'prod', rows: [certificate('cart')] })).toMatchObject({ children: 'open' })
  })

  test('says what is wrong with it', () => {
    const problems = [{ severity: 'warning', id: 'root-expires-soon', message: 'It ends.' }] as const
    expect(certificatesItem({ ...authority, context: 'prod', problems })).toMatchObject({
      icon: 'warning',
      spoken: expect.stringContaining('It ends.'),
    })
  })
})

test('what was remembered counts as far as it still means something', () => {
  expect(readShown(undefined)).toEqual({ grouping: 'root' })
  expect(readShown({ grouping: 'toString', filter: 7 })).toEqual({ grouping: 'root' })
  expect(readShown({ grouping: 'expiry', filter: ' shop ' })).toEqual({ grouping: 'expiry', filter: 'shop' })
  expect([shownWords({ grouping: 'root' }), shownWords({ grouping: 'expiry', filter: 'shop' })]).toEqual(['', 'filter: "shop" · by expiry'])
})
