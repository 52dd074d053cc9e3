import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Fault } from '../../../demo/api/faults.ts'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { defaultLimits, readProxy } from '../../../server/src/cluster/proxies.ts'
import type { Pod } from '../../../server/src/core/istio/resources.ts'
import type { PodRef } from '../../../server/src/protocol.ts'
import { type Connected, connectWith } from './support/connected.ts'

const never = new AbortController().signal

describe('proxies of the demo mesh', () => {
  let demo: Demo
  let viewer: Connected
  let narrow: Connected

  beforeAll(async () => {
    demo = await startDemo()
    viewer = connectWith(demo.kubeconfig())
    narrow = connectWith(demo.kubeconfig(), { context: 'demo-narrow' })
    await Promise.all([viewer.connection.ready(), narrow.connection.ready()])
  })

  afterAll(async () => {
    viewer.dispose()
    narrow.dispose()
    await demo.close()
  })

  function podOf(namespace: string, app: string): Pod {
    const pod = viewer.connection
      .world()
      .objects.find(each => each.kind === 'Pod' && each.namespace === namespace && each.labels.app === app)
    if (pod?.kind !== 'Pod') throw new Error(`the demo has no pod of ${namespace}/${app}`)
    return pod
  }

  test('a sidecar tells its secrets, with the key blanked', async () => {
    const answer = await readProxy(viewer.connection, podOf('shop', 'checkout'), never)
    expect(answer).toMatchObject({ ok: true, value: { proxy: 'sidecar' } })
    const text = answer.ok ? answer.value.text : ''
    expect(JSON.parse(text).configs[0]['@type']).toContain('SecretsConfigDump')
    expect(text).not.toContain('PRIVATE KEY')
  })

  test('for a pod of the ambient mesh the ztunnel of its node is asked', async () => {
    const answer = await readProxy(viewer.connection, podOf('bank', 'teller'), never)
    expect(answer).toMatchObject({ ok: true, value: { proxy: 'ztunnel' } })
    expect(answer.ok && answer.value.text).toContain('spiffe://cluster.local/ns/bank/sa/')
  })

  test('a pod outside the mesh has no proxy', async () => {
    const pod = podOf('billing', 'legacy')
    expect(await readProxy(viewer.connection, pod, never)).toMatchObject({
      ok: false,
      problem: { kind: 'no-proxy', message: `"billing/${pod.name}" has no proxy, so it has no certificate and mTLS does not protect it.` },
    })
  })

  test('a dead port is told with the reason from the error channel', async () => {
    const answer = await readProxy(viewer.connection, podOf('billing', 'archive'), never)
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'proxy-silent', detail: expect.stringContaining('connection refused') } })
  })

  test('a refused port-forward names verb, resource and namespace', async () => {
    expect(await readProxy(narrow.connection, podOf('shop', 'checkout'), never)).toMatchObject({
      ok: false,
      problem: {
        kind: 'forbidden',
        verb: 'get',
        resource: 'pods/portforward',
        namespace: 'shop',
        remedy: expect.stringContaining('get and create'),
      },
    })
  })

  test.for([
    ['a pod that is gone', { namespace: 'shop', name: 'checkout-gone' }, { kind: 'not-found', name: 'checkout-gone' }],
    ['a pod where pods may not be read', { namespace: 'billing', name: 'ledger-1' }, { kind: 'forbidden', verb: 'get', resource: 'pods' }],
  ] as const)('%s is an answer', async ([, ref, problem]) => {
    expect(await readProxy(narrow.connection, ref as PodRef, never)).toMatchObject({ ok: false, problem })
  })

  test('an answer beyond the limit is not read to its end', async () => {
    const answer = await readProxy(viewer.connection, podOf('shop', 'checkout'), never, { ...defaultLimits, limitBytes: 500 })
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'too-large', limitBytes: 500 } })
  })

  test('a proxy that never answers is given up in time', async () => {
    demo.faults.inject({ kind: 'silent' }, { verb: 'portforward' })
    const answer = await readProxy(viewer.connection, podOf('shop', 'checkout'), never, { ...defaultLimits, timeoutMs: 300 })
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'timed-out', seconds: 0.3 } })
  })

  test.for<[string, Fault, object]>([
    ['another protocol', { kind: 'other-protocol' }, { kind: 'unreachable', detail: 'what answers does not speak v4.channel.k8s.io' }],
    ['half a frame', { kind: 'half-frame' }, { kind: 'proxy-silent' }],
    [
      'a redirect',
      { kind: 'redirect', location: 'https://login.example.com/' },
      { kind: 'proxy-silent', detail: expect.stringContaining('redirects') },
    ],
    ['too many requests', { kind: 'status', code: 429 }, { kind: 'proxy-silent', detail: expect.stringContaining('too many requests') }],
    ['the end', { kind: 'cut' }, { kind: 'unreachable' }],
  ])('a port-forward that is answered by %s is told', async ([, fault, problem]) => {
    demo.faults.inject(fault, { verb: 'portforward' })
    expect(await readProxy(viewer.connection, podOf('shop', 'checkout'), never)).toMatchObject({ ok: false, problem })
  })

  test('credentials that were refused once are renewed, and the proxy is asked', async () => {
    demo.faults.inject({ kind: 'status', code: 401 }, { verb: 'portforward' })
    expect(await readProxy(viewer.connection, podOf('shop', 'checkout'), never)).toMatchObject({ ok: true })
  })

  test('a cancelled question ends as cancelled', async () => {
    demo.faults.inject({ kind: 'silent' }, { verb: 'portforward' })
    const cancelled = new AbortController()
    const asked = readProxy(viewer.connection, podOf('shop', 'checkout'), cancelled.signal)
    setTimeout(() => cancelled.abort(), 50)
    expect(await asked).toMatchObject({ ok: false, problem: { kind: 'cancelled' } })
  })
})

describe('what comes through the port-forward', () => {
  const table: readonly (readonly [string, readonly string[], object])[] = [
    [
      'an answer in chunks',
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n', '0\r\n\r\n'],
      { ok: true, value: { text: '{}' } },
    ],
    ['an answer cut into single bytes', [...'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'], { ok: true, value: { text: '{}' } }],
    [
      'an answer that stops early',
      ['HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{"configs"', 'CLOSE'],
      { problem: { kind: 'truncated' } },
    ],
    ['something that is not HTTP', ['SSH-2.0-OpenSSH_9.2\r\n'], { problem: { kind: 'unreadable', detail: 'it does not speak HTTP' } }],
    [
      'an error of the proxy',
      ['HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n'],
      { problem: { kind: 'unreadable', detail: 'it answered 503' } },
    ],
    ['nothing, then the end', ['CLOSE'], { problem: { kind: 'proxy-silent', detail: 'the connection closed without an answer' } }],
  ]

  test.for(table)('%s', async ([, frames, expected]) => {
    const { port, close } = await serveForward(frames)
    const connected = connectWith(plainKubeconfig(port))
    await connected.connection.ready()
    expect(
      await readProxy(connected.connection, { namespace: 'shop', name: 'checkout-1' }, never, { limitBytes: 1_000, timeoutMs: 3_000 }),
    ).toMatchObject(expected)
    connected.dispose()
    close()
  })
})

/** An API server with one pod whose port 15000 sends these pieces once asked. */
async function serveForward(pieces: readonly string[]): Promise<{ readonly port: number; readonly close: () => void }> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'checkout-1', namespace: 'shop' },
    spec: { containers: [{ name: 'app' }, { name: 'istio-proxy' }], serviceAccountName: 'checkout' },
    status: { phase: 'Running' },
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/apis') response.end(JSON.stringify({ groups: [{ name: 'apps', versions: [{ version: 'v1' }] }] }))
    else if (pathname.endsWith('/checkout-1')) response.end(JSON.stringify(pod))
    else response.writeHead(403).end('{}')
  })
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'v4.channel.k8s.io' })
  sockets.on('connection', socket => {
    for (const channel of [0, 1]) socket.send(Buffer.from([channel, 0x98, 0x3a]))
    socket.once('message', () => {
      for (const piece of pieces) {
        if (piece === 'CLOSE') socket.close(1000)
        else socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(piece)]))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}

function plainKubeconfig(port: number): string {
  return `
current-context: plain
clusters: [{ name: plain, cluster: { server: "http://127.0.0.1:${port}" } }]
users: [{ name: plain, user: { token: a-token-of-the-test } }]
contexts: [{ name: plain, context: { cluster: plain, user: plain } }]
`
}
