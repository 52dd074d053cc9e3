import { expect, test } from 'vitest'
import { duration, instant } from '../../client/src/time.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

test.each([
  [400, '0 s'],
  [59_999, '59 s'],
  [12 * minute + 30_000, '12 min'],
  [5 * hour, '5 h'],
  [5 * hour + 12 * minute, '5 h 12 min'],
  [-3 * hour, '3 h'],
  [47 * hour, '47 h'],
  [9 * day, '9 days'],
  [3_652 * day, '9 years'],
])('%d ms are "%s"', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words)
})

test('an instant is shown in UTC, and what is no instant as it is', () => {
  expect(instant('2026-11-21T06:12:03Z')).toBe('2026-11-21 06:12:03 UTC')
  expect(instant('soon')).toBe('soon')
})
