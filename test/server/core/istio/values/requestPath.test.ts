import { describe, expect, test } from 'vitest'
import { endsInDotStar, faultOfPath } from '../../../../../server/src/core/istio/values/requestPath.ts'

describe('faultOfPath', () => {
  test.each([
    '/',
    '*',
    '/cart*',
    '*.html',
    '/odata/$metadata',
    '/$count*',
    '/.well-known/*',
    '/api/.*',
    '/a*b',
    '/{*}/items/{**}',
    '/(group)/[id]',
    '/@scope/pkg+1',
    '/orders/{id}',
  ])('takes %s', path => expect(faultOfPath(path)).toBeUndefined())

  test.each([
    ['cart', 'slash', '/cart'],
    ['cart/{*}', 'slash', '/cart/{*}'],
    ['./cart', 'slash', undefined],
    ['https://shop.example.com/cart', 'host', '/cart'],
    ['https://shop.example.com', 'host', undefined],
    ['*://shop.example.com/cart/*', 'host', '/cart/*'],
    ['/search?q=1', 'query', undefined],
    ['/search?*', 'query', '/search'],
    ['/docs#top', '"#"', undefined],
    ['^/api/v1$', 'regular expression', '/api/v1'],
    ['^/api', 'regular expression', undefined],
    ['^/api/.*', 'regular expression', '/api/*'],
    ['/files/report\\.pdf$', 'regular expression', '/files/report.pdf'],
    ['.*/admin', 'regular expression', undefined],
    ['/api/.+', 'regular expression', '/api/*'],
    ['/api/.*/items', 'regular expression', undefined],
    ['/orders/[0-9]+', 'regular expression', undefined],
    ['/orders/[^/]+', 'regular expression', undefined],
    ['/orders/\\d+$', 'regular expression', undefined],
    ['/(cart|orders)', 'regular expression', undefined],
    ['/(?!admin)', 'regular expression', undefined],
  ])('refuses %s', (path, why, meant) => {
    const fault = faultOfPath(path)
    expect(fault?.why).toContain(why)
    expect(fault?.meant).toBe(meant)
  })
})

test.each([
  ['/api/.*', true],
  ['/.*', true],
  ['/.git*', false],
  ['^/api/.*', false],
])('endsInDotStar(%s) is %s', (path, expected) => expect(endsInDotStar(path)).toBe(expected))
