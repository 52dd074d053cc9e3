import { expect, test } from 'vitest'
import { hostIn, isMoreThanHost } from '../../../../../server/src/core/istio/values/hostValue.ts'

test.each(['shop.example.com', 'httpbin.example.com:8080', '*.example.com', '*', '[::1]:8080'])('%s is a host', text =>
  expect(isMoreThanHost(text)).toBe(false),
)

test.each([
  ['https://shop.example.com', 'shop.example.com'],
  ['HTTPS://shop.example.com:443/', 'shop.example.com'],
  ['https://shop.example.com:80', 'shop.example.com:80'],
  ['http://shop.example.com:80/*', 'shop.example.com'],
  ['http://*.example.com:8080', '*.example.com:8080'],
  ['https://shop.example.com*', 'shop.example.com*'],
  ['*://shop.example.com/*', 'shop.example.com'],
  ['shop.example.com/', 'shop.example.com'],
  ['shop.example.com/cart', undefined],
  ['https://user@shop.example.com', undefined],
  ['https://*', undefined],
  ['/cart', undefined],
])('%s is more, with the host %s', (text, host) => {
  expect(isMoreThanHost(text)).toBe(true)
  expect(hostIn(text)).toBe(host)
})
