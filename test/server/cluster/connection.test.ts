import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Fault } from '../../../demo/api/faults.ts'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import type { Kind } from '../../../server/src/core/istio/resources.ts'
import { wireTo } from '../../built/apiServers.ts'
import { type Connected, connectWith, until } from './support/connected.ts'
import { hastyClock } from './support/hastyClock.ts'

let demo: Demo
let connected: Connected | undefined

beforeEach(async () => {
  demo = await startDemo()
})

afterEach(async () => {
  connected?.dispose()
  connected = undefined
  await demo.close()
})

async function connect(...parameters: Parameters<typeof connectWith>): Promise<Connected> {
  connected = connectWith(...parameters)
  await connected.connection.ready()
  return connected
}

const names = ({ connection }: Connected, kind: Kind, namespace: string): readonly string[] =>
  connection.world().objects.flatMap(each => (each.kind === kind && each.namespace === namespace ? [each.name] : []))

test('a viewer sees the whole mesh, completely', async () => {
  const { connection } = await connect(demo.kubeconfig())
  expect(connection.state).toMatchObject({
    kind: 'connected',
    context: 'demo',
    server: demo.server,
    istio: true,
    gaps: [],
    insecure: false,
  })
  const world = connection.world()
  const kinds: readonly Kind[] = [
    'Namespace',
    'Pod',
    'Service',
    'ServiceAccount',
    'PeerAuthentication',
    'AuthorizationPolicy',
    'MeshConfig',
    'IstioGateway',
    'VirtualService',
    'GatewayClass',
    'WorkloadOwner',
    'InjectionWebhook',
  ]
  for (const kind of kinds) {
    expect(world.complete(kind, undefined), kind).toBe(true)
    expect(
      world.objects.some(each => each.kind === kind),
      kind,
    ).toBe(true)
  }
  for (const kind of ['Sidecar', 'ServiceEntry', 'WorkloadEntry', 'EnvoyFilter', 'WasmPlugin', 'Telemetry', 'EndpointSlice'] as const)
    expect(world.complete(kind, undefined), kind).toBe(true)
  expect(world.complete('Secret', 'shop')).toBe(false)
  expect(world.istioVersion).toMatch(/^1\.\d+$/)
})

test('only reads are sent, and never for Secrets', async () => {
  await connect(demo.kubeconfig())
  expect(demo.requests.length).toBeGreaterThan(0)
  expect(demo.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([])
  expect(demo.requests.filter(({ resource }) => resource === 'secrets')).toEqual([])
})

test('what changes in the cluster is told once, by kind', async () => {
  const live = await connect(demo.kubeconfig())
  // What was read at the start is told a moment after the last list.
  const kinds = new Set(live.connection.world().objects.map(({ kind }) => kind))
  await until('what was read at the start is told', () => [...kinds].every(kind => live.changes.flat().includes(kind)))
  live.changes.length = 0
  const before = live.connection.world()
  demo.world.deleteAccount('shop', 'nightly-report')
  const told = () => live.changes.filter(kinds => kinds.includes('ServiceAccount'))
  await until('the account is gone', () => told().length > 0)
  expect(told()).toEqual([['ServiceAccount']])
  expect(names(live, 'ServiceAccount', 'shop')).not.toContain('nightly-report')
  expect(before.objects.some(each => each.name === 'nightly-report' && each.kind === 'ServiceAccount')).toBe(true)
})

test('a list that may not be read is a gap, and nothing is concluded about it', async () => {
  const { connection } = await connect(demo.kubeconfig(), { context: 'demo-narrow' })
  expect(connection.state).toMatchObject({ kind: 'connected', context: 'demo-narrow' })
  const world = connection.world()
  expect(world.complete('Pod', undefined)).toBe(false)
  expect(world.complete('Pod', 'billing')).toBe(false)
  // The context names "shop": its pods may be listed.
  expect(world.complete('Pod', 'shop')).toBe(true)
  expect(world.complete('ServiceAccount', undefined)).toBe(true)
  // "get" alone is enough for the mesh's settings.
  expect(world.complete('MeshConfig', undefined)).toBe(true)
  expect(
    connection.state.kind === 'connected' && connection.state.gaps.map(({ resource, problem }) => [resource, problem.message]),
  ).toEqual([
    [
      'pods',
      'Your account may not list pods, so workloads and their proxies outside "shop" are unknown and nothing is concluded about them.',
    ],
  ])
})

test('with chosen namespaces only those are listed', async () => {
  const { connection } = await connect(demo.kubeconfig(), { namespaces: ['shop', 'billing'] })
  const world = connection.world()
  expect(world.complete('Pod', 'shop')).toBe(true)
  expect(world.complete('Pod', 'bank')).toBe(false)
  expect(world.complete('Pod', undefined)).toBe(false)
  expect(demo.requests.filter(({ resource, namespace }) => resource === 'pods' && namespace === undefined)).toEqual([])
})

test('one list that fails makes only itself incomplete', async () => {
  demo.faults.inject({ kind: 'status', code: 503 }, { resource: 'services' }, 3)
  const live = await connect(demo.kubeconfig())
  expect(live.connection.state.kind).toBe('connected')
  expect(live.connection.world().complete('Service', 'shop')).toBe(false)
  expect(live.connection.world().complete('Pod', 'shop')).toBe(true)
  await until('the services are listed after all', () => live.connection.world().complete('Service', 'shop'), 20_000)
}, 30_000)

test('expired watches are read anew and lose nothing', async () => {
  const live = await connect(demo.kubeconfig())
  demo.faults.inject({ kind: 'gone' }, { verb: 'watch', resource: 'serviceaccounts' })
  demo.cutWatches('serviceaccounts')
  demo.world.deleteAccount('shop', 'nightly-report')
  await until('the account is gone', () => !names(live, 'ServiceAccount', 'shop').includes('nightly-report'), 15_000)
  await until('the list is complete again', () => live.connection.world().complete('ServiceAccount', undefined), 15_000)
  expect(live.connection.state.kind).toBe('connected')
}, 40_000)

test('a server that goes away leaves the last facts, marked old and incomplete', async () => {
  const live = await connect(demo.kubeconfig())
  await demo.close()
  await until('the loss is noticed', () => live.connection.state.kind === 'stale', 15_000)
  expect(live.connection.state).toMatchObject({
    context: 'demo',
    since: expect.stringMatching(/^\d{4}-/),
    problem: { kind: 'unreachable', message: 'The API server of "demo" does not answer (connection refused).' },
  })
  expect(names(live, 'ServiceAccount', 'shop')).toContain('frontend')
  expect(live.connection.world().complete('ServiceAccount', 'shop')).toBe(false)
}, 20_000)

test('a token that is not accepted fails at once, and a refresh takes the repaired kubeconfig', async () => {
  const broken = demo.kubeconfig().replace(demo.tokens.viewer, 'expired-token-of-yesterday')
  const live = await connect(broken)
  expect(live.connection.state).toMatchObject({
    kind: 'failed',
    context: 'demo',
    problem: { kind: 'unauthorized', remedy: 'Sign in again, then refresh.' },
  })
  writeFileSync(live.kubeconfig, demo.kubeconfig())
  await live.connection.refresh()
  expect(live.connection.state.kind).toBe('connected')
})

test('a refresh keeps what is known until the new lists are there', async () => {
  const live = await connect(demo.kubeconfig())
  const refreshed = live.connection.refresh()
  expect(names(live, 'ServiceAccount', 'shop')).toContain('frontend')
  await refreshed
  expect(names(live, 'ServiceAccount', 'shop')).toContain('frontend')
  expect(live.connection.world().complete('Pod', undefined)).toBe(true)
  expect(live.states.map(({ kind }) => kind).filter(kind => kind !== 'connecting')).toEqual(['connected'])
})

test('a cluster that never answers is unreachable after five seconds', async () => {
  const silent = createServer(socket => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const started = Date.now()
  const { connection } = await connect(demo.kubeconfig().replace(demo.server, `https://127.0.0.1:${port}`))
  expect(Date.now() - started).toBeLessThan(7_000)
  expect(connection.state).toMatchObject({
    kind: 'failed',
    context: 'demo',
    problem: { kind: 'unreachable', message: expect.stringContaining('timed out after 5 s'), remedy: expect.stringContaining('VPN') },
  })
  connection.dispose()
  silent.close()
}, 15_000)

test.for([
  ['no-kubeconfig', 'off', (text: string) => text, { kubeconfig: '/nowhere/config' }],
  ['bad-kubeconfig', 'off', () => 'clusters: [', {}],
  ['no-context', 'failed', (text: string) => text, { context: 'prod' }],
  ['no-context', 'off', (text: string) => text.replace('current-context: demo', ''), {}],
] as const)('%s is the state "%s", not an exception', async ([problem, kind, change, options]) => {
  const { connection } = await connect(change(demo.kubeconfig()), options)
  expect(connection.state).toMatchObject({ kind, problem: { kind: problem } })
  expect(connection.world().objects).toEqual([])
  expect(connection.world().complete('Pod', undefined)).toBe(false)
})

test('after dispose nothing is asked any more', async () => {
  const live = await connect(demo.kubeconfig())
  live.connection.dispose()
  await until('the server sees the watches close', () => demo.cutWatches() === 0)
  const asked = demo.requests.length
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(demo.requests.length).toBe(asked)
})

/** The kinds of states since the connection was there, each once in a row. */
function statesOf({ states }: Connected): readonly string[] {
  const kinds = states.map(({ kind }) => kind).filter(kind => kind !== 'connecting')
  return kinds.filter((kind, at) => kind !== kinds[at - 1])
}

test('a list that breaks again and again leaves the cluster connected, is told as missing after a while, and no longer once it is there', async () => {
  const live = await connect(demo.kubeconfig(), { clock: hastyClock(20) })
  demo.faults.inject({ kind: 'cut' }, { resource: 'services' }, 1_000)
  demo.cutWatches('services')
  const gaps = () => (live.connection.state.kind === 'connected' ? live.connection.state.gaps : []).map(({ resource }) => resource)
  await until('the list is told as missing', () => gaps().includes('services'))
  expect(gaps()).toEqual(['services'])
  expect(live.connection.world().complete('Service', 'shop')).toBe(false)
  expect(live.connection.world().complete('Pod', 'shop')).toBe(true)
  demo.faults.clear()
  await until('nothing is missing', () => gaps().length === 0, 20_000)
  expect(statesOf(live)).toEqual(['connected'])
}, 40_000)

test.for<[string, Fault]>([
  ['asks everybody to wait', { kind: 'status', code: 429, retryAfterSeconds: 1 }],
  ['sends everybody to sign in at a portal', { kind: 'web-page' }],
  ['sends everybody elsewhere', { kind: 'redirect', location: 'https://login.example.com/' }],
  ['breaks every connection', { kind: 'cut' }],
])(
  'a server that %s is stale as one, is asked little, says so in few lines, and is connected again as one',
  { timeout: 60_000 },
  async ([, fault]) => {
    const live = await connect(demo.kubeconfig(), { clock: hastyClock(20) })
    const [lines, asked] = [live.lines.length, demo.requests.length]
    demo.faults.inject(fault, {}, 10_000)
    const lists = demo.cutWatches()
    await until('it is stale', () => live.connection.state.kind === 'stale')
    expect(live.connection.world().complete('Namespace', undefined)).toBe(false)
    // A minute and a half by this clock.
    await new Promise(resolve => setTimeout(resolve, 4_500))
    // One attempt of each list, and then one for all.
    expect(demo.requests.length - asked).toBeLessThan(lists * 2 + 40)
    demo.faults.clear()
    await until('it is connected', () => live.connection.state.kind === 'connected', 20_000)
    await until('it is complete', () => live.connection.world().complete('Namespace', undefined), 20_000)
    expect(statesOf(live)).toEqual(['connected', 'stale', 'connected'])
    expect(live.lines.length - lines).toBeLessThan(12)
  },
)

test('a network that is gone without a word is noticed at once when somebody looks, and found again when it is back', async () => {
  const wire = await wireTo(Number(new URL(demo.server).port))
  const live = await connect(demo.kubeconfig().replace(demo.server, `https://127.0.0.1:${wire.port}`))
  wire.freeze()
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(live.connection.state.kind).toBe('connected')
  live.connection.resume()
  await until('the loss is noticed', () => live.connection.state.kind === 'stale')
  await wire.cut()
  await wire.mend()
  live.connection.resume()
  await until('it is connected', () => live.connection.state.kind === 'connected', 20_000)
  live.connection.dispose()
  await wire.close()
}, 60_000)

test('disposed at any moment, also in the middle of a refresh, nothing is left open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 120 }), fc.boolean(), async (milliseconds, refreshes) => {
      const live = connectWith(demo.kubeconfig())
      if (refreshes) await live.connection.ready()
      const done = refreshes ? live.connection.refresh() : live.connection.ready()
      await new Promise(resolve => setTimeout(resolve, milliseconds))
      live.dispose()
      await done
      await until('the server sees the watches close', () => demo.cutWatches() === 0)
      // What was on its way.
      await new Promise(resolve => setTimeout(resolve, 50))
      const asked = demo.requests.length
      await new Promise(resolve => setTimeout(resolve, 100))
      expect(demo.requests.length).toBe(asked)
    }),
    { numRuns: 12 },
  )
}, 60_000)

test('the settings of an istiod that is installed later are read too', async () => {
  const live = await connect(demo.kubeconfig())
  expect(live.connection.world().complete('MeshConfig', undefined)).toBe(true)
  const labels = { app: 'istiod', 'istio.io/rev': '1-31' }
  const config = { namespace: 'istio-system', name: 'istio-1-31' }
  demo.world.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: config, data: { mesh: 'trustDomain: other' } })
  demo.world.store.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'istio-system', name: 'istiod-1-31', labels },
    spec: { containers: [{ name: 'discovery' }] },
    status: { phase: 'Running' },
  })
  await until('its ConfigMap is read', () => names(live, 'MeshConfig', 'istio-system').includes('istio-1-31'))
  expect(names(live, 'MeshConfig', 'istio-system')).toContain('istio')
})
