// Whatever goes wrong with a cluster: one clear sentence, the rest keeps working, nothing hangs, nothing is asked in a tight loop, no credential is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Fault, FaultTarget } from '../../demo/api/faults.ts'
import { type Demo, startDemo } from '../../demo/demo.ts'
import type { AdminResponse } from '../../demo/proxy/admin.ts'
import { GetCertificates, GetClusters, GetMeshNodes, InspectCertificate, Refresh, UseContext } from '../../server/src/protocol.ts'
import { eventually } from '../support/eventually.ts'
import { LanguageServer, type LanguageServerOptions } from '../support/languageServer.ts'
import { answering, emptyCluster, type Listening, wireTo } from './apiServers.ts'

let demo: Demo
let folder: string
let kubeconfig: string
const running: LanguageServer[] = []
const listening: Listening[] = []

beforeAll(async () => {
  demo = await startDemo()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-bad-'))
  kubeconfig = write('kubeconfig', demo.kubeconfig())
})
afterEach(async () => {
  demo.faults.clear()
  const stopped = running.splice(0)
  await Promise.all(stopped.map(server => server.stop()))
  await Promise.all(listening.splice(0).map(each => each.close()))
  rmSync(folder, { recursive: true, force: true })
  for (const server of stopped) {
    expect(server.streamErrors).toEqual([])
    expect(server.standardError).toBe('')
    expect(server.log.filter(line => /\n\s+at /.test(line))).toEqual([])
    for (const secret of [...Object.values(demo.tokens), planted]) expect(server.everythingSaid).not.toContain(secret)
  }
})
afterAll(() => demo?.close())

const planted = 'planted-credential-0123456789'

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const server = await LanguageServer.start({ kubeconfig, ...options })
  running.push(server)
  return server
}

async function listen<T extends Listening>(server: Promise<T>): Promise<T> {
  const started = await server
  listening.push(started)
  return started
}

const plainServer = (port: number) =>
  write(
    'plain',
    `current-context: plain\nclusters: [{ name: c, cluster: { server: "http://127.0.0.1:${port}" } }]\nusers: [{ name: u, user: { token: ${planted} } }]\ncontexts: [{ name: plain, context: { cluster: c, user: u } }]\n`,
  )

const spiffe = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
spec:
  rules:
    - from:
        - source:
            principals: ["spiffe://cluster.local/ns/shop/sa/frontend"]
`

/** Files are judged, and every view gets the same reason. */
async function worksWithoutCluster(server: LanguageServer, kind: string): Promise<void> {
  expect(await server.diagnose(server.open(spiffe))).toMatchObject([{ code: 'spiffe-prefix' }])
  const reason = {
    ok: false,
    problem: { kind, message: expect.stringMatching(/^[A-Z].*\.$/), remedy: expect.stringMatching(/^[A-Z].*\.$/) },
  }
  expect(await server.connection.sendRequest(GetMeshNodes, { parent: 'namespace/shop' })).toMatchObject(reason)
  expect(await server.connection.sendRequest(GetCertificates, { grouping: 'root' })).toMatchObject(reason)
  expect(await server.connection.sendRequest(InspectCertificate, { namespace: 'shop', name: 'db-0' })).toMatchObject(reason)
}

describe('a cluster that cannot be used', () => {
  test.each([
    ['no kubeconfig', 'no-kubeconfig', () => join(folder, 'nope'), ''],
    ['a broken kubeconfig', 'bad-kubeconfig', () => write('broken', `users: [{ name: u, user: { token: ${planted}\n`), ''],
    ['a kubeconfig that is a list', 'bad-kubeconfig', () => write('list', '- 1\n'), ''],
    ['an unknown context', 'no-context', () => kubeconfig, 'nope'],
    ['an empty kubeconfig', 'no-context', () => write('empty', ''), ''],
    ['a folder', 'bad-kubeconfig', () => folder, ''],
  ])('%s: %s', async (_, kind, file, context) => {
    const server = await start({ kubeconfig: file(), settings: { context } })
    await server.connection.sendRequest(GetClusters)
    const state = await eventually(
      'it is clear',
      () => server.states.at(-1),
      now => now !== undefined && now.kind !== 'connecting',
    )
    expect(state).toMatchObject({ problem: { kind } })
    await worksWithoutCluster(server, kind)
  })

  test('a kubeconfig that was repaired is read anew when refreshed', async () => {
    const server = await start({ kubeconfig: write('repaired', 'clusters: [\n') })
    await server.reached('off')
    expect(await server.connection.sendRequest(Refresh, {})).toMatchObject({ problem: { kind: 'bad-kubeconfig' } })
    write('repaired', demo.kubeconfig())
    expect(await server.connection.sendRequest(Refresh, {})).toMatchObject({ kind: 'connected', context: 'demo' })
  })

  test('a kubeconfig that was repaired is read anew when its context is chosen again', async () => {
    const server = await start({ kubeconfig: write('repaired', 'clusters: [\n') })
    const choose = () => server.connection.sendRequest(UseContext, { context: 'demo' })
    expect(await choose()).toMatchObject({ kind: 'failed', problem: { kind: 'bad-kubeconfig' } })
    write('repaired', demo.kubeconfig())
    expect(await choose()).toMatchObject({ kind: 'connected' })
  })

  test('a server that is not there is tried gently', async () => {
    const wire = await listen(wireTo(1))
    const server = await start({ kubeconfig: write('gone', demo.kubeconfig().replace(demo.server, `https://127.0.0.1:${wire.port}`)) })
    await server.reached('failed')
    await worksWithoutCluster(server, 'unreachable')
    await delay(1_200)
    expect(wire.count()).toBeLessThanOrEqual(6)
  })

  test('a token that is refused is not sent again until somebody asks', async () => {
    const refusing = await listen(
      answering((_, response) => response.writeHead(401).end(JSON.stringify({ kind: 'Status', message: 'Unauthorized' }))),
    )
    const server = await start({ kubeconfig: plainServer(refusing.port) })
    await server.reached('failed')
    await worksWithoutCluster(server, 'unauthorized')
    const asked = refusing.count()
    await delay(700)
    expect(refusing.count()).toBe(asked)
    expect((await server.connection.sendRequest(Refresh, {})).kind).toBe('failed')
    expect(refusing.count()).toBeGreaterThan(asked)
  })

  test('an answer that repeats the credentials is not repeated', async () => {
    const echo = await listen(
      answering((request, response) =>
        response.writeHead(500).end(JSON.stringify({ kind: 'Status', message: `no: ${request.headers.authorization} ${planted}` })),
      ),
    )
    const server = await start({ kubeconfig: plainServer(echo.port) })
    await server.reached('failed')
    await delay(600)
    expect(echo.count()).toBeLessThan(10)
  })

  test.each([
    ['no JSON', '<html>sign in</html>'],
    ['another shape', '{"groups":7}'],
    [
      'groups of nothing',
      '{"groups":[null,{"name":"security.istio.io","versions":[null]}],"metadata":{"resourceVersion":"1"},"items":[null,{"metadata":{}},{"metadata":{"name":7},"spec":"x","status":[]}]}',
    ],
    ['nothing', ''],
  ])('a server that answers 200 with %s', async (_, body) => {
    const portal = await listen(answering((_request, response) => response.end(body)))
    const server = await start({ kubeconfig: plainServer(portal.port) })
    await server.connection.sendRequest(GetClusters)
    await eventually(
      'it is clear',
      () => server.states.at(-1)?.kind,
      kind => kind !== undefined && kind !== 'connecting',
    )
    expect(await server.diagnose(server.open(spiffe))).toHaveLength(1)
    await delay(700)
    expect(portal.count()).toBeLessThan(150)
  })

  test('a cluster without Istio is connected and says so', async () => {
    const empty = await listen(answering(emptyCluster))
    const server = await start({ kubeconfig: plainServer(empty.port) })
    expect(await server.reached('connected')).toMatchObject({ istio: false })
    expect(await server.connection.sendRequest(GetMeshNodes, { parent: 'cluster/fake' })).toEqual({ ok: true, value: [] })
    const asked = empty.count()
    await delay(600)
    expect(empty.count()).toBeLessThanOrEqual(asked + 2)
  })

  test('an account that may not list everything hears what is missing, and nothing is concluded from it', async () => {
    const server = await start({ settings: { context: 'demo-narrow' } })
    const { gaps } = await server.reached('connected')
    expect(gaps.map(({ resource }) => resource)).toContain('pods')
    for (const { problem } of gaps)
      expect(problem).toMatchObject({ kind: 'forbidden', message: expect.stringMatching(/^Your account may not /) })
    const asked = demo.requests.length
    await delay(700)
    expect(demo.requests.length - asked).toBeLessThan(10)
    expect(await server.connection.sendRequest(InspectCertificate, { namespace: 'shop', name: podOf('checkout').name })).toMatchObject({
      problem: { kind: 'forbidden', resource: 'pods/portforward' },
    })
  })
})

function podOf(app: string): { readonly namespace: string; readonly name: string } {
  const pod = demo.world.store.all().find(({ kind, metadata }) => kind === 'Pod' && metadata.labels?.app === app)
  return { namespace: pod?.metadata.namespace ?? '', name: pod?.metadata.name ?? '' }
}

describe('a server with trouble', () => {
  const troubles: readonly (readonly [string, Fault, FaultTarget, number])[] = [
    ['410 on a watch', { kind: 'gone' }, { verb: 'watch' }, 3],
    ['410 on a list', { kind: 'gone' }, { verb: 'list', resource: 'pods' }, 1],
    ['429', { kind: 'status', code: 429, retryAfterSeconds: 1 }, { resource: 'pods' }, 2],
    ['500', { kind: 'status', code: 500 }, { resource: 'pods' }, 2],
    ['a connection that breaks', { kind: 'cut' }, { resource: 'serviceaccounts' }, 2],
    ['slow answers', { kind: 'slow', milliseconds: 800 }, {}, 8],
    ['a page of a sign-in portal', { kind: 'web-page' }, { resource: 'pods' }, 2],
    ['half an answer', { kind: 'truncated', afterBytes: 900 }, { resource: 'pods' }, 3],
    ['a connection that breaks in the middle', { kind: 'reset', afterBytes: 900 }, { resource: 'pods' }, 3],
    ['packed answers that nobody asked for', { kind: 'gzip' }, {}, 40],
    ['events twice', { kind: 'repeated-events' }, { verb: 'watch' }, 40],
    ['bookmarks without a version', { kind: 'unversioned-bookmarks' }, { verb: 'watch' }, 10],
    [
      'a wish to wait until a date, by a clock that is a day behind',
      { kind: 'status', code: 503, retryAfterSeconds: 2, clockOffsetSeconds: -86_400 },
      { resource: 'pods' },
      2,
    ],
  ]
  test.each(troubles)('%s: it is connected in the end, and asks little', async (_, fault, target, times) => {
    demo.faults.inject(fault, target, times)
    const before = demo.requests.length
    const server = await start()
    expect(await server.diagnose(server.open(spiffe))).toHaveLength(1)
    await server.reached('connected')
    await eventually(
      'nothing is missing',
      () => server.states.at(-1),
      now => now?.kind === 'connected' && now.gaps.length === 0,
    )
    expect(demo.requests.length - before).toBeLessThan(60)
  })

  test('a list that never comes holds up nothing else', async () => {
    demo.faults.inject({ kind: 'silent' }, { resource: 'pods' }, 3)
    const server = await start()
    const uri = server.open(spiffe)
    const started = performance.now()
    expect(await server.diagnose(uri)).toHaveLength(1)
    await server.complete(uri, { line: 9, character: 30 })
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('a connection that is lost is stale, tried gently, and recovers by itself', async () => {
    const wire = await listen(wireTo(Number(new URL(demo.server).port)))
    const server = await start({ kubeconfig: write('wired', demo.kubeconfig().replace(demo.server, `https://127.0.0.1:${wire.port}`)) })
    await server.reached('connected')
    const chekout = server.open(spiffe.replace('spiffe://', '').replace('frontend', 'chekout'))
    expect(await server.diagnose(chekout)).toHaveLength(1)
    await wire.cut()
    const stale = await server.reached('stale')
    expect(stale.problem).toMatchObject({ kind: 'unreachable' })
    expect(Date.parse(stale.since)).not.toBeNaN()
    // What was known is still shown, and nothing is concluded from it.
    expect(await server.connection.sendRequest(GetMeshNodes, {})).toMatchObject({ ok: true })
    expect(await server.diagnose(chekout)).toEqual([])
    expect(await server.connection.sendRequest(InspectCertificate, podOf('checkout'))).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable' },
    })
    const lines = server.log.length
    await delay(1_200)
    expect(server.log.length - lines).toBeLessThan(30)
    const attempts = wire.count()
    await wire.mend()
    await server.reached('connected')
    expect(await server.diagnose(chekout)).toHaveLength(1)
    expect(wire.count() - attempts).toBeLessThan(60)
  })

  test('a watch that is broken again and again is not opened in a tight loop', async () => {
    const server = await start()
    await server.reached('connected')
    const before = demo.requests.length
    const watches = demo.cutWatches()
    const until = performance.now() + 2_000
    while (performance.now() < until) {
      demo.cutWatches()
      await delay(50)
    }
    expect(demo.requests.length - before).toBeLessThan(watches * 6)
    await server.reached('connected')
  })
})

describe('a pod whose proxy does not tell', () => {
  const inspect = (server: LanguageServer, app: string) => server.connection.sendRequest(InspectCertificate, podOf(app))

  test.each([
    ['legacy', 'no-proxy'],
    ['archive', 'proxy-silent'],
  ])('%s: %s', async (app, kind) => {
    const server = await start()
    await server.reached('connected')
    expect(await inspect(server, app)).toMatchObject({ ok: false, problem: { kind, message: expect.stringContaining(podOf(app).name) } })
  })

  test('one that is still warming has no certificate yet, and one that is gone is not found', async () => {
    const server = await start()
    await server.reached('connected')
    const warming = await inspect(server, 'ledger')
    if (!warming.ok) expect.fail(warming.problem.message)
    expect(warming.value.report.entries).toMatchObject([{ state: 'warming' }, { state: 'warming' }])
    expect(await server.connection.sendRequest(InspectCertificate, { namespace: 'shop', name: 'nope' })).toMatchObject({
      ok: false,
      problem: { kind: 'not-found' },
    })
    expect(await server.connection.sendRequest(InspectCertificate, { namespace: '../..', name: '?x=%00' })).toMatchObject({ ok: false })
  })

  const dumps: readonly (readonly [string, string, string])[] = [['is endless', 'x'.repeat(33_000_000), 'too-large']]
  test.each(dumps)('a dump that %s is refused', async (_, body, kind) => {
    const server = await start()
    await server.reached('connected')
    await withDump({ status: 200, type: 'application/json', body }, async () => {
      expect(await inspect(server, 'checkout')).toMatchObject({ ok: false, problem: { kind } })
    })
  })

  test.each([
    [
      'stops in the middle',
      '{"configs":[{"@type":"type.googleapis.com/envoy.admin.v3.SecretsConfigDump","dynamic_active_secrets":[{"name":"def',
    ],
    ['is a web page', '<html></html>'],
    ['is empty', ''],
    [
      'holds a private key',
      JSON.stringify({
        configs: [
          {
            '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump',
            dynamic_active_secrets: [
              {
                name: 'default',
                secret: {
                  tls_certificate: {
                    certificate_chain: { inline_string: planted },
                    private_key: { inline_string: `-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY-----` },
                  },
                },
              },
            ],
          },
        ],
      }),
    ],
  ])('a dump that %s is told as a problem', async (_, body) => {
    const server = await start()
    await server.reached('connected')
    await withDump({ status: 200, type: 'application/json', body }, async () => {
      const answer = await inspect(server, 'checkout')
      const told = answer.ok ? answer.value.report.problems.map(({ message }) => message) : [answer.problem.message]
      expect(told.join()).not.toBe('')
    })
  })

  async function withDump(response: AdminResponse, run: () => Promise<void>): Promise<void> {
    const { world } = demo
    world.admin = () => () => response
    try {
      await run()
    } finally {
      // The method of the class shows again.
      Reflect.deleteProperty(world, 'admin')
    }
  }
})
