import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import type { Kind } from '../../../server/src/core/istio/resources.ts'
import { type Connected, connectWith, until } from './support/connected.ts'

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
  ]
  for (const kind of kinds) {
    expect(world.complete(kind, undefined), kind).toBe(true)
    expect(
      world.objects.some(each => each.kind === kind),
      kind,
    ).toBe(true)
  }
  expect(world.complete('WorkloadOwner', 'shop')).toBe(false)
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
  await until('the first changes are told', () => live.changes.flat().includes('ServiceAccount'))
  live.changes.length = 0
  const before = live.connection.world()
  demo.world.deleteAccount('shop', 'nightly-report')
  await until('the account is gone', () => live.changes.length > 0)
  expect(live.changes).toEqual([['ServiceAccount']])
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
  ).toEqual([['pods', 'Your account may not list pods, so those are unknown and nothing is concluded about them.']])
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
  expect(live.states.map(({ kind }) => kind)).toEqual(['connected'])
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
