// A minute of a busy cluster: fifty changes a second by several writers. What is known at the end is what the cluster holds, changes arrive within
// a moment, and following them costs nothing that stays.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Question, Told } from './follower.ts'
import { equalsFreshList } from './freshList.ts'
import { type Plane, startPlane } from './plane.ts'
import { Wire } from './wire.ts'
import { authorizationPolicy, plainPod } from './world.ts'

const seconds = 60
const perSecond = 50
/** How many objects of each sort there are at a time, at most. */
const room = 40

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
  await plane.admin.createAll([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'busy' } }])
})
afterAll(() => plane?.stop())

/** A kind of object that writers write: where it lives, how it begins and how it changes. */
interface Sort {
  readonly path: string
  readonly make: (name: string, turn: number) => object
  readonly change: (turn: number) => object
}

const labelled = (turn: number) => ({ metadata: { labels: { turn: String(turn) } } })

const sorts: readonly Sort[] = [
  {
    path: '/api/v1/namespaces/busy/pods',
    make: name => plainPod('busy', name),
    change: labelled,
  },
  {
    path: '/apis/security.istio.io/v1/namespaces/busy/authorizationpolicies',
    make: (name, turn) => authorizationPolicy('busy', name, [`cluster.local/ns/busy/sa/caller-${turn}`]),
    change: turn => ({ spec: { rules: [{ from: [{ source: { principals: [`cluster.local/ns/busy/sa/caller-${turn}`] } }] }] } }),
  },
  {
    path: '/api/v1/namespaces/busy/serviceaccounts',
    make: name => ({ metadata: { name } }),
    change: labelled,
  },
]

/** Creates, changes and deletes objects of one sort, `every` milliseconds one of these. Answers when each was created. */
async function write(sort: Sort, writer: number, every: number, until: number): Promise<ReadonlyMap<string, number>> {
  const created = new Map<string, number>()
  const alive: string[] = []
  const collection = sort.path
  for (let turn = 0; ; turn++) {
    const due = until - seconds * 1000 + turn * every
    if (due >= until) return created
    await delay(Math.max(0, due - Date.now()))
    const [oldest] = alive
    if (turn % 3 === 1 && oldest !== undefined) await ask('PATCH', `${collection}/${alive[turn % alive.length]}`, sort.change(turn))
    else if (alive.length === room || (turn % 3 === 2 && oldest !== undefined && alive.length > room / 2)) {
      alive.shift()
      await ask('DELETE', `${collection}/${oldest}?gracePeriodSeconds=0`)
    } else {
      const name = `${writer}-${turn}`
      await ask('POST', collection, sort.make(name, turn))
      created.set(`busy/${name}`, Date.now())
      alive.push(name)
    }
  }
}

async function ask(method: string, path: string, body?: object): Promise<void> {
  const { status, body: answer } = await plane.admin.request(method, path, body)
  // The API server may put writers off; nobody needs each of these.
  if (status >= 400 && status !== 429) throw new Error(`${method} ${path}: ${answer.message}`)
}

/** The follower as a process, and what it answers. */
async function startFollower(kubeconfig: string) {
  const script = fileURLToPath(new URL('follower.ts', import.meta.url))
  const child: ChildProcess = fork(script, [kubeconfig], { execArgv: ['--expose-gc'], serialization: 'advanced' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const next = async () => (await once(child, 'message'))[0] as Told
  await next()
  return {
    child,
    async asked(question: Question): Promise<Told> {
      child.send(question)
      return next()
    },
  }
}

const percentile = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
const megabytes = (bytes: number) => bytes / 1_000_000
const open = (resources: readonly string[] = []) => resources.filter(each => each !== 'Timeout').length

test(`${perSecond} changes a second for ${seconds} s: nothing is missed, nothing leaks`, async () => {
  await using wire = await Wire.to(plane.server.url)
  const { child, asked } = await startFollower(await plane.kubeconfig('busy', { server: wire.url }))
  const before = { ...(await asked('weight')).weight, connections: wire.open }

  const until = Date.now() + seconds * 1000
  const writers = sorts.flatMap(sort => [sort, sort])
  const every = (1000 * writers.length) / perSecond
  const created = await Promise.all(writers.map((sort, writer) => write(sort, writer, every, until)))
  const behind = Date.now() - until

  await equalsFreshList(async () => (await asked('objects')).objects ?? [], plane.admin)
  const { seen = {} } = await asked('seen')
  const lags = Object.entries(seen)
    .flatMap(([key, at]) => created.slice(-2).flatMap(each => at - (each.get(key) ?? Number.NaN)))
    .filter(lag => !Number.isNaN(lag))
    .sort((a, b) => a - b)
  const after = { ...(await asked('weight')).weight, connections: wire.open }
  const [median, slowest] = [percentile(lags, 0.5), percentile(lags, 0.99)]
  const heap = [before.heap ?? 0, after.heap ?? 0].map(megabytes)
  process.stderr.write(
    `churn: ${lags.length} lags, median ${median} ms, p99 ${slowest} ms; heap ${heap.map(each => each.toFixed(1)).join(' → ')} MB; ` +
      `connections ${before.connections} → ${after.connections}; writers ${behind} ms behind\n`,
  )

  expect(lags.length).toBeGreaterThan(100)
  expect(median).toBeLessThan(1_000)
  expect(after.connections).toBeLessThanOrEqual(before.connections + 2)
  expect(open(after.resources)).toBeLessThanOrEqual(open(before.resources) + 2)
  expect(heap[1]).toBeLessThan((heap[0] ?? 0) + 15)

  const gone = once(child, 'exit')
  child.send('dispose' satisfies Question)
  // It is not killed: with nothing left open it ends.
  expect(await Promise.race([gone, delay(5_000, 'it still runs')])).toEqual([0, null])
  expect(wire.open).toBe(0)
})
