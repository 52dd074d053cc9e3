import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPace } from '../../../server/src/cluster/pace.ts'
import type { Failure, Reply, Transport } from '../../../server/src/cluster/transport.ts'
import { VirtualClock } from './support/virtualClock.ts'

const never = new AbortController().signal
const refused: Failure = { kind: 'network', detail: 'connection refused' }

/** A server whose answer to each path is decided by the test, and counted. */
function server(answerTo: (path: string) => Failure | undefined) {
  const clock = new VirtualClock()
  const asked: string[] = []
  const answer = async (path: string): Promise<Reply<unknown>> => {
    asked.push(path)
    const failure = answerTo(path)
    return failure ? { ok: false, failure } : { ok: true, value: {} }
  }
  const transport: Transport = { get: answer, lines: () => Promise.reject(new Error('not asked')) }
  const pace = createPace(transport, clock)
  return { clock, asked, pace, ask: (path: string, signal = never) => pace.get(path, { signal }) }
}

/** Asks until it works, as each list does by itself. */
async function insist(one: ReturnType<typeof server>, path: string): Promise<void> {
  while (!(await one.ask(path)).ok);
}

const lists = Array.from({ length: 25 }, (_, at) => `/list-${at}`)

test('a server that is down is asked once a pause, however many lists there are, and all are served soon after it is back', async () => {
  let down = true
  const one = server(() => (down ? refused : undefined))
  const done = lists.map(path => insist(one, path))
  await one.clock.settle()
  // All of them were under way when the trouble showed.
  expect(one.asked).toHaveLength(25)
  await one.clock.pass(120_000)
  expect(one.asked.length - 25).toBeLessThan(20)
  down = false
  const before = one.asked.length
  await one.clock.pass(10_000)
  await Promise.all(done)
  expect(one.asked.length - before).toBe(25)
  expect(one.clock.waiting).toBe(0)
})

test('each answer after a pause lets two more ask', async () => {
  const clock = new VirtualClock()
  const underWay: ((reply: Reply<unknown>) => void)[] = []
  const answer = () => new Promise<Reply<unknown>>(resolve => underWay.push(resolve))
  const pace = createPace({ get: answer, lines: () => Promise.reject(new Error('not asked')) }, clock)
  const askAll = (paths: readonly string[]) => Promise.all(paths.map(path => pace.get(path, { signal: never })))
  const down = askAll(lists.slice(0, 2))
  await clock.settle()
  for (const fail of underWay.splice(0)) fail({ ok: false, failure: refused })
  await down
  const up = askAll(lists)
  await clock.pass(10_000)
  const waves: number[] = []
  while (underWay.length > 0) {
    waves.push(underWay.length)
    for (const succeed of underWay.splice(0)) succeed({ ok: true, value: {} })
    await clock.settle()
  }
  await up
  expect(waves).toEqual([1, 2, 4, 8, 10])
})

test.for<[string, Failure]>([
  ['500 of a conversion webhook', { kind: 'status', code: 500, message: 'conversion webhook for gateways failed' }],
  ['429 of a storage that starts', { kind: 'status', code: 429, message: 'storage is (re)initializing', retryAfterMs: 1_000 }],
  ['silence', refused],
  ['a web page', { kind: 'unreadable', detail: 'it answers with a web page' }],
])('%s of one list slows no other', async ([, failure]) => {
  const one = server(path => (path.startsWith('/broken') ? failure : undefined))
  for (let page = 0; page < 20; page++) {
    expect((await one.ask(`/broken?continue=${page}`)).ok).toBe(false)
    expect((await one.ask(`/broken?continue=${page}`)).ok).toBe(false)
    expect((await one.ask('/fine')).ok).toBe(true)
  }
  expect(one.clock.waiting).toBe(0)
})

test('what the server asks for is kept by every list, also by questions that were under way', async () => {
  const busy = (retryAfterMs: number): Failure => ({ kind: 'status', code: 429, message: 'too many requests', retryAfterMs })
  const answers = [busy(1_000), busy(2_000), busy(30_000)]
  const one = server(() => answers.shift())
  await Promise.all(['/a', '/b', '/c'].map(path => one.ask(path)))
  const asked = one.ask('/d')
  await one.clock.pass(29_000)
  expect(one.asked).toHaveLength(3)
  await one.clock.pass(1_000)
  expect((await asked).ok).toBe(true)
})

test('a hurry ends the pause for one, and the others follow its answer', async () => {
  let down = true
  const one = server(() => (down ? { kind: 'status', code: 503, message: '', retryAfterMs: 300_000 } : undefined))
  await Promise.all(['/a', '/b'].map(path => one.ask(path)))
  const asked = ['/a', '/b', '/c'].map(path => one.ask(path))
  await one.clock.pass(60_000)
  expect(one.asked).toHaveLength(2)
  down = false
  one.pace.hurry()
  expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true)
})

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('ask' as const), path: fc.constantFrom('/a', '/b', '/c', '/d', '/e') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(0, 700, 5_000, 20_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('become' as const), down: fc.subarray(['/a', '/b', '/c', '/d', '/e']) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hurry' as const) }) },
)

test('whatever fails and whoever leaves, nobody waits for ever, no pause outlives the trouble, and a pause lets nobody through', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async story => {
      let down: readonly string[] = []
      const one = server(path => (down.includes(path) ? refused : undefined))
      const open: { readonly abort: AbortController; readonly answer: Promise<unknown> }[] = []
      for (const each of story) {
        switch (each.do) {
          case 'ask': {
            const abort = new AbortController()
            open.push({ abort, answer: one.ask(each.path, abort.signal) })
            break
          }
          case 'abort':
            open[each.which]?.abort.abort()
            break
          case 'pass':
            await one.clock.pass(each.milliseconds)
            break
          case 'become':
            down = each.down
            break
          case 'hurry':
            one.pace.hurry()
        }
      }
      down = []
      await one.clock.pass(60_000)
      await Promise.all(open.map(({ answer }) => answer))
      expect(await one.ask('/a')).toMatchObject({ ok: true })
      one.pace.dispose()
      expect(one.clock.waiting).toBe(0)
    }),
    { numRuns: 150 },
  )
})
