import { describe, expect, test } from 'vitest'
import { faultOfRequestPrincipal } from '../../../../../server/src/core/istio/values/requestPrincipal.ts'

const issuers = new Set([
  'https://idp.example.com/realms/shop',
  'https://login.example.com/',
  'https://both.example.com',
  'https://both.example.com/',
])

describe('faultOfRequestPrincipal', () => {
  test.each([
    '*',
    '*/subject',
    '*@example.com',
    'issuer/subject',
    'issuer/*',
    'issuer*',
    'testing@secure.istio.io/testing@secure.istio.io',
    'http://idp/realms/x/8f0c',
    'https://idp.example.com/realms/shop/*',
    'https://login.example.com//*',
    'https://both.example.com/*',
    'https://other.example.com/*',
    // A star of another rule.
    '*/*',
    'a*b/c',
  ])('takes %s', text => expect(faultOfRequestPrincipal(text, issuers)).toBeUndefined())

  test.each([
    ['word', undefined],
    ['https://idp.example.com', 'https://idp.example.com/*'],
    ['https://idp.example.com*', 'https://idp.example.com/*'],
    ['https://*', undefined],
    ['https://idp.example.com/', undefined],
    ['https://both.example.com/', 'https://both.example.com//*'],
    ['https://idp.example.com/realms/shop', 'https://idp.example.com/realms/shop/*'],
    ['https://idp.example.com/realms/shop/', 'https://idp.example.com/realms/shop/*'],
    ['https://login.example.com/', 'https://login.example.com//*'],
    ['https://login.example.com/*', 'https://login.example.com//*'],
    ['https://login.example.com/me', 'https://login.example.com//me'],
  ])('refuses %s', (text, meant) => {
    const fault = faultOfRequestPrincipal(text, issuers)
    expect(fault).toBeDefined()
    expect(fault?.meant).toBe(meant)
  })
})
