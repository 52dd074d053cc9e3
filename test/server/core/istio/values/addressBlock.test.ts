// Source: Go net/netip/netip.go (ParsePrefix, Prefix.Contains); ipnet (IpNet::contains).
import { expect, test } from 'vitest'
import { canonical, contains, parseAddress, parseAddressBlock } from '../../../../../server/src/core/istio/values/addressBlock.ts'

const blocks = [
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.1.2.3/8', '10.9.9.9', true],
  ['10.0.0.0/9', '10.128.0.0', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['0.0.0.0/0', '1.2.3.4', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '1.2.3.4', false],
  ['::/0', 'fd00::1', true],
  ['::ffff:10.0.0.1', '10.0.0.1', false],
  ['10.0.0.1', '::ffff:10.0.0.1', true],
  ['fd00::/8', 'fdff::1', true],
  ['2001:db8::/33', '2001:db8:8000::', false],
  ['fe80::1', 'fe80::1%eth0', true],
] as const

test.each(blocks)('%s contains %s: %s', (block, address, expected) => {
  const [parsed, of] = [parseAddressBlock(block), parseAddress(address)]
  if (!parsed || !of) throw new Error('not parsed')
  expect(contains(parsed, canonical(of))).toBe(expected)
})

const texts = [
  ['10.0.0.1', '10.0.0.1/32'],
  ['10.1.2.3/8', '10.1.2.3/8'],
  ['0:0::1', '::1/128'],
  ['::FFFF:0.0.0.0/96', '::ffff:0.0.0.0/96'],
] as const

test.each(texts)('%s is shown as %s', (text, shown) => {
  expect(parseAddressBlock(text)?.text).toBe(shown)
})

test.each(['', 'web', '10.0.0.0/33', '10.0.0', '10.0.0.1/', 'fe80::1%eth0/64'])('%j is no block', text => {
  expect(parseAddressBlock(text)).toBeUndefined()
})
