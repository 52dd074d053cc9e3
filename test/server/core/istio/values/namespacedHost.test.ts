import { describe, expect, test } from 'vitest'
import { checkNamespacedHost } from '../../../../../server/src/core/istio/values/namespacedHost.ts'

describe('in a Gateway', () => {
  test.each([
    '*',
    '*/*',
    './*',
    'shop/*',
    'shop.example.com',
    '*.example.com',
    '10.0.0.1',
    'shop/10.0.0.1',
    '::ffff:10.0.0.1',
    'Shop/a.com',
    'a.com.',
  ])('%s is right', host => expect(checkNamespacedHost(host, 'Gateway')).toBeUndefined())

  test.each([
    ['', 'empty'],
    ['shop', 'short name'],
    ['::1', 'short name'],
    ['shop/cart', 'short name'],
    ['/a.com', 'no namespace before'],
    ['shop/', 'no host after'],
    ['~/a.com', '"~" is no namespace'],
    ['shop.ns/a.com', '"shop.ns" is no namespace'],
    ['shop/a.com/b', 'is no DNS label'],
    ['*-east.example.com', 'a wildcard is a label of its own'],
    ['*foo.com', 'a wildcard is a label of its own'],
    ['a.*.com', 'wildcard'],
    ['a.com:443', 'is no DNS label'],
    ['10.0.0.256', 'number'],
  ])('%j is not', (host, reason) => expect(checkNamespacedHost(host, 'Gateway')).toContain(reason))
})

describe('in a Sidecar', () => {
  test.each(['*/*', './*', '~/*', '~shop/*', '~./*', '~*/*', 'shop/*.example.com', '~/a.com'])('%s is right', host =>
    expect(checkNamespacedHost(host, 'Sidecar')).toBeUndefined(),
  )

  test.each([
    ['*', 'no namespace before a slash'],
    ['a.com', 'no namespace before a slash'],
    ['shop/cart', 'short name'],
    ['shop/10.0.0.1', 'number'],
    ['~~shop/*', '"~~shop" is no namespace'],
    ['/*', 'no namespace before'],
    ['shop/', 'no host after'],
  ])('%j is not', (host, reason) => expect(checkNamespacedHost(host, 'Sidecar')).toContain(reason))
})
