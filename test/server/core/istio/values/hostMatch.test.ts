import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Hosts, hostsOverlap } from '../../../../../server/src/core/istio/values/hostMatch.ts'

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

test('a list finds the first overlap as comparing each with each does', () => {
  const host = fc.stringMatching(/^\*?[ab.]{0,5}$/)
  fc.assert(
    fc.property(fc.array(host, { maxLength: 12 }), host, (list, asked) => {
      const hosts = new Hosts()
      for (const each of list) hosts.add(each)
      const first = list.findIndex(each => hostsOverlap(each, asked))
      expect(hosts.overlapping(asked)).toBe(first < 0 ? undefined : first)
    }),
  )
})
