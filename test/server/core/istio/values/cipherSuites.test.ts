import { expect, test } from 'vitest'
import { isCipherSuite, isIanaName, openSslName } from '../../../../../server/src/core/istio/values/cipherSuites.ts'

test.each([
  ['ECDHE-RSA-AES128-GCM-SHA256', true],
  ['DES-CBC3-SHA', true],
  ['ALL', true],
  ['', true],
  ['[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]', true],
  ['-ALL', true],
  [' ALL', true],
  ['ecdhe-rsa-aes128-gcm-sha256', false],
  ['ECDHE-RSA-AES128-GCM-SHA256 ', false],
  ['TLS_AES_128_GCM_SHA256', false],
  ['all', false],
  ['éclair', false],
  ['1', false],
])('%j passes: %s', (text, passes) => expect(isCipherSuite(text)).toBe(passes))

test.each([
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'DES-CBC3-SHA'],
  ['TLS_AES_128_GCM_SHA256', undefined],
  ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', undefined],
])('%s is %s to OpenSSL', (iana, name) => {
  expect(isIanaName(iana)).toBe(true)
  expect(openSslName(iana)).toBe(name)
})

test.each(['TLS_CIPHER', 'CIPHER_SUITES', '$TLS_SUITE', 'TLS_'])('%s may be filled in later', text => expect(isIanaName(text)).toBe(false))
