import { expect, test } from 'vitest'
import { comparedWithDistributed } from '../../../../server/src/core/report/distributedRoot.ts'
import { authority, leaf, report } from '../certificate/certificates.ts'

const root = authority('O=Istio', { sha256: 'aa' })
const other = authority('O=New', { sha256: 'bb' })
const held = (trusts: readonly (typeof root)[]) => report([leaf('shop/a'), root], trusts)
const given = (...roots: readonly (typeof root)[]) => ({ namespace: 'shop', roots })

function ids(...asked: Parameters<typeof comparedWithDistributed>) {
  const { facts, problems } = comparedWithDistributed(...asked)
  return [facts.length, problems.map(({ id }) => id)]
}

test('a root that the namespace is given is a fact', () => {
  expect(comparedWithDistributed(held([root]), given(other, root)).facts).toEqual([
    'Its root is one that namespace "shop" is given (ConfigMap "istio-ca-root-cert"): O=Istio.',
  ])
})

test('another root is a problem where the proxy trusts one that is given, and nothing is known where it does not', () => {
  expect(ids(held([root, other]), given(other))).toEqual([0, ['root-not-distributed']])
  expect(ids(held([root]), given(other))).toEqual([0, []])
})

test('nothing is said without a ConfigMap, or of a chain that ends nowhere', () => {
  expect(ids(held([root]), undefined)).toEqual([0, []])
  expect(ids(held([root]), given())).toEqual([0, []])
  expect(ids(report([leaf('shop/a')], [root], 'incomplete'), given(other))).toEqual([0, []])
})
