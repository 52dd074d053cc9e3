import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { coalesce } from '../../client/src/coalesce.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first call runs at once, a burst after it is one more run', () => {
  const run = vi.fn()
  const changed = coalesce(run, 250)
  changed()
  expect(run).toHaveBeenCalledTimes(1)
  for (let i = 0; i < 100; i++) changed()
  expect(run).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(250)
  expect(run).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(10_000)
  expect(run).toHaveBeenCalledTimes(2)
})

test('a steady stream of changes runs four times a second', () => {
  const run = vi.fn()
  const changed = coalesce(run, 250)
  for (let i = 0; i < 99; i++) {
    changed()
    vi.advanceTimersByTime(10)
  }
  expect(run).toHaveBeenCalledTimes(4)
})

test('nothing runs after dispose', () => {
  const run = vi.fn()
  const changed = coalesce(run, 250)
  changed()
  changed()
  changed.dispose()
  vi.advanceTimersByTime(1_000)
  expect(run).toHaveBeenCalledTimes(1)
})
