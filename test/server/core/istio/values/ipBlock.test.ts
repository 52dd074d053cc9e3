import { describe, expect, test } from 'vitest'
import { checkIpBlock, repairIpBlock } from '../../../../../server/src/core/istio/values/ipBlock.ts'

describe('checkIpBlock', () => {
  test.each([
    '10.0.0.1',
    '10.1.2.3/16',
    '0.0.0.0/0',
    '10.0.0.0/32',
    '::',
    '::/0',
    '2001:DB8::1/128',
    '1:2:3:4:5:6:7::',
    '::ffff:10.0.0.0/104',
    '1:2:3:4:5:6:1.2.3.4',
    'fe80::1%eth0',
    'fe80::1%any text.',
  ])('takes %s', text => expect(checkIpBlock(text)).toBeUndefined())

  test.each([
    ['10.0.0.0/33', 'IPv4 block is at most 32'],
    ['::/129', 'IPv6 block is at most 128'],
    ['10.0.0.0/08', 'plain number'],
    ['10.0.0.0/00', 'plain number'],
    ['10.0.0.0/+8', 'plain number'],
    ['10.0.0.0/-1', 'plain number'],
    ['10.0.0.0/', 'plain number'],
    ['10.0.0.0/8/8', 'Names'],
    ['10.0.0.0/99999999999999999999', 'at most 32'],
    ['fe80::1%eth0/64', 'zone'],
    ['fe80::1%', 'IPv6 address'],
    ['01.2.3.4', 'leading zeros'],
    ['256.1.1.1', '0 to 255'],
    ['1.2.3', 'four numbers'],
    ['1.2.3.4.5', 'four numbers'],
    ['10.0.0.*', 'wildcards'],
    ['*', 'wildcards'],
    ['10.0.0.1-10.0.0.9', 'ranges'],
    [' 10.0.0.1', 'spaces'],
    ['10.0.0.1:80', 'port'],
    ['[::1]:80', 'brackets'],
    ['::1::', 'IPv6 address'],
    [':::', 'IPv6 address'],
    ['1:2:3:4:5:6:7:8::', 'IPv6 address'],
    ['12345::', 'IPv6 address'],
    ['0x7f.0.0.1', 'Names'],
    ['shop.example.com', 'Names'],
    ['', 'Names'],
  ])('refuses %j', (text, advice) => expect(checkIpBlock(text)).toContain(advice))
})

describe('repairIpBlock', () => {
  test.each([
    [' 10.0.0.1 ', '10.0.0.1'],
    ['10.0.0.0/08', '10.0.0.0/8'],
    ['10.0.0.0/+8', '10.0.0.0/8'],
    ['10.0.0.0/00', '10.0.0.0/0'],
    ['10.0.0.0/255.255.0.0', '10.0.0.0/16'],
    ['0.0.0.0/0.0.0.0', '0.0.0.0/0'],
    ['10.1.2.*', '10.1.2.0/24'],
    ['10.1.*.*', '10.1.0.0/16'],
    ['10.1.2.3:80', '10.1.2.3'],
    ['[::1]:80', '::1'],
  ])('%j is %s', (text, repaired) => expect(repairIpBlock(text)).toBe(repaired))

  test.each(['10.0.0.0/33', '10.0.0.0/255.0.255.0', '01.2.3.4', '*', 'shop.example.com', '10.0.0.1'])(
    'nobody knows what %j was meant to be',
    text => expect(repairIpBlock(text)).toBeUndefined(),
  )
})
