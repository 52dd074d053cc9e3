import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type KubernetesObject, Reflector } from '../../../server/src/cluster/reflector.ts'
import type { Failure, Transport } from '../../../server/src/cluster/transport.ts'
import { readObject } from '../../../server/src/core/istio/read.ts'
import type { Resource } from '../../../server/src/core/istio/resources.ts'
import { ListServer } from './support/listServer.ts'
import { VirtualClock } from './support/virtualClock.ts'

const minute = 60_000

function follow(server: ListServer, clock = new VirtualClock()) {
  const lines: string[] = []
  let changes = 0
  const states: string[] = []
  const reflector: Reflector = new Reflector({
    transport: server,
    clock,
    path: '/api/v1/serviceaccounts',
    metadataOnly: true,
    read: object => asServiceAccount(object),
    onChange: () => changes++,
    onState: () => states.push(reflector.state.kind),
    log: line => lines.push(line),
  })
  reflector.start()
  return { reflector, clock, lines, states, changes: () => changes, held: () => heldBy(reflector) }
}

function asServiceAccount(object: KubernetesObject): Resource | undefined {
  return readObject({ ...object, apiVersion: 'v1', kind: 'ServiceAccount' }, { from: 'cluster', context: 'demo' })
}

function heldBy(reflector: Reflector): Record<string, string | undefined> {
  return Object.fromEntries([...reflector.all].map(({ name, labels }) => [name, labels.value]))
}

const name = fc.constantFrom('checkout', 'frontend', 'cart', 'billing', 'db')
const failure: fc.Arbitrary<Failure> = fc.constantFrom(
  { kind: 'network', detail: 'connection lost' },
  { kind: 'status', code: 410, message: 'Expired' },
  { kind: 'status', code: 429, message: 'Too many requests', retryAfterMs: 3_000 },
  { kind: 'status', code: 503, message: 'Unavailable' },
  { kind: 'status', code: 403, message: 'Forbidden' },
)
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name, value: fc.constantFrom('a', 'b') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(0, 200, 2_000, 20_000, 400_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), failure }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), events: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut', 'end', 'compact', 'garble', 'bookmark', 'refresh', 'stop-streaming') }) },
)

test('whatever happens to lists and watches, the end is what the server holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(happening, { maxLength: 25 }), async (streamsLists, story) => {
      const server = new ListServer()
      server.streamsLists = streamsLists
      server.put('checkout', 'a')
      const { reflector, clock, held } = follow(server)
      for (const step of story) {
        switch (step.do) {
          case 'put':
            server.put(step.name, step.value)
            break
          case 'delete':
            server.delete(step.name)
            break
          case 'pass':
            await clock.pass(step.milliseconds)
            // A list that calls itself complete is complete.
            if (reflector.state.kind === 'synced') expect(held()).toEqual(server.truth)
            break
          case 'fail':
            server.failNext(step.failure)
            break
          case 'repeat':
            server.repeats = step.events
            break
          case 'refresh':
            reflector.refresh()
            break
          case 'stop-streaming':
            server.streamsLists = false
            break
          default:
            server[step.do]()
        }
      }
      server.heal()
      await clock.pass(15 * minute)
      expect(reflector.state.kind).toBe('synced')
      expect(held()).toEqual(server.truth)
      reflector.stop()
      await clock.settle()
      expect(server.open).toBe(0)
      expect(clock.waiting).toBe(0)
    }),
    { numRuns: 200 },
  )
}, 60_000)

test.for([0, 1, 2, 3, 4, 6, 9])('stopped %i turns after its start, nothing stays open', async turns => {
  const server = new ListServer()
  server.streamsLists = turns % 2 === 0
  for (const each of ['checkout', 'frontend', 'cart', 'db']) server.put(each, 'a')
  const { reflector, clock } = follow(server)
  for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
  reflector.stop()
  const { requests } = server
  await clock.pass(10 * minute)
  expect(server.open).toBe(0)
  expect(clock.waiting).toBe(0)
  expect(server.requests - requests).toBeLessThanOrEqual(1)
})

test('an event that changes nothing we keep is no change', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, changes } = follow(server)
  await clock.settle()
  const before = changes()
  server.put('checkout', 'a')
  await clock.settle()
  expect(changes()).toBe(before)
  server.put('checkout', 'b')
  await clock.settle()
  expect(changes()).toBe(before + 1)
  reflector.stop()
})

test('while an expired list is read anew, the old one serves and is not called complete', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, held } = follow(server)
  await clock.settle()
  server.failNext({ kind: 'network', detail: 'connection lost' })
  server.compact()
  await clock.settle()
  expect(reflector.state.kind).toBe('stale')
  expect(held()).toEqual({ checkout: 'a' })
  reflector.stop()
})

test('a broken watch resumes where it was without being called stale', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, states, held } = follow(server)
  await clock.pass(minute)
  server.cut()
  server.put('frontend', 'a')
  await clock.pass(minute)
  expect(held()).toEqual(server.truth)
  expect(states).toEqual(['synced'])
  reflector.stop()
})

test('a server that asks for patience is given it', async () => {
  const server = new ListServer()
  server.failNext({ kind: 'status', code: 429, message: 'Too many requests', retryAfterMs: 20_000 })
  const { reflector, clock } = follow(server)
  await clock.pass(19_000)
  expect(server.requests).toBe(1)
  await clock.pass(2_000)
  expect(reflector.state.kind).toBe('synced')
  reflector.stop()
})

test('a server that puts the first list off for a moment is not told as missing, one that does so for long is', async () => {
  const server = new ListServer()
  const comeAgain: Failure = { kind: 'status', code: 429, message: 'storage is (re)initializing', retryAfterMs: 1_000 }
  server.failNext(comeAgain)
  const { reflector, clock, states } = follow(server)
  await clock.pass(minute)
  expect(states).toEqual(['synced'])
  reflector.stop()

  const other = new ListServer()
  for (let time = 0; time < 8; time++) other.failNext(comeAgain)
  const late = follow(other)
  await late.clock.pass(10 * minute)
  expect(late.states).toEqual(['failed', 'synced'])
  late.reflector.stop()
})

test('a server that ends each watch at once is not asked in a tight loop, and the list is not called complete', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock } = follow(server)
  await clock.settle()
  for (let second = 0; second < 120; second++) {
    server.end()
    await clock.pass(1_000)
  }
  expect(server.requests).toBeLessThan(20)
  reflector.stop()
})

test('a server that calls each version too old is not asked in a tight loop', async () => {
  const server = new ListServer()
  server.failNext(...Array.from({ length: 1_000 }, (): Failure => ({ kind: 'status', code: 410, message: 'Expired' })))
  const { reflector, clock } = follow(server)
  await clock.pass(5 * minute)
  expect(server.requests).toBeLessThan(20)
  reflector.stop()
})

test('refused credentials are not tried again until somebody refreshes', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, held } = follow(server)
  await clock.pass(minute)
  server.failNext({ kind: 'status', code: 401, message: 'Unauthorized' })
  server.cut()
  await clock.pass(minute)
  const { requests } = server
  await clock.pass(60 * minute)
  expect(server.requests).toBe(requests)
  expect(reflector.state.kind).toBe('stale')
  expect(held()).toEqual({ checkout: 'a' })
  reflector.refresh()
  await clock.pass(minute)
  expect(reflector.state.kind).toBe('synced')
  reflector.stop()
})

const forbidden: Failure = { kind: 'status', code: 403, message: 'Forbidden' }

test('a list that was never granted is asked for again after minutes', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  server.failNext(forbidden, forbidden)
  const { reflector, clock, held, lines } = follow(server)
  await clock.pass(minute)
  expect(held()).toEqual({})
  expect(reflector.state.kind).toBe('failed')
  const { requests } = server
  await clock.pass(3 * minute)
  expect(server.requests).toBe(requests)
  await clock.pass(15 * minute)
  expect(held()).toEqual({ checkout: 'a' })
  expect(lines.filter(line => line.includes('403'))).toHaveLength(1)
  reflector.stop()
})

test('a server that starts refuses everybody for a while: what was granted before is kept as old and asked for soon', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, held } = follow(server)
  await clock.pass(minute)
  server.failNext(forbidden, forbidden, forbidden)
  server.cut()
  await clock.settle()
  expect(reflector.state.kind).toBe('stale')
  expect(held()).toEqual({ checkout: 'a' })
  await clock.pass(minute)
  expect(reflector.state.kind).toBe('synced')
  reflector.stop()
})

test('a permission that was taken away empties the list after about a minute', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  const { reflector, clock, held } = follow(server)
  await clock.pass(minute)
  server.failNext(...Array.from({ length: 40 }, () => forbidden))
  server.cut()
  await clock.pass(4 * minute)
  expect(reflector.state.kind).toBe('failed')
  expect(held()).toEqual({})
  reflector.stop()
})

test.for([
  ['nothing', null],
  ['a list without a version', { items: [] }],
  ['items that are no list', { metadata: { resourceVersion: '1' }, items: 7 }],
] as const)('an answer that is %s is a failure, not an empty list', async ([, value]) => {
  const server = new ListServer()
  server.streamsLists = false
  server.get = async () => ({ ok: true, value })
  const { reflector, clock } = follow(server)
  await clock.settle()
  expect(reflector.state.kind).toBe('failed')
  reflector.stop()
})

test('a label is asked for in lists and watches', async () => {
  const asked: string[] = []
  const refuse = async (url: string) => {
    asked.push(url)
    return { ok: false, failure: { kind: 'status', code: 400, message: 'no streamed lists' } } as const
  }
  const clock = new VirtualClock()
  const reflector = new Reflector({
    transport: { get: refuse, lines: refuse },
    clock,
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    metadataOnly: false,
    label: 'app=istio-pilot',
    read: () => undefined,
    onChange: () => {},
    onState: () => {},
    log: () => {},
  })
  reflector.start()
  await clock.pass(0)
  reflector.stop()
  expect(asked.length).toBeGreaterThan(1)
  for (const url of asked) expect(new URL(url, 'https://server').searchParams.get('labelSelector')).toBe('app=istio-pilot')
})

/** A transport whose answers a test writes down: one for each request, the last for all that follow. */
function scripted(...answers: readonly (readonly string[] | object | Failure | 'never')[]) {
  const asked: string[] = []
  const next = (url: string) => {
    asked.push(url)
    return answers[Math.min(asked.length, answers.length) - 1] ?? {}
  }
  const transport: Transport = {
    async get(url) {
      const answer = next(url)
      if (answer === 'never') return new Promise(() => {})
      return 'kind' in answer ? { ok: false, failure: answer as Failure } : { ok: true, value: answer }
    },
    async lines(url, { signal }) {
      const answer = next(url)
      if (answer === 'never') return new Promise(() => {})
      if (!Array.isArray(answer)) return { ok: false, failure: 'kind' in answer ? (answer as Failure) : streamless }
      return { ok: true, value: staying(answer, signal) }
    },
  }
  const clock = new VirtualClock()
  const reflector: Reflector = new Reflector({
    transport,
    clock,
    path: '/api/v1/serviceaccounts',
    metadataOnly: true,
    read: asServiceAccount,
    onChange: () => {},
    onState: () => {},
    log: () => {},
  })
  reflector.start()
  return { reflector, clock, asked, held: () => heldBy(reflector) }
}

const streamless: Failure = { kind: 'status', code: 422, message: 'sendInitialEvents is forbidden' }

/** Lines, and then silence until somebody leaves. */
async function* staying(lines: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  yield* lines
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}

const account = (name: string, version: string, value = version) => ({
  metadata: { namespace: 'shop', name, resourceVersion: version, labels: { value } },
})
const event = (type: string, object: object) => JSON.stringify({ type, object })
const bookmark = (metadata: object) => event('BOOKMARK', { metadata })
const complete = bookmark({ resourceVersion: '10', annotations: { 'k8s.io/initial-events-end': 'true' } })
const start = [event('ADDED', account('cart', '5')), complete]

test.for<[string, readonly string[], object]>([
  ['an event twice', [event('MODIFIED', account('cart', '11')), event('MODIFIED', account('cart', '11'))], { cart: '11' }],
  [
    'an older event after a newer one',
    [event('MODIFIED', account('cart', '12')), event('MODIFIED', account('cart', '11'))],
    { cart: '12' },
  ],
  [
    'events of two objects the wrong way round',
    [event('ADDED', account('db', '12')), event('MODIFIED', account('cart', '11'))],
    { cart: '11', db: '12' },
  ],
  ['a change that comes after its deletion', [event('DELETED', account('cart', '12')), event('MODIFIED', account('cart', '11'))], {}],
  ['a repeated change of what is deleted', [event('DELETED', account('cart', '12')), event('ADDED', account('cart', '12'))], {}],
  [
    'an old deletion of what is there again',
    [event('DELETED', account('cart', '11')), event('ADDED', account('cart', '13')), event('DELETED', account('cart', '11'))],
    { cart: '13' },
  ],
  ['a deletion of what was never there', [event('DELETED', account('db', '11'))], { cart: '5' }],
  ['a deletion with the last state only', [event('DELETED', account('cart', '5'))], {}],
  [
    'longer numbers, which are later',
    [event('MODIFIED', account('cart', '100')), event('MODIFIED', account('cart', '99'))],
    { cart: '100' },
  ],
  [
    'versions that are no numbers, which nobody may compare',
    [event('MODIFIED', account('cart', 'b')), event('MODIFIED', account('cart', 'a'))],
    { cart: 'a' },
  ],
  ['an event of an unknown type', [event('CHANGED', account('cart', '12'))], { cart: '5' }],
])('%s', async ([, events, expected]) => {
  const { reflector, clock, held } = scripted([...start, ...events])
  await clock.settle()
  expect(held()).toEqual(expected)
  expect(reflector.state.kind).toBe('synced')
  reflector.stop()
})

test.for<[string, readonly string[], string]>([
  ['without a version', [bookmark({})], '10'],
  ['with an empty version', [bookmark({ resourceVersion: '' })], '10'],
  ['as it should be', [bookmark({ resourceVersion: '20' })], '20'],
  ['after an event of later', [event('MODIFIED', account('cart', '30')), bookmark({ resourceVersion: '30' })], '30'],
])('after a bookmark %s the watch goes on where it was', async ([, events, version]) => {
  const { reflector, clock, asked } = scripted([...start, ...events], [])
  await clock.pass(10_000)
  reflector.reopen()
  await clock.settle()
  expect(new URLSearchParams(asked[1]?.split('?')[1]).get('resourceVersion')).toBe(version)
  reflector.stop()
})

test.for<[string, string]>([
  ['a bookmark of the past: the server was restored from a backup', bookmark({ resourceVersion: '4' })],
  ['an event without an object', '{"type":"ADDED"}'],
  ['an object without a name', event('ADDED', { metadata: {} })],
  ['half a line', '{"type":"ADDED","obj'],
])('%s is no ground to go on from: the list is read anew', async ([, line]) => {
  const { reflector, clock, asked, held } = scripted([...start, line], [event('ADDED', account('db', '6')), complete])
  await clock.settle()
  expect(reflector.state.kind).toBe('stale')
  expect(held()).toEqual({ cart: '5' })
  await clock.pass(minute)
  expect(asked[1]).toContain('sendInitialEvents')
  expect(held()).toEqual({ db: '6' })
  reflector.stop()
})

const page = (names: readonly string[], more: object = {}) => ({
  metadata: { resourceVersion: '10', ...more },
  items: names.map(each => account(each, '5')),
})

test('a page token that repeats for ever is given up', async () => {
  const { reflector, clock, asked } = scripted(streamless, page(['cart'], { continue: 'again' }))
  await clock.settle()
  expect(reflector.state).toMatchObject({ kind: 'failed', failure: { kind: 'unreadable', detail: 'a list without an end' } })
  expect(asked.length).toBeLessThan(6)
  reflector.stop()
})

test('a list whose page token expires before it is read is asked for whole', async () => {
  const expired: Failure = { kind: 'status', code: 410, message: 'the provided continue parameter is too old' }
  const { reflector, clock, asked, held } = scripted(streamless, page(['cart'], { continue: 'next' }), expired, page(['cart', 'db']), [])
  await clock.pass(minute)
  expect(asked[3]).not.toContain('limit=')
  expect(held()).toEqual({ cart: '5', db: '5' })
  reflector.stop()
})

test.for<[string, object]>([
  ['no items', { metadata: { resourceVersion: '10' }, items: null }],
  ['items that are nothing', { metadata: { resourceVersion: '10' }, items: [null, 7, {}, { metadata: {} }, { metadata: { name: '' } }] }],
])('a list with %s is empty', async ([, value]) => {
  const { reflector, clock, held } = scripted(streamless, value, [])
  await clock.pass(2_000)
  expect(reflector.state.kind).toBe('synced')
  expect(held()).toEqual({})
  reflector.stop()
})

test('what is held is doubted while the watch does not open', async () => {
  const { reflector, clock } = scripted(start, 'never')
  await clock.settle()
  reflector.reopen()
  await clock.pass(4_000)
  expect(reflector.state.kind).toBe('synced')
  await clock.pass(2_000)
  expect(reflector.state).toMatchObject({ kind: 'stale', failure: { detail: 'no answer' } })
  reflector.stop()
})

test('a defect in reading an object is told once, ends nothing else, and the list is tried again', async () => {
  const server = new ListServer()
  server.put('checkout', 'a')
  let broken = true
  const lines: string[] = []
  const clock = new VirtualClock()
  const reflector: Reflector = new Reflector({
    transport: server,
    clock,
    path: '/api/v1/serviceaccounts',
    metadataOnly: true,
    read: object => {
      if (broken) throw new Error('a defect')
      return asServiceAccount(object)
    },
    onChange: () => {},
    onState: () => {},
    log: line => lines.push(line),
  })
  reflector.start()
  await clock.pass(minute)
  expect(reflector.state.kind).toBe('failed')
  expect(lines.filter(line => line.includes('a defect'))).toHaveLength(1)
  broken = false
  await clock.pass(10 * minute)
  expect(heldBy(reflector)).toEqual(server.truth)
  reflector.stop()
})
