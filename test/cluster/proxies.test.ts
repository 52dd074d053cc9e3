// Proxies are asked through a real API server and a kubelet, however they answer; and nothing stays open behind a question.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type ProxyLimits, readProxy } from '../../server/src/cluster/proxies.ts'
import { eventually } from '../support/eventually.ts'
import { type Followed, followed } from './follow.ts'
import { type Rig, startRig } from './rig.ts'
import type { User } from './users.ts'
import { Wire } from './wire.ts'
import type { OddProxy, PodName } from './world.ts'

let rig: Rig
let wire: Wire
beforeAll(async () => {
  rig = await startRig()
  wire = await Wire.to(rig.server)
})
afterAll(async () => {
  await wire?.[Symbol.asyncDispose]()
  await rig?.stop()
})

const limits: ProxyLimits = { limitBytes: 200_000, timeoutMs: 3_000 }

async function as(user: User): Promise<Followed> {
  return followed(await rig.kubeconfigOver(wire.url, user))
}

async function ask({ connection }: Followed, pod: PodName, signal = new AbortController().signal) {
  const answer = await readProxy(connection, pod, signal, limits)
  return answer.ok ? { kind: 'answered', text: answer.value.text } : answer.problem
}

/** The connection has as many sockets as before, and no proxy is still held by the kubelet. */
async function nothingIsOpen(before: number): Promise<void> {
  await eventually(
    'no stream is open',
    () => wire.open,
    open => open <= before,
  )
  for (const name of Object.keys(rig.odd) as OddProxy[]) {
    await eventually(
      `nobody holds the proxy "${name}"`,
      () => rig.oddProcesses(name),
      processes => processes === 0,
    )
  }
}

test.each<readonly [string, () => PodName, object]>([
  ['answers', () => rig.pods.frontend, { kind: 'answered', text: expect.stringContaining('"ROOTCA"') }],
  ['answers bit by bit', () => rig.odd.slow, { kind: 'answered', text: '1, 2, 3, 4, ' }],
  // The protocol cannot tell that a stream has ended: there is silence.
  ['ends in the middle of its answer', () => rig.odd.cut, { kind: 'timed-out', seconds: 3 }],
  ['speaks no HTTP', () => rig.odd.garbage, { kind: 'unreadable', detail: 'it does not speak HTTP' }],
  ['answers without an end', () => rig.odd.large, { kind: 'too-large', limitBytes: limits.limitBytes }],
  ['says nothing', () => rig.odd.mute, { kind: 'timed-out', seconds: 3 }],
  ['is dead', () => rig.pods.silent, { kind: 'proxy-silent', detail: expect.stringContaining('connection refused') }],
  ['is of a pod that is gone', () => ({ namespace: 'odd', name: 'gone' }), { kind: 'not-found', name: 'gone' }],
])('a proxy that %s', async (_, pod, expected) => {
  using following = await as('viewer')
  const before = wire.open
  expect(await ask(following, pod())).toMatchObject(expected)
  await nothingIsOpen(before)
})

test.each([
  ['no-forward', 'get'],
  ['forward-get', 'create'],
] as const)('for the user "%s" the missing verb "%s" is named', async (user, verb) => {
  using following = await as(user)
  const before = wire.open
  expect(await ask(following, rig.pods.frontend)).toMatchObject({ kind: 'forbidden', verb, resource: 'pods/portforward' })
  await nothingIsOpen(before)
})

test('an answer that is cut off on its way is no answer', async () => {
  using following = await as('viewer')
  onTestFinished(() => wire.mend())
  const cut = wire.after(100_000, 'cut')
  const answer = ask(following, rig.odd.large)
  await cut
  // Whether the beginning was read before the connection broke is chance.
  expect(['truncated', 'proxy-silent']).toContain((await answer).kind)
  await nothingIsOpen(0)
  wire.mend()
  await following.reached('connected', 30)
})

test('a question that is cancelled in the middle leaves nothing open', async () => {
  using following = await as('viewer')
  const before = wire.open
  const cancelling = new AbortController()
  const answer = ask(following, rig.odd.mute, cancelling.signal)
  await eventually(
    'the proxy is reached',
    () => rig.oddProcesses('mute'),
    processes => processes > 0,
  )
  cancelling.abort()
  expect(await answer).toMatchObject({ kind: 'cancelled' })
  await nothingIsOpen(before)
})

test('twenty questions at once leave nothing open', async () => {
  using following = await as('viewer')
  const before = wire.open
  const pods = Array.from({ length: 5 }, () => [rig.pods.frontend, rig.pods.checkout, rig.odd.cut, rig.odd.slow]).flat()
  const answers = await Promise.all(pods.map(pod => ask(following, pod)))
  expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => ['answered', 'answered', 'timed-out', 'answered']).flat())
  await nothingIsOpen(before)
})
