// Watches: changes, bookmarks, the initial list as a stream, and a past that is forgotten.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { ask, type Event, take, watch } from './client.ts'

let demo: Demo
beforeAll(async () => {
  demo = await startDemo({ bookmarkSeconds: 0.1 })
})
afterEach(() => demo.world.reset())
afterAll(() => demo.close())

const accounts = '/api/v1/namespaces/shop/serviceaccounts'
const revisionOf = async (path: string): Promise<string> => (await ask(demo, path)).body.metadata.resourceVersion
const shorten = ({ type, object }: Event) => `${type} ${object.metadata?.name ?? object.code}`

test('a watch tells what happens after the revision it starts from', async () => {
  const events = watch(demo, `${accounts}?resourceVersion=${await revisionOf(accounts)}`)
  const coming = take(events, 2)
  demo.world.deleteAccount()
  await demo.world.reset()
  expect((await coming).map(shorten)).toEqual(['DELETED nightly-report', 'ADDED nightly-report'])
  await events.return(undefined)
})

test('what happened before the watch was opened comes first', async () => {
  const revision = await revisionOf(accounts)
  demo.world.deleteAccount()
  const events = watch(demo, `${accounts}?resourceVersion=${revision}`)
  expect((await take(events, 1)).map(shorten)).toEqual(['DELETED nightly-report'])
  await events.return(undefined)
})

test('a new pod is pending, then running, and only its own namespace hears of it', async () => {
  const events = watch(demo, `/api/v1/namespaces/shop/pods?resourceVersion=${await revisionOf('/api/v1/pods')}`)
  const elsewhere = watch(demo, `/api/v1/namespaces/bank/pods?resourceVersion=${await revisionOf('/api/v1/pods')}&timeoutSeconds=2`)
  const [added, changed] = [take(events, 1), take(elsewhere, 1)]
  const name = await demo.world.addPod()
  expect((await added).map(({ type, object }) => [type, object.metadata.name, object.status.phase])).toEqual([['ADDED', name, 'Pending']])
  expect((await take(events, 1)).map(({ type, object }) => [type, object.metadata.name, object.status.phase])).toEqual([
    ['MODIFIED', name, 'Running'],
  ])
  expect(await changed).toEqual([])
  await events.return(undefined)
})

test('an object that leaves the selection is deleted for the watcher', async () => {
  const pods = '/api/v1/namespaces/shop/pods'
  const events = watch(demo, `${pods}?fieldSelector=status.phase%3DPending&resourceVersion=${await revisionOf(pods)}`)
  const coming = take(events, 2)
  const name = await demo.world.addPod()
  expect((await coming).map(shorten)).toEqual([`ADDED ${name}`, `DELETED ${name}`])
  await events.return(undefined)
})

test.each(['', 'resourceVersion=0&'])('without a revision ("%s") a watch begins with everything there is', async query => {
  const { body } = await ask(demo, accounts)
  const events = watch(demo, `${accounts}?${query}timeoutSeconds=60`)
  expect((await take(events, body.items.length)).map(shorten)).toEqual(
    body.items.map(({ metadata }: { metadata: { name: string } }) => `ADDED ${metadata.name}`),
  )
  await events.return(undefined)
})

test('a WatchList ends its initial events with the annotated bookmark', async () => {
  const { body } = await ask(demo, accounts)
  const events = watch(demo, `${accounts}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`)
  const initial = await take(events, body.items.length + 1)
  expect(initial.slice(0, -1).every(({ type }) => type === 'ADDED')).toBe(true)
  const end = {
    kind: 'ServiceAccount',
    metadata: { resourceVersion: body.metadata.resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } },
  }
  expect(initial.at(-1)).toMatchObject({ type: 'BOOKMARK', object: end })
  await events.return(undefined)
})

test('a WatchList without resourceVersionMatch is 422', async () => {
  expect((await ask(demo, `${accounts}?watch=1&sendInitialEvents=true`)).code).toBe(422)
})

test('an idle watch gets bookmarks, and a last one when its time is over', async () => {
  const revision = await revisionOf(accounts)
  const query = `resourceVersion=${revision}&allowWatchBookmarks=true&timeoutSeconds=1`
  const events = await take(watch(demo, `${accounts}?${query}`), Number.POSITIVE_INFINITY)
  expect(events.length).toBeGreaterThan(2)
  expect(events.every(({ type, object }) => type === 'BOOKMARK' && object.metadata.resourceVersion === revision)).toBe(true)
})

test('bookmarks advance with changes of other kinds, so that a resumed watch is never too old', async () => {
  const revision = await revisionOf(accounts)
  const events = watch(demo, `/api/v1/namespaces?resourceVersion=${revision}&allowWatchBookmarks=true`)
  demo.world.deleteAccount()
  await expect.poll(async () => Number((await take(events, 1))[0]?.object.metadata.resourceVersion)).toBeGreaterThan(Number(revision))
  await events.return(undefined)
})

test('a forgotten revision is an ERROR event 410 in a stream that began with 200', async () => {
  const revision = await revisionOf(accounts)
  demo.world.deleteAccount()
  demo.world.store.compact()
  const events = await take(watch(demo, `${accounts}?resourceVersion=${revision}`), Number.POSITIVE_INFINITY)
  expect(events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }])
})

test('the fault "gone" hits the next watch only', async () => {
  demo.faults.inject({ kind: 'gone' }, { verb: 'watch', resource: 'serviceaccounts' })
  const [error] = await take(watch(demo, accounts), 1)
  expect(error && shorten(error)).toBe('ERROR 410')
  const [added] = await take(watch(demo, accounts), 1)
  expect(added?.type).toBe('ADDED')
})

test('a watch can be cut in the middle', async () => {
  const events = watch(demo, accounts)
  await take(events, 1)
  expect(demo.cutWatches('serviceaccounts')).toBeGreaterThan(0)
  await expect(take(events, Number.POSITIVE_INFINITY)).rejects.toThrow('aborted')
})
