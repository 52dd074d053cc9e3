import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAccess } from '../../../server/src/cluster/access.ts'
import { systemClock } from '../../../server/src/cluster/clock.ts'
import { createTransport, StreamBroken } from '../../../server/src/cluster/transport.ts'

const never = new AbortController().signal

/** A transport to a server that answers like this. */
async function serving(answer: (response: ServerResponse, request: number, asked: IncomingMessage) => void) {
  let requests = 0
  const server = createServer((asked, response) => answer(response, ++requests, asked))
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const access = createAccess({
    target: {
      context: { name: 'prod', cluster: 'prod', user: 'me' },
      cluster: { name: 'prod', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTlsVerify: false },
      user: { name: 'me', token: 'abc' },
    },
    clock: systemClock,
    reload: async () => undefined,
  })
  return {
    transport: createTransport(access),
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      access.dispose()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function read(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

test('lines are whole, however the bytes arrive', async () => {
  const bytes = [...Buffer.from('{"name":"café"}\n\n{"name":"b"}\n')]
  await using server = await serving(response => {
    const next = () => {
      const byte = bytes.shift()
      if (byte === undefined) response.end()
      else response.write(Buffer.from([byte]), () => setImmediate(next))
    }
    next()
  })
  const reply = await server.transport.lines('/', { signal: never })
  expect(reply.ok && (await read(reply.value))).toEqual(['{"name":"café"}', '{"name":"b"}'])
})

test('a stream that is cut, or falls silent, ends as broken', async () => {
  await using server = await serving((response, request) => {
    response.write('{}\n')
    if (request === 1) setTimeout(() => response.destroy(), 20)
  })
  for (const _ of ['cut', 'silent']) {
    const reply = await server.transport.lines('/', { signal: never, idleMs: 200 })
    expect(reply.ok).toBe(true)
    if (reply.ok) await expect(read(reply.value)).rejects.toBeInstanceOf(StreamBroken)
  }
})

test('an abort ends a stream that is being read', async () => {
  await using server = await serving(response => response.write('{}\n'))
  const abort = new AbortController()
  const reply = await server.transport.lines('/', { signal: abort.signal })
  setTimeout(() => abort.abort(), 20)
  if (reply.ok) await expect(read(reply.value)).rejects.toBeInstanceOf(StreamBroken)
  expect(await server.transport.get('/', { signal: abort.signal })).toEqual({ ok: false, failure: { kind: 'aborted' } })
})

test('a kept connection that the server had closed is replaced by a new one', async () => {
  await using server = await serving((response, request) => {
    if (request === 2) response.socket?.resetAndDestroy()
    else response.end('{"fine":true}')
  })
  await server.transport.get('/', { signal: never })
  expect(await server.transport.get('/', { signal: never })).toEqual({ ok: true, value: { fine: true } })
  expect(server.requests()).toBe(3)
})

test.for([
  [
    'an error with a Status',
    503,
    { 'retry-after': '7' },
    '{"message":"starting"}',
    { kind: 'status', code: 503, message: 'starting', retryAfterMs: 7_000 },
  ],
  [
    'an error page of a proxy, which is not repeated',
    502,
    {},
    '<html>secret</html>',
    { kind: 'status', code: 502, message: 'Bad Gateway' },
  ],
  ['an answer that is not JSON', 200, {}, '<html>', { kind: 'unreadable', detail: 'its answer is not JSON' }],
  ['half an answer', 200, {}, '{"items":[{"met', { kind: 'unreadable', detail: 'its answer is not JSON' }],
  ['a web page', 200, { 'content-type': 'text/html; charset=utf-8' }, '{}', { kind: 'unreadable', detail: 'it answers with a web page' }],
  [
    'an answer packed otherwise',
    200,
    { 'content-encoding': 'br' },
    '{}',
    { kind: 'unreadable', detail: 'its answer is packed in a way that was not asked for' },
  ],
  [
    'what only claims to be packed',
    200,
    { 'content-encoding': 'gzip' },
    '{}',
    { kind: 'unreadable', detail: 'its packed answer is broken' },
  ],
  [
    'a wish to wait until a date, by the clock of a server that is years behind',
    429,
    { 'retry-after': 'Wed, 21 Nov 2018 10:00:30 GMT', date: 'Wed, 21 Nov 2018 10:00:00 GMT' },
    '{}',
    { kind: 'status', code: 429, message: 'Too Many Requests', retryAfterMs: 30_000 },
  ],
  ['a wish to wait for a year', 429, { 'retry-after': '31536000' }, '{}', { kind: 'status', code: 429, retryAfterMs: 600_000 }],
  ['a date that is past', 503, { 'retry-after': 'Wed, 21 Nov 2018 10:00:30 GMT' }, '{}', { kind: 'status', code: 503 }],
  ['a wish that is none', 503, { 'retry-after': 'soon' }, '{}', { kind: 'status', code: 503 }],
  [
    'a redirect',
    302,
    { location: 'https://login.example.com/?next=secret' },
    '',
    { kind: 'status', code: 302, message: 'it redirects to "login.example.com", which is not followed' },
  ],
  ['a redirect to nowhere', 307, {}, '', { kind: 'status', code: 307, message: 'it redirects elsewhere, which is not followed' }],
  [
    'a message with control and direction characters',
    500,
    {},
    JSON.stringify({ message: 'no\r\ncluster: \u001b[31mall is well\u202e\u2028' }),
    { kind: 'status', code: 500, message: 'no cluster: [31mall is well' },
  ],
] as const)('%s is a failure', async ([, code, headers, body, failure]) => {
  await using server = await serving(response => response.writeHead(code, headers).end(body))
  expect(await server.transport.get('/', { signal: never })).toMatchObject({ ok: false, failure })
  expect(server.requests()).toBe(1)
})

test('a refusal without an end is a refusal', async () => {
  await using server = await serving(response => {
    response.writeHead(503)
    const more = () => response.write('x'.repeat(10_000), error => error ?? setImmediate(more))
    more()
  })
  expect(await server.transport.get('/', { signal: never })).toMatchObject({ ok: false, failure: { kind: 'status', code: 503 } })
})

const page = JSON.stringify({
  metadata: { resourceVersion: '7' },
  items: Array.from({ length: 40 }, (_, at) => ({ metadata: { name: `café-${at}` } })),
})

test('a packed answer is unpacked, and one that breaks off is a failure wherever it does', async () => {
  const packed = gzipSync(page)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constantFrom(0, 1, 9, 10, packed.length - 1, packed.length), fc.nat(packed.length)),
      fc.boolean(),
      async (length, cut) => {
        await using server = await serving(response => {
          response.writeHead(200, { 'content-encoding': 'gzip' })
          response.write(packed.subarray(0, length), () => (cut ? response.destroy() : response.end()))
        })
        const reply = await server.transport.get('/', { signal: never })
        if (length === packed.length && !cut) expect(reply).toEqual({ ok: true, value: JSON.parse(page) })
        else expect(reply).toMatchObject({ ok: false, failure: { kind: expect.stringMatching(/^(?:network|unreadable)$/) } })
      },
    ),
    { numRuns: 60 },
  )
})

test('packed lines are read as they come', async () => {
  const packed = gzipSync('{"name":"a"}\n{"name":"b"}\n')
  await using server = await serving(response => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed))
  const reply = await server.transport.lines('/', { signal: never })
  expect(reply.ok && (await read(reply.value))).toEqual(['{"name":"a"}', '{"name":"b"}'])
})

test('a line without an end is given up, and known to be unreadable', async () => {
  await using server = await serving(response => {
    const more = () => response.write('x'.repeat(1_000_000), error => error ?? setImmediate(more))
    more()
  })
  const reply = await server.transport.lines('/', { signal: never })
  if (reply.ok) await expect(read(reply.value)).rejects.toMatchObject({ unreadable: true })
  expect(reply.ok).toBe(true)
})

test('whatever bytes lines come in, they are the lines', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '🐈', '\n', ' ') })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(40), { maxLength: 6 }), async (sent, cuts) => {
      const bytes = Buffer.from(sent)
      await using server = await serving(response => {
        const ends = [...cuts].sort((a, b) => a - b)
        const sendFrom = (from: number) => {
          const to = ends.shift()
          if (to === undefined) response.end(bytes.subarray(from))
          else response.write(bytes.subarray(from, to), () => setImmediate(sendFrom, Math.max(from, to)))
        }
        sendFrom(0)
      })
      const reply = await server.transport.lines('/', { signal: never })
      // What has no line end was cut off.
      expect(reply.ok && (await read(reply.value))).toEqual(
        sent
          .split('\n')
          .slice(0, -1)
          .filter(line => line !== ''),
      )
    }),
    { numRuns: 60 },
  )
})

test('packing is asked for where there is a wire, not on this machine', async () => {
  const asked: unknown[] = []
  await using server = await serving((response, _, { headers }) => {
    asked.push(headers['accept-encoding'])
    response.end('{}')
  })
  await server.transport.get('/', { signal: never })
  expect(asked).toEqual([undefined])
})

test('whether anybody answers is asked over a new connection, and any answer but trouble counts', async () => {
  const codes = [200, 403, 503]
  const sockets = new Set<unknown>()
  await using server = await serving((response, request, { socket }) => {
    sockets.add(socket)
    response.writeHead(codes[request - 1] ?? 200).end('{}')
  })
  const reached: boolean[] = []
  for (const _ of codes) reached.push(await server.transport.reaches(never))
  expect(reached).toEqual([true, true, false])
  expect(sockets.size).toBe(3)
})

test('a server that says nothing is given up', async () => {
  await using server = await serving(() => {})
  expect(await server.transport.get('/', { signal: never, idleMs: 100 })).toMatchObject({ ok: false, failure: { kind: 'network' } })
})
