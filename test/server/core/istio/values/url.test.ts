import { describe, expect, test } from 'vitest'
import { isRequestUri, parseUrl } from '../../../../../server/src/core/istio/values/url.ts'

describe('parseUrl', () => {
  test.each([
    ['https://idp.example.com/keys', 'https', ''],
    ['HTTPS://idp.example.com:8443', 'https', '8443'],
    ['http://user:pw@idp.example.com:80/keys?a=%zz', 'http', '80'],
    ['http:', 'http', ''],
    ['https://', 'https', ''],
    ['https://[::1]:8080/keys', 'https', '8080'],
    ['https://[fe80::1%25eth0]/keys', 'https', ''],
    ['https://idp.example.com:', 'https', ''],
    ['https://bücher.example', 'https', ''],
    ['mailto:%zz', 'mailto', ''],
    ['postgres://a:1,b:2/db', 'postgres', '2'],
    ['/keys', '', ''],
    ['keys', '', ''],
    ['*', '', ''],
    ['', '', ''],
    ['1a/b:c', '', ''],
  ])('reads %s', (text, scheme, port) => expect(parseUrl(text)).toEqual({ scheme, port }))

  test.each([
    '://x',
    'https://a/%zz',
    'https://a/%4',
    'https://a b',
    'https://a%20b',
    'https://a:b',
    'https://a:1:2',
    'https://::1',
    'https://[::1',
    'https://[::1]a',
    'https://[10.0.0.1]',
    'https://[fe80::1%25]',
    'https://a[b]',
    'https://us er@a',
    'https://a\tb',
    '1a:b',
    'https://a#%zz',
  ])('refuses %s', text => expect(parseUrl(text)).toBeUndefined())
})

test.each([
  ['https://idp.example.com/keys#a', true],
  ['https://idp.example.com#a', false],
  ['/keys', true],
  ['http:', true],
  ['keys', false],
  ['', false],
])('whether %s can be requested', (text, expected) => expect(isRequestUri(text)).toBe(expected))
