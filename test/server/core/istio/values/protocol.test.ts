import { expect, test } from 'vitest'
import { isMadeOfProtocols, isPlainHttp, isTcp, isTls, parseProtocol } from '../../../../../server/src/core/istio/values/protocol.ts'

test.each([
  ['HTTP', 'HTTP'],
  ['http_proxy', 'HTTP_PROXY'],
  ['gRPC-Web', 'GRPC-WEB'],
  ['Mongo', 'MONGO'],
  ['HBONE', 'unsupported'],
  ['HTTPS ', 'unsupported'],
  ['', 'unsupported'],
])('%j is %s', (text, protocol) => expect(parseProtocol(text)).toBe(protocol))

test.each([
  ['HTTP', { http: true, tls: false, tcp: false }],
  ['GRPC-WEB', { http: true, tls: false, tcp: false }],
  ['HTTPS', { http: false, tls: true, tcp: true }],
  ['TLS', { http: false, tls: true, tcp: true }],
  ['REDIS', { http: false, tls: false, tcp: true }],
  ['UDP', { http: false, tls: false, tcp: false }],
  ['unsupported', { http: false, tls: false, tcp: false }],
] as const)('%s: %j', (protocol, { http, tls, tcp }) => {
  expect([isPlainHttp(protocol), isTls(protocol), isTcp(protocol)]).toEqual([http, tls, tcp])
})

test.each([
  ['TCP_TLS', true],
  ['MY_PROTOCOL', false],
  ['TLS_PORT', false],
])('%s is made of protocols: %s', (text, made) => expect(isMadeOfProtocols(text)).toBe(made))
