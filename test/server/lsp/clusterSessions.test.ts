// Several clusters side by side: what is open follows from the choice, else the settings, and none touches another.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CancellationToken } from 'vscode-languageserver'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { ClusterSessions } from '../../../server/src/lsp/clusterSessions.ts'
import type { ClusterChoice, Clusters } from '../../../server/src/protocol.ts'
import { defaults, type Settings } from '../../../server/src/workspace/settings.ts'
import { until } from '../cluster/support/connected.ts'

let demos: readonly [Demo, Demo]
let folder: string
let [configured, other] = ['', '']
const opened: ClusterSessions[] = []

beforeAll(async () => {
  demos = await Promise.all([startDemo(), startDemo()])
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-sessions-'))
  configured = join(folder, 'configured')
  other = join(folder, 'other')
  writeFileSync(configured, demos[0].kubeconfig())
  writeFileSync(other, demos[1].kubeconfig())
})
afterEach(() => {
  for (const sessions of opened.splice(0)) sessions.dispose()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => Promise.all(demos.map(demo => demo.close())))

const uncancelled: CancellationToken = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) }

interface Started {
  readonly sessions: ClusterSessions
  readonly told: Clusters[]
  readonly log: string[]
}

function start(settings: Partial<Settings> = {}, { trusted = true, choice }: { trusted?: boolean; choice?: ClusterChoice } = {}): Started {
  const told: Clusters[] = []
  const log: string[] = []
  const sessions: ClusterSessions = new ClusterSessions({
    log: line => log.push(line),
    onState: () => told.push(sessions.described),
    onWorld() {},
  })
  opened.push(sessions)
  if (choice) sessions.restore(choice)
  sessions.configure({ ...defaults, kubeconfig: configured, ...settings }, trusted)
  return { sessions, told, log }
}

const contexts = ({ all }: ClusterSessions) => all.map(({ context }) => context)
const kinds = ({ all }: ClusterSessions) => all.map(({ state }) => state.kind)

/** Stands before the demo, may be shut, and counts who comes: by nobody but the kubeconfig that names it. */
async function gateTo(demo: Demo) {
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    const inner = connect(Number(new URL(demo.server).port), '127.0.0.1')
    inner.on('error', () => socket.destroy()).pipe(socket)
    socket.on('error', () => inner.destroy()).pipe(inner)
  })
  const open = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening')
  await open(0)
  const { port } = server.address() as AddressInfo
  const shut = () => new Promise(resolve => server.close(resolve))
  return {
    kubeconfig: demo.kubeconfig().replace(demo.server, `https://127.0.0.1:${port}`),
    connections: () => connections,
    open: () => open(port),
    shut,
  }
}
const demo = { context: 'demo' }
const narrow = { context: 'demo-narrow' }
const foreign = () => ({ context: 'demo', kubeconfig: other })

describe('what is open', () => {
  test('nothing before somebody looks, then what the settings say', async () => {
    const gate = await gateTo(demos[0])
    writeFileSync(configured, gate.kubeconfig)
    const { sessions } = start()
    await sessions.contexts()
    expect(contexts(sessions)).toEqual([])
    expect(sessions.state).toMatchObject({ kind: 'off', problem: { kind: 'not-connected' } })
    expect(gate.connections()).toBe(0)
    await sessions.settled()
    expect(sessions.described).toMatchObject({ judging: 'demo', state: { kind: 'connected' }, open: [{ context: 'demo', choice: demo }] })
    expect('choice' in sessions.described).toBe(false)
    sessions.dispose()
    await gate.shut()
  })

  test.each<[string, (sessions: ClusterSessions) => Promise<unknown>, readonly string[], string | undefined]>([
    ['chosen in place of the one before', sessions => sessions.use(narrow), ['demo-narrow'], 'demo-narrow'],
    ['opened beside', sessions => sessions.open(narrow), ['demo', 'demo-narrow'], 'demo'],
    ['opened twice', async sessions => [await sessions.open(narrow), await sessions.open(narrow)], ['demo', 'demo-narrow'], 'demo'],
    ['files only', sessions => sessions.use({ context: null }), [], undefined],
    ['closed', sessions => sessions.close('demo'), [], undefined],
    ['none of this handle to close', sessions => sessions.close('nope'), ['demo'], 'demo'],
    [
      'chosen while both are open',
      async sessions => [await sessions.open(narrow), await sessions.use(narrow)],
      ['demo', 'demo-narrow'],
      'demo-narrow',
    ],
    [
      'files only, with one beside',
      async sessions => [await sessions.open(narrow), await sessions.use({ context: null })],
      ['demo-narrow'],
      undefined,
    ],
    ['closed beside', async sessions => [await sessions.open(narrow), await sessions.close('demo-narrow')], ['demo'], 'demo'],
    ['the current context', sessions => sessions.use({ kubeconfig: other }), ['demo'], 'demo'],
  ])('%s', async (_, act, open, judging) => {
    const { sessions, told } = start()
    await sessions.settled()
    await act(sessions)
    expect(contexts(sessions)).toEqual(open)
    expect(sessions.described.judging).toBe(judging)
    expect(told.at(-1)?.open.map(({ context }) => context)).toEqual(open)
    // The choice alone brings the same back.
    const { choice } = sessions.described
    const { sessions: again } = start({}, choice ? { choice } : {})
    await again.settled()
    expect([contexts(again), again.described.judging]).toEqual([open, judging])
  })

  test('two contexts of one name have two handles, and stay apart', async () => {
    const { sessions } = start()
    await sessions.settled()
    await sessions.open(foreign())
    expect(contexts(sessions)).toEqual(['demo', `demo (${other})`])
    expect(sessions.all.map(({ state }) => ('context' in state ? state.context : ''))).toEqual(contexts(sessions))
    const [mine, theirs] = sessions.all
    demos[1].world.deleteAccount('shop', 'nightly-report')
    const accounts = (session = mine) => session?.mesh.all('ServiceAccount').map(({ name }) => name)
    await until('the account is gone there', () => !accounts(theirs)?.includes('nightly-report'))
    expect(accounts(mine)).toContain('nightly-report')
    await demos[1].world.reset()
  })

  test('the last of many choices made at once wins', async () => {
    const { sessions } = start()
    const choices = [demo, narrow, foreign(), { context: null }, narrow, demo]
    await Promise.all(choices.map(choice => sessions.use(choice)))
    expect(contexts(sessions)).toEqual(['demo'])
    expect(kinds(sessions)).toEqual(['connected'])
  })
})

describe('the settings', () => {
  test('are followed, and leave alone what stays the same', async () => {
    const { sessions } = start()
    await sessions.settled()
    const [before] = sessions.all
    sessions.configure({ ...defaults, kubeconfig: configured, inlayHints: false }, true)
    await sessions.settled()
    expect(sessions.all).toEqual([before])
    sessions.configure({ ...defaults, kubeconfig: configured, context: 'demo-narrow' }, true)
    await sessions.settled()
    expect(contexts(sessions)).toEqual(['demo-narrow'])
    sessions.configure({ ...defaults, kubeconfig: configured, cluster: 'off' }, true)
    await sessions.settled()
    expect(sessions.described).toMatchObject({ open: [], state: { kind: 'off', problem: { kind: 'not-connected' } } })
  })

  test('count no more where somebody chose', async () => {
    const { sessions } = start()
    await sessions.use(narrow)
    sessions.configure({ ...defaults, kubeconfig: configured, context: 'demo', cluster: 'off' }, true)
    await sessions.settled()
    expect(contexts(sessions)).toEqual(['demo-narrow'])
  })

  test('another kubeconfig is another cluster, though the names are the same', async () => {
    const { sessions } = start()
    await sessions.settled()
    const [before] = sessions.all
    sessions.configure({ ...defaults, kubeconfig: other }, true)
    await sessions.settled()
    expect(contexts(sessions)).toEqual(['demo'])
    expect(sessions.judging).not.toBe(before)
    expect(sessions.state).toMatchObject({ server: demos[1].server })
  })

  test.each([
    ['no-kubeconfig', { kubeconfig: '/nowhere/config' }],
    ['no-context', { context: 'nope' }],
  ] as const)('that lead nowhere: %s', async (kind, settings) => {
    const { sessions } = start(settings)
    await sessions.settled()
    expect(sessions.state).toMatchObject({ problem: { kind } })
    expect(sessions.children('namespace/shop', undefined)).toMatchObject({ ok: false, problem: { kind } })
  })
})

describe('isolation', () => {
  test('closing one cancels what it has under way, and nothing of the others', async () => {
    const { sessions } = start()
    await sessions.settled()
    await sessions.open(foreign())
    demos.map(each => each.faults.inject({ kind: 'silent' }, { resource: 'pods', verb: 'get' }, 1))
    const [mine, theirs] = sessions.all.map(session =>
      session.ask(uncancelled, async (connection, signal) => {
        const reply = await connection.reached?.transport.get('/api/v1/namespaces/shop/pods/db-0', { signal, idleMs: 60_000 })
        return { ok: true, value: reply?.ok }
      }),
    )
    await sessions.close('demo')
    expect(await mine).toMatchObject({ value: false })
    expect(await Promise.race([theirs, 'pending'])).toBe('pending')
    expect(kinds(sessions)).toEqual(['connected'])
    for (const each of demos) each.faults.clear()
  })

  test('a cluster that is not open any more is named', async () => {
    const { sessions } = start()
    await sessions.settled()
    await sessions.use(narrow)
    expect(sessions.children('namespace/shop', 'demo')).toMatchObject({ problem: { kind: 'closed-cluster', context: 'demo' } })
    expect(await sessions.ask('demo', session => session.ask(uncancelled, async () => ({ ok: true, value: 1 })))).toMatchObject({
      problem: { kind: 'closed-cluster' },
    })
  })

  test('one that cannot be used leaves the others alone', async () => {
    const { sessions } = start()
    await sessions.settled()
    expect(await sessions.open({ context: 'nope' })).toMatchObject({ kind: 'failed', problem: { kind: 'no-context' } })
    expect(kinds(sessions)).toEqual(['connected', 'failed'])
    expect(sessions.rows()).toMatchObject({
      value: [
        {
          kind: 'cluster',
          context: 'demo',
          judging: true,
          description: expect.stringMatching(/^for files · connected · Istio 1\.\d+$/),
        },
        { kind: 'cluster', context: 'nope', judging: false, description: 'not connected' },
      ],
    })
  })

  test('rows carry their cluster', async () => {
    const { sessions } = start()
    await sessions.settled()
    await sessions.open(foreign())
    for (const context of contexts(sessions)) {
      const rows = sessions.children(`cluster/${context}`, context)
      if (!rows.ok) expect.fail(rows.problem.message)
      expect(new Set(rows.value.map(row => row.context))).toEqual(new Set([context]))
    }
  })
})

test('who is back at the window does not sit out the pause of what was out of reach', async () => {
  const gate = await gateTo(demos[0])
  await gate.shut()
  writeFileSync(configured, gate.kubeconfig)
  const { sessions, log } = start()
  await sessions.settled()
  expect(sessions.state).toMatchObject({ kind: 'failed', problem: { kind: 'unreachable' } })
  await gate.open()
  const attempts = () => log.filter(line => line.startsWith('cluster: connecting to')).length
  const before = attempts()
  sessions.resume()
  // The first pause is longer.
  await until('it is tried at once', () => attempts() > before, 200)
  await until('it is connected', () => sessions.state.kind === 'connected')
  sessions.dispose()
  await gate.shut()
})

describe('what was chosen before', () => {
  test('is opened once somebody looks, not before', async () => {
    const gate = await gateTo(demos[0])
    writeFileSync(configured, gate.kubeconfig)
    const { sessions } = start({}, { choice: { open: [demo, narrow], judging: narrow } })
    await sessions.contexts()
    expect(gate.connections()).toBe(0)
    await sessions.settled()
    expect(sessions.described).toMatchObject({ judging: 'demo-narrow', open: [{ context: 'demo' }, { context: 'demo-narrow' }] })
    sessions.dispose()
    await gate.shut()
  })

  test('and has gone with its file is forgotten', async () => {
    const gone = { context: 'demo', kubeconfig: join(folder, 'gone') }
    const { sessions } = start({}, { choice: { open: [gone], judging: gone } })
    await sessions.settled()
    expect(sessions.described).toMatchObject({ judging: 'demo', open: [{ choice: demo }] })
    const { sessions: two } = start({}, { choice: { open: [gone, narrow], judging: gone } })
    await two.settled()
    expect(two.described).toMatchObject({ open: [{ context: 'demo-narrow' }], state: { kind: 'off' } })
    expect(two.described.judging).toBeUndefined()
  })

  test('keeps its files on offer', async () => {
    const { sessions } = start({}, { choice: { open: [foreign()] } })
    const offered = await sessions.contexts()
    expect(offered.ok && offered.value.map(({ name, kubeconfig }) => [name, kubeconfig])).toEqual([
      ['demo', undefined],
      ['demo-narrow', undefined],
      ['demo', other],
      ['demo-narrow', other],
    ])
  })

  test('stays chosen in an untrusted window, which opens nothing', async () => {
    const gates = await Promise.all(demos.map(gateTo))
    writeFileSync(configured, gates[0]?.kubeconfig ?? '')
    writeFileSync(other, gates[1]?.kubeconfig ?? '')
    const choice: ClusterChoice = { open: [demo, foreign()], judging: demo }
    const { sessions } = start({}, { trusted: false, choice })
    await sessions.settled()
    await sessions.refresh(undefined)
    for (const act of [sessions.use(demo), sessions.open(foreign())]) expect(await act).toMatchObject({ kind: 'off' })
    expect(sessions.described).toMatchObject({ open: [], choice, state: { problem: { kind: 'untrusted-workspace' } } })
    expect(gates.map(gate => gate.connections())).toEqual([0, 0])
    await Promise.all(gates.map(gate => gate.shut()))
  })
})
