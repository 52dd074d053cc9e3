import { expect, test } from 'vitest'
import { networkOf } from '../../../../../server/src/core/istio/values/ipNetwork.ts'

test.each([
  ['10.1.2.3/16', '10.1.0.0/16'],
  ['10.1.2.3/30', '10.1.2.0/30'],
  ['192.168.1.1/0', '0.0.0.0/0'],
  ['255.255.255.255/9', '255.128.0.0/9'],
  ['2001:db8::1/64', '2001:db8::/64'],
  ['2001:db8:0:1:0:0:0:1/64', '2001:db8:0:1::/64'],
  ['2001:DB8:ff::1/33', '2001:db8::/33'],
  ['1:0:0:2:0:0:0:3/64', '1:0:0:2::/64'],
  ['::1/0', '::/0'],
  ['1:2:3:4:5:6:7:8/127', undefined],
  ['1:2:3:4:5:6:7:9/127', '1:2:3:4:5:6:7:8/127'],
  ['10.1.0.0/16', undefined],
  ['10.1.2.3/32', undefined],
  ['10.1.2.3', undefined],
  ['10.1.2.3/33', undefined],
  ['::ffff:10.0.0.1/104', undefined],
  ['2001:db8::1/128', undefined],
])('%s stands for %s', (block, network) => expect(networkOf(block)).toBe(network))
