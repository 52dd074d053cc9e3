import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createAccess } from '../../../server/src/cluster/access.ts'
import { systemClock } from '../../../server/src/cluster/clock.ts'
import { createTransport, StreamBroken } from '../../../server/src/cluster/transport.ts'

const never = new AbortController().signal

/** A transport to a server that answers like this. */
async function serving(answer: (response: ServerResponse, request: number) => void) {
  let requests = 0
  const server = createServer((_, response) => answer(response, ++requests))
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
  ['an answer that is not JSON', 200, {}, '<html>', { kind: 'network', detail: 'its answer is not JSON' }],
] as const)('%s is a failure', async ([, code, headers, body, failure]) => {
  await using server = await serving(response => response.writeHead(code, headers).end(body))
  expect(await server.transport.get('/', { signal: never })).toEqual({ ok: false, failure })
})

test('a server that says nothing is given up', async () => {
  await using server = await serving(() => {})
  expect(await server.transport.get('/', { signal: never, idleMs: 100 })).toMatchObject({ ok: false, failure: { kind: 'network' } })
})
