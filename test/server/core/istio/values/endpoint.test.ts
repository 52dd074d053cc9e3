import { expect, test } from 'vitest'
import { isPort, splitHostPort } from '../../../../../server/src/core/istio/values/endpoint.ts'

test.each([
  ['127.0.0.1:80', '127.0.0.1', '80'],
  [':80', '', '80'],
  [':', '', ''],
  ['[::1]:80', '::1', '80'],
  ['[]:80', '', '80'],
  ['[127.0.0.1]:80', '127.0.0.1', '80'],
  ['host:80 ', 'host', '80 '],
])('%j is %j and %j', (text, host, port) => expect(splitHostPort(text)).toEqual({ host, port }))

test.each(['', '80', '::1:80', '[::1', '[::1]', '[::1]80', '[::1]:80:90', 'a[b]:80', '[[::1]:80', '[::1]:8]0', 'host:8[0'])(
  '%j is neither',
  text => expect(splitHostPort(text)).toBeUndefined(),
)

test.each([
  ['1', true],
  ['+65535', true],
  ['080', true],
  ['0', false],
  ['-1', false],
  ['65536', false],
  ['', false],
  ['80 ', false],
  ['http', false],
])('%j is a port: %s', (text, port) => expect(isPort(text)).toBe(port))
