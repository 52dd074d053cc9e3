import { expect, test } from 'vitest'
import {
  globMatcher,
  hasLiteralStar,
  hasLiteralStarInPrincipal,
  hasStarsAroundWord,
  withSingleStar,
} from '../../../../../server/src/core/istio/values/wildcard.ts'

test.each([
  ['*', false],
  ['a*', false],
  ['*a', false],
  ['a', false],
  ['*a*', true],
  ['**', true],
  ['a*b', true],
  ['/a/**', true],
])('hasLiteralStar(%s) is %s', (text, expected) => expect(hasLiteralStar(text)).toBe(expected))

test.each([
  ['*/ns/shop/sa/web', false],
  ['cluster.local/ns/shop/*', false],
  ['*/ns/shop/sa/*', true],
  ['cluster.local/ns/*/sa/web', true],
  // The trust domains of the mesh take the place of the first part.
  ['cluster*/ns/shop/sa/web', false],
  ['cluster*/ns/shop/sa/*', false],
  ['cluster*/ns/*/sa/web', true],
  ['cluster*/shop/web', true],
])('hasLiteralStarInPrincipal(%s) is %s', (text, expected) => expect(hasLiteralStarInPrincipal(text)).toBe(expected))

test.each([
  ['*curl*', true],
  ['*a b*', true],
  ['*/*', false],
  ['*text/*', false],
  ['*', false],
  ['**', false],
  ['curl*', false],
])('hasStarsAroundWord(%s) is %s', (text, expected) => expect(hasStarsAroundWord(text)).toBe(expected))

test.each([
  ['/a/**', '/a/*'],
  ['**', '*'],
  ['**.html', '*.html'],
  ['/a/*', undefined],
  ['/*/**', undefined],
])('withSingleStar(%s) is %s', (text, expected) => expect(withSingleStar(text)).toBe(expected))

test.each([
  ['*', '', true],
  ['**', 'shop', true],
  ['shop', 'shop', true],
  ['shop', 'shops', false],
  ['sh*', 'shop', true],
  ['*op', 'shop', true],
  ['s*p', 'shop', true],
  ['s*o*p', 'shop', true],
  ['s*p', 's', false],
  ['a*a', 'a', false],
  ['*a*b*', 'ba', false],
  ['*b*b', 'ab', false],
  ['a.c', 'abc', false],
])('globMatcher(%s) of %s is %s', (pattern, text, expected) => expect(globMatcher(pattern)(text)).toBe(expected))
