import { expect, test } from 'vitest'
import { hostsOverlap } from '../../../../../server/src/core/istio/values/hostMatch.ts'

// Istio's own table, pkg/config/host/name_test.go, and the ends of it.
test.each([
  ['foo.com', 'foo.com', true],
  ['foo.com', 'bar.com', false],
  ['*.com', 'foo.com', true],
  ['bar.com', '*.com', true],
  ['*.foo.com', 'foo.com', false],
  ['*', 'foo.com', true],
  ['*', '*.com', true],
  ['*.com', '*.foo.com', true],
  ['*.foo.com', '*.com', true],
  ['*.foo.com', '*.bar.com', false],
  ['*', '*', true],
])('%s and %s: %s', (one, other, overlap) => {
  expect(hostsOverlap(one, other)).toBe(overlap)
})
