import { expect, test } from 'vitest'
import { nanoseconds, parseDuration } from '../../../../../server/src/core/istio/values/duration.ts'

test.each([
  ['0', 0n],
  ['1h30m', 5_400_000_000_000n],
  ['+5s', 5_000_000_000n],
  ['1.005s', 1_005_000_000n],
  ['.5ms', 500_000n],
  ['1.s', 1_000_000_000n],
  ['0.1ns', 0n],
  ['-1.5us', -1500n],
  ['+2µs', 2000n],
  ['-1.5ms', -1_500_000n],
  ['.5us', 500n],
  ['1.µs', 1000n],
  ['1.001s', 1_001_000_000n],
  ['0.9999999999ns', 0n],
  [`0.${'1'.repeat(500)}s`, 111_111_111n],
  ['2562047h', 9_223_369_200_000_000_000n],
  ['9223372036854775807ns', 9_223_372_036_854_775_807n],
  ['-9223372036854775808ns', -9_223_372_036_854_775_808n],
])('%s', (text, expected) => expect(nanoseconds(text)).toBe(expected))

test.each(['', '5', '1d', '5S', '.s', '-', '1 s', '2562048h', '9223372036854775808ns', '-2562048h'])('refuses "%s"', text => {
  expect(nanoseconds(text)).toBeUndefined()
  expect(parseDuration(text)).toBeUndefined()
})

test('milliseconds are exact', () => expect(parseDuration('1.001s')).toBe(1001))
