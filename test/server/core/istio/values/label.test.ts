import { expect, test } from 'vitest'
import { checkLabelKey, checkLabelValue } from '../../../../../server/src/core/istio/values/label.ts'

const long = 'a'.repeat(63)

test.each([
  ['app', undefined],
  ['app.kubernetes.io/version', undefined],
  ['A_b.c-1', undefined],
  [long, undefined],
  [`${long}a`, 'longer than 63'],
  [`${[long, long, long, long].join('.')}/a`, 'longer than 253'],
  ['', 'letters'],
  ['-a', 'letters'],
  ['a b', 'letters'],
  ['a/b/c', 'letters'],
  ['/a', 'no DNS name'],
  ['a_b/c', 'no DNS name'],
])('key %j: %s', (key, reason) => {
  if (reason === undefined) expect(checkLabelKey(key)).toBeUndefined()
  else expect(checkLabelKey(key)).toContain(reason)
})

test.each([
  ['', true],
  ['v1.2_3-4', true],
  [`${long}aaaa`, true],
  ['b c', false],
  ['v1-', false],
  ['*', false],
])('value %j is right: %s', (value, right) => expect(checkLabelValue(value) === undefined).toBe(right))
