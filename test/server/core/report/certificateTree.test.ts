import { describe, expect, test } from 'vitest'
import type { CertificateReport } from '../../../../server/src/core/certificate/report.ts'
import { authorityText } from '../../../../server/src/core/report/certificateTree/authorityText.ts'
import type { Presented } from '../../../../server/src/core/report/certificateTree/certificateNode.ts'
import type { CertificateGrouping, CertificateTreeNode } from '../../../../server/src/core/report/certificateTree/nodes.ts'
import { certificatesReport, certificatesText } from '../../../../server/src/core/report/certificateTree/table.ts'
import { type CertificateWorld, certificateTree, type WorkloadReading } from '../../../../server/src/core/report/certificateTree/tree.ts'
import { explainProblem } from '../../../../server/src/core/report/problem.ts'
import { authority, leaf, report } from '../certificate/certificates.ts'

const now = '2026-11-21T12:00:00Z'
const root = authority('O=Istio', { sha256: 'aa' })
const intermediate = authority('CN=Intermediate', { sha256: 'bb', issuer: 'O=Istio', pathLength: 0 })
const old = authority('O=cluster.local', { sha256: 'cc' })
const roots = [root, old]

function reading(name: string, presented: Presented | CertificateReport, known = 1): WorkloadReading {
  const [namespace = '', workload = ''] = name.split('/')
  const given: Presented =
    'ok' in presented
      ? presented
      : { ok: true, readAt: now, expectedIdentity: `spiffe://cluster.local/ns/${namespace}/sa/${workload}`, report: presented }
  return {
    namespace,
    name: workload,
    ownerKind: 'Deployment',
    known,
    pods: [{ pod: { namespace, name: `${workload}-1` }, presented: given }],
  }
}

function refused(name: string): WorkloadReading {
  const problem = explainProblem({ kind: 'forbidden', verb: 'create', resource: 'pods/portforward', namespace: 'billing' })
  return reading(name, { ok: false, readAt: now, problem })
}

const checkout = reading('shop/checkout', report([leaf('shop/checkout'), intermediate, root], roots), 3)
const cart = reading(
  'shop/cart',
  report([leaf('shop/cart', { notBefore: '2026-11-21T11:45:00Z', notAfter: '2026-11-21T12:30:00Z' }), intermediate, root], roots),
)
const details = reading('bookinfo/details', report([leaf('bookinfo/details'), old], roots))
const expired = reading('billing/invoicer', {
  ...report([leaf('billing/invoicer', { notAfter: '2026-11-21T09:00:00Z' }), intermediate, root], roots),
  problems: [{ entry: 'default', severity: 'error', id: 'certificate-expired', message: 'The certificate expired 3 h ago.' }],
})
const gateway = reading('istio-ingress/gateway', {
  ...report([leaf('istio-ingress/gateway', { notAfter: '2026-11-22T07:00:00Z' }), intermediate, root], roots),
  problems: [{ entry: 'kubernetes://late-tls', severity: 'warning', id: 'secret-warming', message: 'The gateway still waits.' }],
})

function world(workloads: readonly WorkloadReading[], rest: Partial<CertificateWorld> = {}): CertificateWorld {
  return { workloads, distributed: [], whole: true, now, ...rest }
}

function outline(nodes: readonly CertificateTreeNode[], indent = ''): readonly string[] {
  return nodes.flatMap(node => [
    `${indent}${node.label}${node.description ? ` | ${node.description}` : ''}`,
    ...('rows' in node ? outline(node.rows, `${indent}  `) : []),
  ])
}

const tree = (workloads: readonly WorkloadReading[], grouping: CertificateGrouping = 'root', rest: Partial<CertificateWorld> = {}) =>
  outline(certificateTree(world(workloads, rest), grouping))

test('what needs attention comes first, then each root with the CAs and workloads below it', () => {
  expect(tree([expired, checkout, cart, gateway, details])).toEqual([
    'Needs attention (2)',
    '  billing/invoicer | expired 3 h ago',
    '  istio-ingress/gateway | 19 h left · waits for secret "late-tls"',
    'O=cluster.local | 1 workload · root valid 8 years',
    '  bookinfo/details | 18 h left',
    'O=Istio | 4 workloads · root valid 8 years',
    '  CN=Intermediate | 4 workloads · valid 8 years · path length 0',
    '    shop/cart | 30 min left',
    '    shop/checkout | 18 h left · 1 of 3 pods read',
  ])
})

test.each([
  [
    'expiry',
    [
      'Needs attention (1)',
      'Expire within an hour (1)',
      '  shop/cart | 30 min left',
      'Expire within a day (1)',
      '  shop/checkout | 18 h left · 1 of 3 pods read',
    ],
  ],
  ['namespace', ['Needs attention (1)', 'shop (2)', '  shop/cart | 30 min left', '  shop/checkout | 18 h left · 1 of 3 pods read']],
] as const)('by %s', (grouping, expected) => {
  expect(tree([checkout, expired, cart], grouping).filter(line => !line.includes('invoicer'))).toEqual(expected)
})

test('while not all was read, numbers are those of so far', () => {
  expect(tree([details], 'root', { whole: false })).toContain('O=cluster.local | 1 workload so far · root valid 8 years')
})

test('a CA with a problem is among what needs attention in every grouping', () => {
  const ending = { ...old, notAfter: '2026-12-10T00:00:00Z' }
  const late = reading('bookinfo/details', report([leaf('bookinfo/details'), ending], [ending]))
  for (const grouping of ['root', 'expiry', 'namespace'] as const)
    expect(tree([late], grouping).slice(0, 2)).toEqual(['Needs attention (1)', '  O=cluster.local | root expires in 18 days'])
})

test('what the account may not do is said once', () => {
  const nodes = certificateTree(world([refused('billing/a'), refused('billing/b'), details]), 'root')
  expect(outline(nodes).slice(0, 4)).toEqual([
    'Needs attention (2)',
    '  Not allowed to ask (2) | needs get and create on pods/portforward',
    '    billing/a | could not be read: not allowed',
    '    billing/b | could not be read: not allowed',
  ])
  expect(nodes[0]).toMatchObject({ rows: [{ note: expect.stringContaining('get and create on pods/portforward') }] })
})

test('roots of the same name are told apart, and whoever made them is said where it is certain', () => {
  const other = { ...old, sha256: 'ee', notAfter: '2030-01-01T00:00:00Z' }
  const lines = tree(
    [details, reading('bookinfo/ratings', report([leaf('bookinfo/ratings'), other], [other, ...roots])), checkout],
    'root',
    {
      trustDomain: 'cluster.local',
    },
  )
  expect(lines.filter(line => !line.startsWith(' ') && line.includes('root'))).toEqual([
    'O=cluster.local (cc…) | 1 workload · root valid 8 years',
    'O=cluster.local (ee…) | 1 workload · root valid 3 years',
    'O=Istio | 1 workload · root valid 8 years · custom CA',
  ])
})

describe('one row', () => {
  const row = (presented: Presented | CertificateReport) => {
    const find = (nodes: readonly CertificateTreeNode[]): CertificateTreeNode | undefined =>
      nodes.find(({ kind }) => kind === 'certificate') ??
      nodes.map(node => ('rows' in node ? find(node.rows) : undefined)).find(found => found)
    return find(certificateTree(world([reading('shop/a', presented)]), 'root'))
  }

  test('is judged as of its reading, and counts down since', () => {
    const given: Presented = {
      ok: true,
      readAt: '2026-11-21T11:55:00Z',
      expectedIdentity: '',
      report: report([leaf('shop/a'), root], roots),
    }
    expect(row(given)).toMatchObject({
      state: 'valid',
      description: '18 h left',
      identity: 'spiffe://cluster.local/ns/shop/sa/a',
      issuers: ['aa'],
    })
    // Renewal was not due when it was read, five minutes before half of its life; what it is now is not known.
    expect(
      row({
        ...given,
        report: report([leaf('shop/a', { notBefore: '2026-11-21T10:00:00Z', notAfter: '2026-11-21T13:52:00Z' }), root], roots),
      }),
    ).toMatchObject({
      state: 'valid',
    })
  })

  test.each([
    ['identity-unexpected', "18 h left · not its service account's identity"],
    ['chain-untrusted', '18 h left · its root is not trusted'],
    ['some-new-problem', '18 h left · some new problem'],
  ])('%s', (id, description) => {
    const problems = [{ entry: 'default', severity: 'error', id, message: 'What, why, what now.' }] as const
    expect(row({ ...report([leaf('shop/a'), root], roots), problems })).toMatchObject({
      description,
      note: 'What, why, what now.',
      state: 'valid',
    })
  })

  test('that the CA ends soon is not repeated for each workload', () => {
    const problems = [{ entry: 'default', severity: 'warning', id: 'issuer-expiring', message: 'Its CA …' }] as const
    expect(row({ ...report([leaf('shop/a'), root], roots), problems })).not.toHaveProperty('note')
  })
})

test('the table has the workloads by urgency, the roots, and each problem as a sentence', () => {
  expect(certificatesText(world([details, expired, checkout], { distributed: [{ namespace: 'shop', roots }] })).split('\n')).toEqual([
    'WORKLOAD          CERTIFICATE                   ROOT',
    'billing/invoicer  expired 3 h ago               O=Istio',
    'bookinfo/details  18 h left                     O=cluster.local',
    'shop/checkout     18 h left · 1 of 3 pods read  O=Istio',
    '',
    'ROOT             VALID         WORKLOADS',
    'O=cluster.local  8 years left  1 workload   given to 1 namespace',
    'O=Istio          8 years left  2 workloads  through CN=Intermediate, given to 1 namespace',
    '',
    'error    billing/invoicer: The certificate expired 3 h ago.',
    '',
  ])
})

test('the JSON names roots by their fingerprints', () => {
  expect(certificatesReport(world([expired, refused('billing/a')], { distributed: [{ namespace: 'shop', roots: [root] }] }))).toMatchObject(
    {
      version: 1,
      certificates: [
        {
          workload: 'billing/invoicer',
          pod: 'billing/invoicer-1',
          state: 'expired',
          root: 'aa',
          issuers: ['bb', 'aa'],
          problems: [{ id: 'certificate-expired' }],
        },
        { workload: 'billing/a', state: 'unreadable', root: null, notAfter: null, problems: [{ id: 'unreadable-forbidden' }] },
      ],
      roots: [
        {
          sha256: 'aa',
          subject: 'O=Istio',
          workloads: 1,
          distributedTo: ['shop'],
          intermediates: [{ sha256: 'bb', pathLength: 0 }],
          problems: [],
        },
      ],
    },
  )
})

test('a CA certificate as text ends with its PEM; a leaf is not given away as one', () => {
  const reports = [report([leaf('shop/a'), intermediate, root], roots)]
  expect(authorityText('aa', reports, [{ namespace: 'shop', roots: [root] }], now)).toMatch(
    /^Subject +O=Istio\nIssuer +itself: a root\n[\s\S]*Given to +shop [\s\S]*PEM of O=Istio\n$/,
  )
  expect(authorityText('leaf of shop/a', reports, [], now)).toBeUndefined()
})
