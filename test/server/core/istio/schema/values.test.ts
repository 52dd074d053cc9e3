import { expect, test } from 'vitest'
import { clientTls, tlsMode } from '../../../../../server/src/core/istio/schema/clientTls.ts'
import { Fields } from '../../../../../server/src/core/istio/schema/fields.ts'
import { isTrue, isUnknown, numberOf, wordOf } from '../../../../../server/src/core/istio/schema/values.ts'
import { fromJson } from '../../../../../server/src/core/yaml/tree.ts'

test.each([
  [80, 80],
  ['80', 80],
  ['-1', -1],
  ['1.5', 1.5],
  ['http', undefined],
  [true, undefined],
])('the number of %j is %s', (value, number) => expect(numberOf(fromJson(value))).toBe(number))

test.each([
  ['B', 'B'],
  [0, 'A'],
  [1, 'B'],
  [7, undefined],
  ['b', undefined],
  ['constructor', undefined],
])('the word of %j is %s', (value, word) => expect(wordOf(fromJson(value), { A: '', B: '' })).toBe(word))

test.each([
  [{}, 'DISABLE'],
  [{ mode: null }, 'DISABLE'],
  [{ mode: 'ISTIO_MUTUAL' }, 'ISTIO_MUTUAL'],
  [{ mode: 2 }, 'MUTUAL'],
  [{ mode: '${MODE}' }, undefined],
  [{ '${FIELDS}': 'x' }, undefined],
])('the mode of %j is %s', (tls, mode) => expect(tlsMode(new Fields(clientTls, fromJson(tls)))).toBe(mode))

test('only true is true, only a placeholder is unknown', () => {
  expect([true, false, 'true'].map(each => isTrue(fromJson(each)))).toEqual([true, false, false])
  expect(['${X}', 'x'].map(each => isUnknown(fromJson(each)))).toEqual([true, false])
})
