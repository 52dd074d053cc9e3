import { describe, expect, test } from 'vitest'
import { authoritiesOf, type DistributedRoots, type Member, membersBelow } from '../../../../server/src/core/certificate/authorities.ts'
import { authorityProblems, isIstiodsOwn, isSpires } from '../../../../server/src/core/certificate/authorityProblems.ts'
import type { Certificate } from '../../../../server/src/core/certificate/report.ts'
import { authority, leaf, report } from './certificates.ts'

const now = '2026-11-21T12:00:00Z'

const root = authority('O=Istio', { sha256: 'aa' })
const intermediate = authority('CN=Intermediate', { sha256: 'bb', issuer: 'O=Istio' })
const old = authority('O=cluster.local', { sha256: 'cc' })

function member(
  id: string,
  issuers: readonly Certificate[],
  rest: { trusts?: readonly Certificate[]; leaf?: Partial<Certificate> } = {},
): Member {
  const [namespace = ''] = id.split('/')
  return { id, namespace, report: report([leaf(id, rest.leaf), ...issuers], rest.trusts ?? [root, old]) }
}

function problemsOf(members: readonly Member[], distributed: readonly DistributedRoots[] = [], trustDomain?: string) {
  const { roots } = authoritiesOf(members, distributed)
  const circumstances = { now, members, distributed, trustDomain }
  return roots.flatMap(each =>
    [each, ...each.below].flatMap(one => authorityProblems(one, circumstances).map(({ id }) => [one.certificate.sha256, id])),
  )
}

test('workloads stand below the certificate that issued theirs, up to the root; a root that is only distributed has none', () => {
  const members = [member('shop/a', [intermediate, root]), member('shop/b', [intermediate, root]), member('shop/c', [old])]
  const { roots, incomplete } = authoritiesOf(members, [{ namespace: 'shop', roots: [authority('O=New', { sha256: 'dd' })] }])
  expect(
    roots.map(each => [each.certificate.sha256, each.members.length, each.below.map(({ certificate }) => certificate.sha256)]),
  ).toEqual([
    ['cc', 1, []],
    ['aa', 0, ['bb']],
    ['dd', 0, []],
  ])
  expect(roots.map(each => membersBelow(each).map(({ id }) => id))).toEqual([['shop/c'], ['shop/a', 'shop/b'], []])
  expect(incomplete).toEqual([])
})

test('what ends before a root is said to be incomplete', () => {
  const { roots, incomplete } = authoritiesOf(
    [{ ...member('shop/a', [intermediate]), report: report([leaf('shop/a'), intermediate], undefined, 'incomplete') }],
    [],
  )
  expect([roots, incomplete.map(({ id }) => id)]).toEqual([[], ['shop/a']])
})

describe('the time of a CA', () => {
  test.each([
    ['2026-11-20T00:00:00Z', [['aa', 'root-expired']]],
    ['2026-12-10T00:00:00Z', [['aa', 'root-expires-soon']]],
    ['2027-02-01T00:00:00Z', [['aa', 'root-expires-soon']]],
    ['2027-06-01T00:00:00Z', []],
  ])('a root until %s', (notAfter, expected) => {
    const ending = { ...root, notAfter }
    expect(problemsOf([member('shop/a', [ending], { trusts: [ending] })])).toEqual(expected)
  })

  test('less than 30 days are an error, less than 90 a warning', () => {
    const severity = (notAfter: string) => {
      const ending = { ...root, notAfter }
      const members = [member('shop/a', [ending], { trusts: [ending] })]
      const [found] = authoritiesOf(members, []).roots
      return found && authorityProblems(found, { now, members, distributed: [] })[0]?.severity
    }
    expect([severity('2026-12-10T00:00:00Z'), severity('2027-02-01T00:00:00Z')]).toEqual(['error', 'warning'])
  })

  test('the way out knows of another root that is distributed already, and of istiod’s own root', () => {
    const ending = { ...old, notAfter: '2026-12-10T00:00:00Z' }
    const members = [member('shop/a', [ending], { trusts: [ending, root] })]
    const message = (distributed: readonly DistributedRoots[], trustDomain?: string) => {
      const [found] = authoritiesOf(members, distributed).roots
      return found && authorityProblems(found, { now, members, distributed, trustDomain })[0]?.message
    }
    expect(message([{ namespace: 'shop', roots: [ending, root] }])).toContain('restart the workload that still chains to this one')
    expect(message([], 'cluster.local')).toContain('look in its log')
    const [left] = authoritiesOf([], [{ namespace: 'shop', roots: [ending, root] }]).roots
    expect(left && authorityProblems(left, { now, members: [], distributed: [{ namespace: 'shop', roots: [ending, root] }] })).toEqual([])
    expect(message([], 'example.com')).toContain('Distribute the new root beside the old one')
  })

  test.each([
    ['2026-11-21T18:00:00Z', [['bb', 'intermediate-shorter-than-leaves']]],
    ['2026-12-10T00:00:00Z', [['bb', 'intermediate-expires-soon']]],
    ['2026-11-21T11:00:00Z', [['bb', 'intermediate-expired']]],
    ['2027-06-01T00:00:00Z', []],
  ])('an intermediate until %s', (notAfter, expected) => {
    expect(problemsOf([member('shop/a', [{ ...intermediate, notAfter }, root])])).toEqual(expected)
  })

  test('an intermediate that always lives short, as those of SPIRE, is not reported for it', () => {
    const short = { ...intermediate, notBefore: '2026-11-21T00:00:00Z', notAfter: '2026-11-23T00:00:00Z' }
    expect(problemsOf([member('shop/a', [short, root])])).toEqual([])
  })
})

describe('trust', () => {
  test('a proxy that lacks the root of others refuses them', () => {
    const members = [member('shop/a', [intermediate, root]), member('shop/late', [old], { trusts: [old] })]
    const first = authoritiesOf(members, []).roots.find(({ certificate }) => certificate === root)
    expect(problemsOf(members)).toEqual([['aa', 'root-not-trusted-everywhere']])
    expect(first && authorityProblems(first, { now, members, distributed: [] })[0]?.message).toContain(
      '"shop/late" does not trust the root "O=Istio" (aa…)',
    )
  })

  test('nothing is said of proxies of another trust domain, or that do not tell whom they trust', () => {
    const other = member('shop/other', [old], { trusts: [old], leaf: { identity: 'spiffe://example.com/ns/shop/sa/other' } })
    const silent = { ...member('shop/silent', [old]), report: report([leaf('shop/silent'), old], undefined, 'self-signed') }
    expect(problemsOf([member('shop/a', [intermediate, root]), other, silent])).toEqual([])
  })

  test('a chain to another root than the ConfigMap holds is told where others chain to that', () => {
    const distributed = [{ namespace: 'shop', roots: [root] }]
    const behind = member('shop/behind', [old])
    expect(problemsOf([member('shop/a', [intermediate, root]), behind], distributed)).toEqual([['cc', 'root-not-distributed']])
    // istiod writes its own root also where somebody else is the CA: only that a chain ends elsewhere proves nothing.
    expect(problemsOf([behind], distributed)).toEqual([])
    expect(problemsOf([member('shop/a', [intermediate, root]), { ...behind, namespace: 'unread' }], distributed)).toEqual([])
  })
})

test('who the CA is, is told only where the certificates prove it', () => {
  const [own] = authoritiesOf([member('shop/a', [old])], []).roots
  const [plugged] = authoritiesOf([member('shop/a', [intermediate, root])], []).roots
  const [spire] = authoritiesOf([member('shop/a', [root], { leaf: { subject: 'O=SPIRE,C=US' } })], []).roots
  const [looksAlike] = authoritiesOf([member('shop/a', [root], { leaf: { subject: 'CN=O\\=SPIRE' } })], []).roots
  expect([
    own && isIstiodsOwn(own, 'cluster.local'),
    own && isIstiodsOwn(own, undefined),
    plugged && isIstiodsOwn(plugged, 'Istio'),
  ]).toEqual([true, false, false])
  expect([spire, plugged, looksAlike].map(each => each && isSpires(each))).toEqual([true, false, false])
})
