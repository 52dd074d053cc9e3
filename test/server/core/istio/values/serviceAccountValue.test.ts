import { describe, expect, test } from 'vitest'
import {
  checkServiceAccount,
  isTooLongForCrd,
  repairServiceAccount,
} from '../../../../../server/src/core/istio/values/serviceAccountValue.ts'

describe('checkServiceAccount', () => {
  test.each(['web', 'shop/web', 'a'.repeat(320), 'Web_1 '])('takes %s', text => expect(checkServiceAccount(text)).toBeUndefined())

  test.each([
    ['*', 'wildcards'],
    ['shop/*', 'wildcards'],
    ['a/b/c', 'namespace/serviceAccount'],
    ['/web', 'before the slash'],
    ['shop/', 'after the slash'],
    ['a'.repeat(321), '320'],
    ['é'.repeat(161), '320'],
  ])('refuses %s', (text, advice) => expect(checkServiceAccount(text)).toContain(advice))
})

test('the CRD counts characters', () => {
  expect(isTooLongForCrd('é'.repeat(320))).toBe(false)
  expect(isTooLongForCrd('a'.repeat(321))).toBe(true)
})

test.each([
  ['spiffe://cluster.local/ns/shop/sa/web', 'shop/web'],
  ['ns/shop/sa/web', 'shop/web'],
  ['a/b/c', undefined],
  ['cluster.local/ns/shop/sa/*', undefined],
])('%s was meant as %s', (text, repaired) => expect(repairServiceAccount(text)).toBe(repaired))
