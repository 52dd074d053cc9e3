// Reads the lists of an API server once and follows it, in a process of its own: with our connection, or in the plainest way. One line of JSON.
import { writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../server/src/cluster/clock.ts'
import { ClusterConnection } from '../../server/src/cluster/connection.ts'
import { readObject } from '../../server/src/core/istio/read.ts'

const [mode = '', port = '', events = '0', folder = ''] = process.argv.slice(2)
const base = `http://127.0.0.1:${port}`
const agent = new Agent({ keepAlive: true })
const paths = ['/api/v1/pods', '/api/v1/serviceaccounts'] as const

interface Loaded {
  readonly held: unknown
  /** Resolves when so many events were taken. */
  readonly followed: (events: number) => Promise<void>
}

const modes: Readonly<Record<string, () => Promise<Loaded>>> = {
  ours: connect,
  trimmed: () => plainly(trimmed),
  whole: () => plainly(object => object),
}

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
/** Of this thread alone: what other programs take from it is none of ours. */
const threadCpu = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
const heap = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const heapBefore = heap()
const longest = longestStretch()
const before = cpu()
const loaded = await modes[mode]?.()
const listCpu = cpu() - before
const stall = longest()
const held = heap() - heapBefore
const followedFrom = cpu()
await loaded?.followed(Number(events))
const watchCpu = cpu() - followedFrom
process.stdout.write(`${JSON.stringify({ listCpu, held, stall, watchCpu, page: await pageParse() })}\n`)
process.exit(0)

async function connect(): Promise<Loaded> {
  const kubeconfig = `${folder}/kubeconfig`
  const cluster = { name: 'bench', cluster: { server: base } }
  const context = { name: 'bench', context: { cluster: 'bench', user: 'bench' } }
  writeFileSync(
    kubeconfig,
    JSON.stringify({ clusters: [cluster], users: [{ name: 'bench', user: {} }], contexts: [context], 'current-context': 'bench' }),
  )
  let read = 0
  const connection = new ClusterConnection({
    kubeconfig,
    namespaces: [],
    read(json, source) {
      read++
      return readObject(json, source)
    },
    log: () => {},
    clock: systemClock,
    onState: () => {},
    onChange: () => {},
  })
  await connection.ready()
  const listed = read
  return { held: connection.world(), followed: count => until(() => read - listed >= count) }
}

async function plainly(keep: (object: Pod) => unknown): Promise<Loaded> {
  const held: unknown[] = []
  for (const path of paths) {
    let next = ''
    do {
      const { items, metadata } = JSON.parse((await body(`${path}?limit=500${next && `&continue=${next}`}`)).toString())
      for (const item of items) held.push(keep(item))
      next = metadata.continue
    } while (next)
  }
  let taken = 0
  let rest = ''
  get(`${base}/api/v1/pods?watch=1`, { agent }, response => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) held[taken++ % held.length] = keep(JSON.parse(line).object)
    })
  })
  return { held, followed: count => until(() => taken >= count) }
}

interface Pod {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec?: { readonly serviceAccountName?: string }
  readonly status?: { readonly podIP?: string }
}

function trimmed({ metadata, spec, status }: Pod): unknown {
  const { name, namespace, labels, resourceVersion } = metadata
  return { name, namespace, labels, resourceVersion, account: spec?.serviceAccountName, ip: status?.podIP }
}

function body(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(base + path, { agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
    }).on('error', reject)
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5)
}

/** Milliseconds that the thread was busy at most from one turn of a timer to the next. */
function longestStretch(): () => number {
  let last = threadCpu()
  let most = 0
  const look = () => {
    const now = threadCpu()
    most = Math.max(most, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  return () => {
    clearInterval(timer)
    look()
    return most
  }
}

/** Milliseconds at a stretch for one page of 500 whole pods. */
async function pageParse(): Promise<number> {
  const text = (await body('/api/v1/pods?limit=500')).toString()
  const times = [1, 2, 3].map(() => {
    const start = threadCpu()
    JSON.parse(text)
    return threadCpu() - start
  })
  return times.toSorted((a, b) => a - b)[1] ?? Number.NaN
}
