// The product's connection follows a real API server in each way that one can be run, and through each way that one can fail.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Followed, follow, followed } from './follow.ts'
import { equalsFreshList } from './freshList.ts'
import { type Plane, startPlane } from './plane.ts'
import { Wire } from './wire.ts'
import { peerAuthentication } from './world.ts'

/** Twelve pages of a list. */
const many = 3_000
const crowd = '/api/v1/namespaces/crowd/serviceaccounts'

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
  await plane.admin.createAll([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crowd' } }])
  // So large that their list is most of all that a connection reads.
  const annotations = { 'example.test/note': 'n'.repeat(1_000) }
  await each(count(many), name => plane.admin.create(crowd, { metadata: { name, annotations } }))
})
afterEach(() => plane.server.etcd.resume())
afterAll(() => plane?.stop())

const count = (to: number, from = 0) => Array.from({ length: to - from }, (_, at) => `member-${from + at}`)

/** Does it for each, some at a time. */
async function each<T>(values: readonly T[], run: (value: T) => Promise<unknown>): Promise<void> {
  const queue = values.values()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const value of queue) await run(value)
    }),
  )
}

/** Changes of every sort: created, changed, deleted. Leaves as many objects as there were. */
async function change(): Promise<void> {
  const policies = '/apis/security.istio.io/v1/namespaces/crowd/peerauthentications'
  await each(count(50), name => plane.admin.request('DELETE', `${crowd}/${name}`))
  await plane.admin.request('DELETE', `${policies}/default`)
  await plane.admin.createAll([peerAuthentication('crowd', 'default', 'STRICT')])
  await plane.admin.request('PATCH', `${policies}/default`, { spec: { mtls: { mode: 'PERMISSIVE' } } })
  await plane.admin.request('DELETE', `${crowd}/member-100`)
  await plane.admin.request('POST', crowd, { metadata: { name: 'member-100', labels: { again: 'true' } } })
  await each(count(50), name => plane.admin.create(crowd, { metadata: { name, labels: { round: '2' } } }))
  await plane.admin.request('DELETE', `${crowd}/member-101`)
  await plane.admin.create(crowd, { metadata: { name: 'member-101', annotations: { 'example.test/again': 'true' } } })
}

const equalsFresh = ({ connection }: Followed) => equalsFreshList(() => connection.world().objects, plane.admin)
const isComplete = ({ connection }: Followed) => connection.world().complete('ServiceAccount', 'crowd')

const cached: readonly string[] = []
const uncached = ['--watch-cache=false']
const paged = ['--feature-gates=WatchList=false']

test.each([
  ['with its watch cache and streamed lists', cached, 200],
  ['without a watch cache', uncached, 200],
  ['without streamed lists', paged, 422],
  ['without either', [...uncached, ...paged], 422],
] as const)('an API server %s is listed completely and followed', async (_, flags, streaming) => {
  await plane.server.restart(flags)
  const asked = `${crowd}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`
  expect((await plane.admin.request('GET', asked)).status).toBe(streaming)
  using following = await followed(await plane.kubeconfig('viewer', {}))
  expect(following.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
  expect(following.names('ServiceAccount').filter(name => name.startsWith('crowd/'))).toHaveLength(many)
  await change()
  await equalsFresh(following)
  expect(following.states.map(({ kind }) => kind)).not.toContain('stale')
})

/** How many bytes a connection gets until it has its lists. */
async function bytesOfLists(wire: Wire, kubeconfig: string): Promise<number> {
  const before = wire.delivered
  using _ = await followed(kubeconfig)
  return wire.delivered - before
}

test.each([
  ['a streamed list', cached],
  ['a list in pages', paged],
] as const)('an API server that dies in the middle of %s is listed anew, without what was deleted meanwhile', async (_, flags) => {
  await plane.server.restart(flags)
  await using wire = await Wire.to(plane.server.url)
  const kubeconfig = await plane.kubeconfig('wired', { server: wire.url })
  const half = Math.round((await bytesOfLists(wire, kubeconfig)) / 2)
  const broken = wire.after(half, 'cut')
  using following = await follow(kubeconfig)
  await broken
  await plane.server.kill()
  await following.connection.ready()
  expect(isComplete(following)).toBe(false)
  expect(following.names('ServiceAccount')).toEqual([])
  await plane.server.run(flags)
  await change()
  wire.mend()
  await following.reached('connected', 30)
  await equalsFresh(following)
})

test('an API server that dies while it is watched: what is known serves, as old; then what changed meanwhile arrives', async () => {
  await plane.server.restart(cached)
  await using wire = await Wire.to(plane.server.url)
  using following = await followed(await plane.kubeconfig('wired', { server: wire.url }))
  const known = following.names('ServiceAccount')
  wire.cut()
  await plane.server.kill()
  const { problem } = await following.reached('stale')
  expect(problem).toMatchObject({ kind: 'unreachable', context: 'rig' })
  expect(following.names('ServiceAccount')).toEqual(known)
  await eventually(
    'nothing is concluded from it',
    () => isComplete(following),
    complete => !complete,
  )
  await plane.server.run(cached)
  await change()
  wire.mend()
  await following.reached('connected', 30)
  await equalsFresh(following)
  // The new API server does not know the version that was seen last.
  expect(following.log.join('\n')).toContain('410 too old resource version')
})

test('a history that etcd has compacted away is made up for by a new list', async () => {
  await plane.server.restart(uncached)
  await using wire = await Wire.to(plane.server.url)
  using following = await followed(await plane.kubeconfig('wired', { server: wire.url }))
  wire.cut()
  await following.reached('stale')
  await change()
  await forgetHistory()
  wire.mend()
  await following.reached('connected', 30)
  await equalsFresh(following)
  expect(following.log.join('\n')).toContain('410 The resourceVersion for the provided watch is too old')
})

test('a page whose list etcd has compacted away begins the list again', async () => {
  const flags = [...uncached, ...paged]
  await plane.server.restart(flags)
  await using wire = await Wire.to(plane.server.url)
  const kubeconfig = await plane.kubeconfig('wired', { server: wire.url })
  const half = Math.round((await bytesOfLists(wire, kubeconfig)) / 2)
  const stalled = wire.after(half, 'stall')
  using following = await follow(kubeconfig)
  await stalled
  await change()
  await forgetHistory()
  wire.mend()
  await following.connection.ready()
  await equalsFresh(following)
  expect(following.log.join('\n')).toContain('410 The provided continue parameter is too old')
})

test('an etcd that hangs stops nothing: what is known serves, and what comes later is followed', async () => {
  await plane.server.restart(cached)
  using following = await followed(await plane.kubeconfig('viewer', {}))
  const known = following.names('ServiceAccount')
  plane.server.etcd.pause()
  using late = await follow(await plane.kubeconfig('late', {}))
  // Both end, whatever comes of them.
  await Promise.all([following.connection.refresh(), late.connection.ready()])
  const [stale, failed] = await Promise.all([following.reached('stale', 45), late.reached('failed', 45)])
  for (const { problem } of [stale, failed]) expect(problem.kind).toBe('unreachable')
  expect(following.names('ServiceAccount')).toEqual(known)
  plane.server.etcd.resume()
  await Promise.all([following.reached('connected', 60), late.reached('connected', 60)])
  await change()
  await Promise.all([equalsFresh(following), equalsFresh(late)])
})

/** Makes etcd forget all versions but the newest. */
async function forgetHistory(): Promise<void> {
  const { body } = await plane.admin.request('GET', `${crowd}?limit=1`)
  await plane.server.etcd.compact(body.metadata.resourceVersion)
}
