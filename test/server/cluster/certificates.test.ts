import { expect, test } from 'vitest'
import { type CacheOptions, createCertificateCache, isOld } from '../../../server/src/cluster/certificates.ts'
import type { Pod } from '../../../server/src/core/istio/resources.ts'
import type { Presented } from '../../../server/src/core/report/certificateTree/certificateNode.ts'
import { explainProblem } from '../../../server/src/core/report/problem.ts'
import { authority, leaf, report } from '../core/certificate/certificates.ts'

const start = Date.parse('2026-11-21T12:00:00Z')
const minute = 60_000
const never = new AbortController().signal
const root = authority('O=cluster.local', { sha256: 'aa' })

function pod(name: string, namespace = 'shop', created = '2026-11-20T00:00:00Z'): Pod {
  const at = { kind: { start: 0, end: 0 } }
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    namespace,
    name,
    created,
    labels: {},
    annotations: {},
    serviceAccount: name,
    hostNetwork: false,
    containers: [],
    ports: [],
    source: { from: 'cluster', context: 'prod' },
    at,
  }
}

/** A cluster whose proxies answer when they are told to, or at once. */
function cluster(options: { readonly held?: boolean; readonly refuses?: string } = {}) {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const state = { now: start, atOnce: 0, most: 0 }
  const cacheOptions: CacheOptions = {
    now: () => state.now,
    async read({ namespace, name }, signal): Promise<Presented | undefined> {
      asked.push(`${namespace}/${name}`)
      state.most = Math.max(state.most, ++state.atOnce)
      if (options.held) {
        await new Promise<void>(resolve => {
          waiting.push(resolve)
          signal.addEventListener('abort', () => resolve())
        })
      }
      state.atOnce--
      if (signal.aborted) return undefined
      const readAt = new Date(state.now).toISOString()
      if (namespace === options.refuses) {
        const problem = explainProblem({ kind: 'forbidden', verb: 'create', resource: 'pods/portforward', namespace })
        return { ok: false, readAt, problem }
      }
      return { ok: true, readAt, expectedIdentity: '', report: report([leaf(`${namespace}/${name}`), { ...root }], [{ ...root }]) }
    },
    readRoots: async namespaces => namespaces.map(namespace => ({ namespace, roots: [root] })),
  }
  return {
    cache: createCertificateCache(cacheOptions),
    asked,
    state,
    answer: () => {
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const pods = (count: number) => Array.from({ length: count }, (_, index) => pod(`pod-${index}`))

test('a proxy is asked once, however many look', async () => {
  const { cache, asked } = cluster()
  await Promise.all([cache.read(pods(3), never), cache.read(pods(5), never)])
  await cache.read(pods(5), never)
  expect(asked.toSorted()).toEqual(pods(5).map(({ name }) => `shop/${name}`))
  expect(cache.known(pod('pod-0'))).toMatchObject({ ok: true })
})

test('at most four are asked at a time, and each that answers is told', async () => {
  const { cache, asked, state, answer } = cluster({ held: true })
  let read = 0
  const reading = cache.read(pods(10), never, { onRead: () => read++ })
  await turns()
  expect([asked.length, read]).toEqual([4, 0])
  for (let round = 0; round < 3; round++) {
    answer()
    await turns()
  }
  await reading
  expect([asked.length, read, state.most]).toEqual([10, 10, 4])
})

test('whoever stops looking stops the asking; what was read stays', async () => {
  const { cache, asked, answer } = cluster({ held: true })
  const looking = new AbortController()
  const reading = cache.read(pods(10), looking.signal)
  await turns()
  answer()
  await turns()
  looking.abort()
  await reading
  expect(asked).toHaveLength(8)
  expect(pods(10).filter(each => cache.known(each))).toHaveLength(4)
})

test('who waits for a proxy that another stopped asking asks by itself', async () => {
  const { cache, asked, answer } = cluster({ held: true })
  const first = new AbortController()
  const one = cache.read([pod('a')], first.signal)
  await turns()
  const other = cache.read([pod('a')], never)
  first.abort()
  await one
  await turns()
  answer()
  await other
  expect(asked).toEqual(['shop/a', 'shop/a'])
  expect(cache.known(pod('a'))).toMatchObject({ ok: true })
})

test('a namespace whose proxies may not be asked is asked no more than four times, until somebody wants it again', async () => {
  const { cache, asked } = cluster({ refuses: 'billing' })
  const many = Array.from({ length: 50 }, (_, index) => pod(`pod-${index}`, 'billing'))
  await cache.read(many, never)
  expect(asked.length).toBeLessThanOrEqual(4)
  expect(many.every(each => cache.known(each)?.ok === false)).toBe(true)
  await cache.read(many.slice(0, 1), never, { again: true })
  expect(asked.length).toBeLessThanOrEqual(5)
})

test('a pod made anew under the same name is another one, and what is gone is forgotten', async () => {
  const { cache, asked } = cluster()
  await cache.read([pod('db-0')], never)
  const reborn = pod('db-0', 'shop', '2026-11-21T11:59:00Z')
  expect(cache.known(reborn)).toBeUndefined()
  await cache.read([reborn], never)
  cache.keepOnly([reborn])
  expect([asked.length, cache.known(pod('db-0')), cache.known(reborn)?.ok]).toEqual([2, undefined, true])
})

test('what every proxy sends is held once', async () => {
  const { cache } = cluster()
  await cache.read(pods(2), never)
  const [one, other] = [...cache.reports()].map(({ entries }) => entries[0]?.chain[1])
  expect(one).toMatchObject({ sha256: 'aa' })
  expect(other).toBe(one)
})

test('the roots are read again after five minutes, or when somebody wants it', async () => {
  const { cache, state } = cluster()
  await cache.readDistributed(['shop'], never)
  await cache.readDistributed(['shop', 'bank'], never)
  expect(cache.distributed).toHaveLength(1)
  await cache.readDistributed(['shop', 'bank'], never, true)
  expect(cache.distributed).toHaveLength(2)
  state.now += 6 * minute
  await cache.readDistributed([], never)
  expect(cache.distributed).toHaveLength(0)
})

test.each([
  ['young', '2026-11-21T11:55:00Z', {}, false],
  ['old', '2026-11-21T11:45:00Z', {}, true],
  ['from before half of its life', '2026-11-21T11:58:00Z', { notBefore: '2026-11-21T11:00:00Z', notAfter: '2026-11-21T12:58:00Z' }, true],
  ['from before its end', '2026-11-21T11:58:00Z', { notBefore: '2026-11-21T11:00:00Z', notAfter: '2026-11-21T11:59:00Z' }, true],
  ['from after its end', '2026-11-21T11:58:00Z', { notBefore: '2026-11-21T11:00:00Z', notAfter: '2026-11-21T11:30:00Z' }, false],
] as const)('a reading that is %s', (_, readAt, times, expected) => {
  const presented: Presented = { ok: true, readAt, expectedIdentity: '', report: report([leaf('shop/a', times), root], [root]) }
  expect(isOld(presented, start)).toBe(expected)
})

test('what failed is tried again after a minute', () => {
  const problem = explainProblem({ kind: 'cancelled' })
  expect(isOld({ ok: false, readAt: '2026-11-21T11:59:30Z', problem }, start)).toBe(false)
  expect(isOld({ ok: false, readAt: '2026-11-21T11:58:00Z', problem }, start)).toBe(true)
})
