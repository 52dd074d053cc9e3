// The reflector against a server of the network that goes wrong in every scripted way: in the end the list is what the server holds.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Agent, Agent as HttpsAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fault } from '../../../demo/api/faults.ts'
import type { KubeObject } from '../../../demo/api/object.ts'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { type Access, createAccess } from '../../../server/src/cluster/access.ts'
import { createPace } from '../../../server/src/cluster/pace.ts'
import { type KubernetesObject, Reflector } from '../../../server/src/cluster/reflector.ts'
import { createTransport } from '../../../server/src/cluster/transport.ts'
import { readObject } from '../../../server/src/core/istio/read.ts'
import { until } from './support/connected.ts'
import { hastyClock } from './support/hastyClock.ts'

let demo: Demo
const clock = hastyClock(2_000)
const path = '/apis/security.istio.io/v1/peerauthentications'

beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo?.close())

function accessToDemo(): Access {
  const target = {
    context: { name: 'demo', cluster: 'demo', user: 'viewer' },
    cluster: { name: 'demo', server: demo.server, caData: Buffer.from(demo.ca).toString('base64'), skipTlsVerify: false },
    user: { name: 'viewer', token: demo.tokens.viewer },
  }
  return createAccess({ target, clock, reload: async () => undefined })
}

function follow() {
  const access = accessToDemo()
  const pace = createPace(createTransport(access), clock)
  const lines: string[] = []
  const reflector = new Reflector({
    transport: pace,
    clock,
    path,
    metadataOnly: false,
    read: object =>
      readObject({ ...object, apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication' }, { from: 'cluster', context: 'demo' }),
    onChange: () => {},
    onState: () => {},
    log: line => lines.push(line),
  })
  reflector.start()
  return {
    reflector,
    lines,
    held: () => [...reflector.all].map(({ namespace, name, labels }) => `${namespace}/${name} ${labels.value ?? ''}`).toSorted(),
    async [Symbol.asyncDispose]() {
      reflector.stop()
      pace.dispose()
      const credentials = await access.credentials()
      const agent = credentials.ok ? (credentials.value.agent as Agent) : new HttpsAgent()
      await until('no request is open', () => Object.keys(agent.sockets).length === 0 && Object.keys(agent.requests).length === 0)
      access.dispose()
      await until('no connection is open', () => Object.keys(agent.freeSockets).length === 0)
    },
  }
}

const isOurs = ({ kind }: KubeObject) => kind === 'PeerAuthentication'

function truth(): readonly string[] {
  return demo.world.store
    .all()
    .filter(isOurs)
    .map(({ metadata: { namespace, name, labels } }) => `${namespace}/${name} ${labels?.value ?? ''}`)
    .toSorted()
}

function put(name: string, value: string): void {
  demo.world.store.put({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { namespace: 'shop', name, labels: { value } },
    spec: {},
  } as KubeObject & KubernetesObject)
}

function remove(name: string): void {
  const object = demo.world.store.all().find(each => isOurs(each) && each.metadata.name === name)
  if (object) demo.world.store.remove(object)
}

async function reaches(one: ReturnType<typeof follow>): Promise<void> {
  const wanted = JSON.stringify(truth())
  await until(`the list is complete: ${wanted}`, () => one.reflector.state.kind === 'synced' && JSON.stringify(one.held()) === wanted)
}

/** How many bytes the list has, streamed and in pages. */
async function lengths(): Promise<readonly [number, number]> {
  const access = accessToDemo()
  const transport = createTransport(access)
  const never = new AbortController()
  const page = await transport.get(`${path}?limit=250`, { signal: never.signal })
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const streamed = await transport.lines(`${path}?${query}`, { signal: never.signal })
  let bytes = 0
  if (streamed.ok) {
    for await (const line of streamed.value) {
      bytes += Buffer.byteLength(line) + 1
      if (line.includes('initial-events-end')) break
    }
  }
  never.abort()
  access.dispose()
  return [bytes, page.ok ? Buffer.byteLength(JSON.stringify(page.value)) : 0]
}

test.for<readonly [string, 'watch' | 'list', 'reset' | 'truncated' | 'gzip']>([
  ['a streamed list that is reset', 'watch', 'reset'],
  ['a page that is reset', 'list', 'reset'],
  ['a streamed list that ends early', 'watch', 'truncated'],
  ['a page that ends early', 'list', 'truncated'],
  ['a packed page that is reset', 'list', 'gzip'],
])('%s at any byte: nothing is lost and nothing invented', { timeout: 120_000 }, async ([, verb, kind]) => {
  const [streamed, whole] = await lengths()
  const length = verb === 'watch' ? streamed : whole
  const place = fc.oneof(
    fc.integer({ min: 0, max: length }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: length - 40, max: length }),
  )
  await fc.assert(
    fc.asyncProperty(place, async afterBytes => {
      demo.faults.clear()
      // A server without WatchList, so that pages are asked for.
      if (verb === 'list') demo.faults.inject({ kind: 'truncated', afterBytes: 0 }, { verb: 'watch', resource: 'peerauthentications' })
      demo.faults.inject({ kind, afterBytes }, { verb, resource: 'peerauthentications' })
      await using one = follow()
      await reaches(one)
    }),
    { numRuns: 40 },
  )
})

const faults: readonly Fault[] = [
  { kind: 'gone' },
  { kind: 'status', code: 429, retryAfterSeconds: 2 },
  { kind: 'status', code: 429, retryAfterSeconds: 5, clockOffsetSeconds: -86_400 },
  { kind: 'status', code: 503, retryAfterSeconds: 5, clockOffsetSeconds: 86_400 },
  { kind: 'status', code: 500, message: 'conversion webhook failed\r\n\u001b[2J' },
  { kind: 'slow', milliseconds: 5 },
  { kind: 'cut' },
  { kind: 'web-page' },
  { kind: 'redirect', location: 'https://login.example.com/' },
  { kind: 'gzip' },
  { kind: 'gzip', afterBytes: 50 },
  { kind: 'reset', afterBytes: 300 },
  { kind: 'truncated', afterBytes: 300 },
  { kind: 'repeated-events' },
  { kind: 'disordered-events' },
  { kind: 'unversioned-bookmarks' },
  { kind: 'unversioned-list' },
  { kind: 'endless-pages' },
]

test('a redirect is never followed, least of all with credentials', async () => {
  const visits: unknown[] = []
  const elsewhere = createServer((request, response) => {
    visits.push(request.headers)
    response.end('{}')
  })
  elsewhere.listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
  demo.faults.clear()
  demo.faults.inject({ kind: 'redirect', location }, { resource: 'peerauthentications' }, 4)
  await using one = follow()
  await reaches(one)
  expect(visits).toEqual([])
  elsewhere.close()
})

test.for([...faults, { kind: 'endless-line' } as const].map(fault => [JSON.stringify(fault), fault] as const))(
  '%s: the list is complete in the end',
  async ([, fault]) => {
    demo.faults.clear()
    demo.faults.inject(fault, { resource: 'peerauthentications' }, 3)
    await using one = follow()
    await reaches(one)
    put('new', JSON.stringify(fault.kind).slice(1, 5))
    await reaches(one)
    remove('new')
    await reaches(one)
    expect(one.lines.filter(line => /[\p{C}\p{Zl}]/u.test(line))).toEqual([])
  },
)

test('a list of nothing is empty, also where it is written as null', async () => {
  demo.faults.clear()
  demo.faults.inject({ kind: 'truncated', afterBytes: 0 }, { verb: 'watch', resource: 'peerauthentications' })
  demo.faults.inject({ kind: 'null-items' }, { verb: 'list', resource: 'peerauthentications' })
  await using one = follow()
  await until('the list is read', () => one.reflector.state.kind === 'synced')
  expect(one.held()).toEqual([])
})

const name = fc.constantFrom('one', 'two', 'three')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), name, value: fc.constantFrom('a', 'b') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...faults), times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(0, 2, 10) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut', 'refresh', 'reopen', 'retry', 'compact') }) },
)

test('whatever changes and whatever fails, the end is what the server holds; stopped at any moment, nothing stays open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.boolean(), async (story, stopsEarly) => {
      demo.faults.clear()
      await using one = follow()
      for (const each of story) {
        switch (each.do) {
          case 'put':
            put(each.name, each.value)
            break
          case 'remove':
            remove(each.name)
            break
          case 'fault':
            demo.faults.inject(each.fault, { resource: 'peerauthentications' }, each.times)
            break
          case 'pass':
            await new Promise(resolve => setTimeout(resolve, each.milliseconds))
            break
          case 'cut':
            demo.cutWatches('peerauthentications')
            break
          case 'compact':
            demo.world.store.compact()
            break
          default:
            one.reflector[each.do]()
        }
      }
      if (stopsEarly) return
      demo.faults.clear()
      await reaches(one)
    }),
    { numRuns: 50 },
  )
}, 120_000)
