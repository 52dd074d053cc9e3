// The life of the language server as the client sees it: one at a time, however starts and stops overlap.
import { beforeEach, expect, test, vi } from 'vitest'
import type { ExtensionContext } from 'vscode'
import type { Clusters, InitializationOptions } from '../../server/src/protocol.ts'

const clients: FakeClient[] = []

/** Behaves as vscode-languageclient does where it matters here: what is not running cannot be stopped. */
class FakeClient {
  state = 1
  disposed = false
  readonly handlers = new Map<unknown, (value: unknown) => void>()
  #resolve = () => {}
  #reject = (_reason: Error) => {}
  readonly #outcome = new Promise<void>((resolve, reject) => {
    this.#resolve = resolve
    this.#reject = reject
  })
  #stateChanged = (_change: { newState: number }) => {}

  readonly options: { readonly initializationOptions: () => InitializationOptions }

  constructor(_id: string, _name: string, _server: unknown, options: FakeClient['options']) {
    this.options = options
    clients.push(this)
  }

  start(): Promise<void> {
    this.state = 3
    return this.#outcome
  }

  started(): void {
    this.state = 2
    this.#resolve()
    this.#stateChanged({ newState: 2 })
  }

  failed(): void {
    this.state = 4
    this.#reject(new Error('spawn failed'))
  }

  async dispose(): Promise<void> {
    if (this.state !== 2) throw new Error('Client is not running and cannot be stopped.')
    this.state = 1
    this.disposed = true
  }

  onDidChangeState(handler: (change: { newState: number }) => void): void {
    this.#stateChanged = handler
  }

  onNotification({ method }: { method: string }, handler: (value: unknown) => void): void {
    this.handlers.set(method, handler)
  }

  onRequest(): void {}

  async sendRequest(): Promise<Clusters> {
    return connected('greeted')
  }

  tells(method: string, value: unknown): void {
    this.handlers.get(`istioSecurity/${method}`)?.(value)
  }
}

vi.mock('vscode', () => ({
  EventEmitter: class {
    readonly #listeners: ((value: unknown) => void)[] = []
    readonly event = (listener: (value: unknown) => void) => this.#listeners.push(listener)
    fire(value: unknown): void {
      for (const listener of this.#listeners) listener(value)
    }
    dispose(): void {}
  },
  window: { createOutputChannel: () => ({ error() {}, warn() {} }), showErrorMessage: async () => undefined },
  workspace: { isTrusted: true },
}))
vi.mock('vscode-languageclient/node', () => ({
  LanguageClient: FakeClient,
  State: { Stopped: 1, Running: 2, Starting: 3, StartFailed: 4 },
  CloseAction: {},
  LSPErrorCodes: {},
  ResponseError: Error,
  RevealOutputChannelOn: {},
  TransportKind: {},
}))
const { Server } = await import('../../client/src/server.ts')

function connected(context: string, choice?: Clusters['choice']): Clusters {
  const state = { kind: 'connected', context, server: 'https://10.0.0.1', istio: true, gaps: [], insecure: false } as const
  return { open: [{ context, choice: { context }, state, namespaces: [] }], judging: context, state, ...(choice ? { choice } : {}) }
}

const memory = new Map<string, unknown>()
const workspaceState = { get: (key: string) => memory.get(key), update: async (key: string, value: unknown) => void memory.set(key, value) }
const newServer = () => new Server({ asAbsolutePath: (path: string) => path, workspaceState } as unknown as ExtensionContext, () => false)

async function client(index: number): Promise<FakeClient> {
  return vi.waitFor(() => clients[index] ?? expect.fail(`only ${clients.length} servers were started`))
}

beforeEach(() => {
  clients.splice(0)
  memory.clear()
})

test('restarting again and again while it starts leaves one server', async () => {
  const server = newServer()
  void server.start()
  const restarts = [server.restart(), server.restart()]
  for (const index of [0, 1, 2]) (await client(index)).started()
  await Promise.all(restarts)
  expect(clients.map(({ disposed }) => disposed)).toEqual([true, true, false])
})

test('stopping while it starts ends it', async () => {
  const server = newServer()
  void server.start()
  const stopped = server.stop()
  const only = await client(0)
  only.started()
  await stopped
  expect(only.disposed).toBe(true)
})

test('stopping while it starts by itself after a crash ends it', async () => {
  const server = newServer()
  const started = server.start()
  const only = await client(0)
  only.started()
  await started
  only.state = 3
  only.start = async () => only.started()
  await server.stop()
  expect(only.disposed).toBe(true)
})

test('a server that did not start stands in no way of the next', async () => {
  const server = newServer()
  const started = server.start()
  const first = await client(0)
  first.failed()
  await started
  const restarted = server.restart()
  const second = await client(1)
  second.started()
  await restarted
  expect(second.disposed).toBe(false)
})

test('a server that was replaced is not listened to any more', async () => {
  const server = newServer()
  const changes: (readonly string[])[] = []
  server.onMeshChange(kinds => changes.push(kinds))
  void server.start()
  const restarted = server.restart()
  for (const index of [0, 1]) (await client(index)).started()
  await restarted

  const [old, current] = clients
  current?.tells('clustersChanged', connected('prod'))
  old?.tells('clustersChanged', connected('demo'))
  old?.tells('meshChanged', { context: 'demo', kinds: ['Pod'] })
  expect(server.state).toMatchObject({ context: 'prod' })
  expect(changes).toEqual([])
  current?.tells('meshChanged', { context: 'prod', kinds: ['Service'] })
  expect(changes).toEqual([['Service']])
})

test('what was chosen is handed to the next server, of this window or the next', async () => {
  const choice = { open: [{ context: 'prod' }, { context: 'stage', kubeconfig: '/home/ada/stage' }], judging: { context: 'prod' } }
  const server = newServer()
  void server.start()
  const first = await client(0)
  expect(first.options.initializationOptions()).toMatchObject({ clusters: {}, asksForPrograms: true })
  first.tells('clustersChanged', connected('prod', choice))
  expect(first.options.initializationOptions()).toMatchObject({ clusters: choice })
  void newServer().start()
  expect((await client(1)).options.initializationOptions()).toMatchObject({ clusters: choice })
  // Settings decide again.
  first.tells('clustersChanged', connected('prod'))
  expect(first.options.initializationOptions()).toMatchObject({ clusters: {} })
})

test('the state of the judging cluster is told when it changes, not with each news of another', async () => {
  const server = newServer()
  const states: unknown[] = []
  const changes: unknown[] = []
  server.onState(({ kind }) => states.push(kind))
  server.onClusters(({ open }) => changes.push(open.length))
  void server.start()
  const only = await client(0)
  const clusters = connected('prod')
  only.tells('clustersChanged', clusters)
  const beside = {
    context: 'stage',
    choice: { context: 'stage' },
    state: { kind: 'connecting', context: 'stage' },
    namespaces: [],
  } as const
  only.tells('clustersChanged', { ...clusters, open: [...clusters.open, beside] })
  expect([states, changes]).toEqual([['connected'], [1, 2]])
})
