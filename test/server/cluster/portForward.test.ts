import { getEventListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forwardPort } from '../../../server/src/cluster/portForward.ts'
import { until } from './support/connected.ts'
import {
  acceptUpgrade,
  announced,
  binary,
  closing,
  type ForwardServer,
  forwardServer,
  port,
  portBytes,
  text,
} from './support/forwardServer.ts'

const pod = { namespace: 'shop', name: 'checkout-1' }
const never = new AbortController().signal
const [low, high] = portBytes

/** What comes out, to its end, and the reason where it ends with one. */
async function read(stream: Duplex): Promise<{ readonly text: string; readonly error?: string }> {
  let text = ''
  try {
    for await (const chunk of stream) text += chunk
    return { text }
  } catch (error) {
    return { text, error: error instanceof Error ? error.message : String(error) }
  }
}

function sending(frames: readonly Buffer[], then: 'end' | 'stay' = 'end'): Promise<ForwardServer> {
  return forwardServer((socket, request) => {
    acceptUpgrade(request, socket)
    for (const each of frames) socket.write(each)
    if (then === 'end') socket.end()
  })
}

const notTheProtocol = 'what answers does not speak v4.channel.k8s.io'

test.for<[string, readonly Buffer[], { readonly text: string; readonly error?: string }]>([
  ['data after the announcement of the port', [...announced, binary(0, 'he'), binary(0, 'llo'), closing(1000)], { text: 'hello' }],
  ['data in the frame of the announcement', [binary(0, low, high, 'hello'), closing(1000)], { text: 'hello' }],
  ['an announcement in two frames', [binary(0, low), binary(0, high), binary(0, 'hello'), closing(1000)], { text: 'hello' }],
  ['an announcement in two frames, with data', [binary(0, low), binary(0, high, 'hello'), closing(1000)], { text: 'hello' }],
  ['empty frames', [binary(), ...announced, binary(0), binary(0, 'hello'), binary(), closing(1000)], { text: 'hello' }],
  ['data without an announcement', [binary(0, 'hello')], { text: '', error: notTheProtocol }],
  ['another port', [binary(0, 80, 0, 'hello')], { text: '', error: notTheProtocol }],
  ['a channel that nobody opened', [...announced, binary(7, low, high)], { text: '', error: notTheProtocol }],
  ['a text frame', [...announced, text('hello')], { text: '', error: notTheProtocol }],
  [
    'an error, then the end in order',
    [...announced, binary(1, 'connection refused'), closing(1000)],
    { text: '', error: 'connection refused' },
  ],
  ['an error with control characters', [...announced, binary(1, 'no\u001b[31m\r\nentry\u202e')], { text: '', error: 'no [31m entry' }],
  ['an error that repeats the credentials', [...announced, binary(1, 'Bearer token-of-yesterday')], { text: '', error: '[redacted]' }],
  ['a very long error', [...announced, binary(1, 'x'.repeat(5_000))], { text: '', error: 'x'.repeat(300) }],
  ['the end in order', [...announced, closing(1000)], { text: '' }],
  ['a frame that stops in the middle', [...announced, binary(0, 'hello').subarray(0, 4)], { text: '', error: 'connection lost' }],
  ['no frame at all', [Buffer.from('HTTP/1.1 200 OK\r\n')], { text: '', error: 'a broken WebSocket frame' }],
])('%s', async ([, frames, expected]) => {
  await using server = await sending(frames)
  const forwarded = await forwardPort(server, pod, port, never)
  if (forwarded.kind !== 'open') return expect.fail(JSON.stringify(forwarded))
  expect(await read(forwarded.stream)).toEqual(expected)
})

const refusing =
  (head: string, body = '') =>
  (socket: Duplex) =>
    socket.end(`HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)

test.for<[string, (socket: Duplex, request: Parameters<typeof acceptUpgrade>[0]) => void, object]>([
  ['a refusal with a Status', refusing('403 Forbidden', '{"message":"no"}'), { kind: 'refused', code: 403, message: 'no' }],
  ['a redirect', refusing('302 Found\r\nlocation: https://login.example.com/x'), { kind: 'refused', code: 302 }],
  ['200 instead of an upgrade', refusing('200 OK', '<html>'), { kind: 'refused', code: 200, message: 'OK' }],
  ['no subprotocol', (socket, request) => acceptUpgrade(request, socket, ''), { kind: 'failed', detail: notTheProtocol }],
  [
    'another subprotocol',
    (socket, request) => acceptUpgrade(request, socket, 'v5.channel.k8s.io'),
    { kind: 'failed', detail: notTheProtocol },
  ],
  ['the end', socket => socket.destroy(), { kind: 'failed' }],
])('%s is an answer', async ([, answer, expected]) => {
  await using server = await forwardServer(answer)
  const abort = new AbortController()
  expect(await forwardPort(server, pod, port, abort.signal)).toMatchObject(expected)
  await until('nothing is open', () => server.open() === 0)
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('a refusal without an end is read as far as it matters', async () => {
  await using server = await forwardServer(socket => {
    socket.write('HTTP/1.1 500 Internal Server Error\r\n\r\n')
    const more = () => socket.write('x'.repeat(10_000), error => error ?? setImmediate(more))
    more()
  })
  expect(await forwardPort(server, pod, port, never)).toMatchObject({ kind: 'refused', code: 500 })
  await until('nothing is open', () => server.open() === 0)
})

test('refused credentials are renewed once', async () => {
  await using server = await forwardServer((socket, request, count) => {
    if (count === 1) return refusing('401 Unauthorized')(socket)
    acceptUpgrade(request, socket)
  })
  const forwarded = await forwardPort(server, pod, port, never)
  expect(forwarded.kind).toBe('open')
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-of-yesterday', 'Bearer token-of-today'])
  if (forwarded.kind === 'open') forwarded.stream.destroy()
})

test('credentials that are refused again are an answer', async () => {
  await using server = await forwardServer(refusing('401 Unauthorized', '{"message":"Unauthorized"}'))
  expect(await forwardPort(server, pod, port, never)).toEqual({ kind: 'refused', code: 401, message: 'Unauthorized' })
  expect(server.requests).toHaveLength(2)
})

test('who does not read is not sent more than a little', async () => {
  let sent = 0
  await using server = await forwardServer((socket, request) => {
    acceptUpgrade(request, socket)
    for (const each of announced) socket.write(each)
    const piece = binary(0, Buffer.alloc(32_000))
    const more = () => {
      if (sent > 64_000_000 || socket.destroyed) return
      sent += piece.length
      if (socket.write(piece)) setImmediate(more)
      else socket.once('drain', more)
    }
    more()
  })
  const forwarded = await forwardPort(server, pod, port, never)
  if (forwarded.kind !== 'open') return expect.fail(JSON.stringify(forwarded))
  forwarded.stream.read(0)
  let before = -1
  while (before !== sent) {
    before = sent
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  expect(forwarded.stream.readableLength).toBeLessThan(1_000_000)
  // What the two ends of the wire hold in the system.
  expect(sent).toBeLessThan(40_000_000)
  forwarded.stream.destroy()
})

test('whenever it is cancelled, and whatever the server does, nothing stays open and nobody listens any more', async () => {
  const behaviour = fc.constantFrom<'hang' | 'accept' | 'send' | 'error' | 'refuse' | 'endless' | 'cut'>(
    'hang',
    'accept',
    'send',
    'error',
    'refuse',
    'endless',
    'cut',
  )
  await fc.assert(
    fc.asyncProperty(behaviour, fc.integer({ min: -1, max: 12 }), async (behaves, turns) => {
      await using server = await forwardServer((socket, request) => {
        if (behaves === 'refuse') return refusing('403 Forbidden', '{}')(socket)
        if (behaves === 'endless') return socket.write('HTTP/1.1 503 Unavailable\r\n\r\n{')
        if (behaves === 'cut') return socket.destroy()
        if (behaves === 'hang') return
        acceptUpgrade(request, socket)
        for (const each of announced) socket.write(each)
        if (behaves === 'send') socket.write(binary(0, 'hello'))
        if (behaves === 'error') socket.write(binary(1, 'connection refused'))
      })
      const abort = new AbortController()
      if (turns < 0) abort.abort()
      const asked = forwardPort(server, pod, port, abort.signal)
      for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
      abort.abort()
      const forwarded = await asked
      if (forwarded.kind === 'open') await read(forwarded.stream)
      await until('nothing is open', () => server.open() === 0)
      expect(getEventListeners(abort.signal, 'abort')).toEqual([])
    }),
    { numRuns: 80 },
  )
})
