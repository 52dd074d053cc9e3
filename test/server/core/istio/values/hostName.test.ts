import { describe, expect, test } from 'vitest'
import { checkFQDN, checkWildcardDomain, isDns1123Label, isWildcardLabel } from '../../../../../server/src/core/istio/values/hostName.ts'

const long = 'a'.repeat(63)
const longest = [long, long, long, long].join('.')

describe('checkWildcardDomain', () => {
  test.each([
    'reviews',
    'Reviews',
    '*',
    '*.example.com',
    '*-east.example.com',
    '*foo.example.com',
    'a.com.',
    '*.',
    '10',
    'a.99999999999999999999',
    long,
    longest,
  ])('takes %s', host => expect(checkWildcardDomain(host)).toBeUndefined())

  test.each([
    ['', 'empty'],
    [`${longest}.b`, 'longer than 255'],
    [`${long}b.com`, 'longer than 63'],
    ['a..com', 'is empty'],
    ['.com', 'is empty'],
    ['foo*.com', 'wildcard'],
    ['a.*.com', 'wildcard'],
    ['*-.com', 'wildcard'],
    ['-a.com', '"-a"'],
    ['a_b', '"a_b"'],
    ['a.b/c', '"b/c"'],
    ['10.0.0.1', 'ends in the number "1"'],
    ['a.5', 'ends in the number "5"'],
    ['größe.de', '"größe"'],
    ['a.com\n', '"com\n"'],
  ])('refuses %j', (host, reason) => expect(checkWildcardDomain(host)).toContain(reason))
})

describe('checkFQDN', () => {
  test.each(['reviews', 'a.b.c.', 'db-1.example.com'])('takes %s', host => expect(checkFQDN(host)).toBeUndefined())

  test.each([
    ['*.example.com', 'wildcard'],
    ['10', 'ends in the number "10"'],
    ['', 'empty'],
  ])('refuses %j', (host, reason) => expect(checkFQDN(host)).toContain(reason))
})

test.each([
  ['a', true],
  ['A-1', true],
  ['1', true],
  [long, true],
  [`${long}a`, false],
  ['', false],
  ['-', false],
  ['a-', false],
  ['a.b', false],
  ['*', false],
])('isDns1123Label(%j) is %s', (text, is) => expect(isDns1123Label(text)).toBe(is))

test.each([
  ['*', true],
  ['*a', true],
  ['*-a', true],
  ['a', true],
  ['*-', false],
  ['a*', false],
  ['**', false],
])('isWildcardLabel(%j) is %s', (text, is) => expect(isWildcardLabel(text)).toBe(is))
