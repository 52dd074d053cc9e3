import { expect, test } from 'vitest'
import { isIpAddress } from '../../../../../server/src/core/istio/values/ipAddress.ts'

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '1::',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::1.2.3.4',
  '1:2:3:4:5:6:1.2.3.4',
  'ABCD::ef01',
])('%s is an address', text => expect(isIpAddress(text)).toBe(true))

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.0.0.1',
  '1.2.3.4%eth0',
  '1.2.3.4 ',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7::8',
  '12345::',
  ':1',
  '1:',
  '::1%',
  '%eth0',
  '1.2.3.4::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::g',
])('%j is none', text => expect(isIpAddress(text)).toBe(false))
