// What the Testing view is told about a run: which cases, what came out of each, and what happens where nothing can be said.
import { beforeEach, expect, test, vi } from 'vitest'
import type { TestItem, TestRunRequest, Uri } from 'vscode'
import type { Outcome, Server } from '../../../client/src/server.ts'
import {
  GetPolicyTests,
  type PolicyTestOutcome,
  type PolicyTestResult,
  type RunPolicyTestsArguments,
} from '../../../server/src/protocol.ts'

type Handler = (request: TestRunRequest, token: object) => Promise<void>

const editor = vi.hoisted(() => ({
  told: [] as string[],
  messages: [] as { readonly message: string; readonly location?: unknown; readonly stackTrace?: unknown }[],
  ended: 0,
  cancelled: false,
  handlers: new Map<string, Handler>(),
  changed: [] as ((change: object) => void)[],
}))

vi.mock('vscode', () => {
  class Items {
    readonly #items = new Map<string, TestItem>()
    readonly #parent: TestItem | undefined
    constructor(parent?: TestItem) {
      this.#parent = parent
    }
    get size(): number {
      return this.#items.size
    }
    get(id: string): TestItem | undefined {
      return this.#items.get(id)
    }
    add(item: TestItem): void {
      this.#items.set(item.id, Object.assign(item, { parent: this.#parent }))
    }
    delete(id: string): void {
      this.#items.delete(id)
    }
    [Symbol.iterator](): Iterator<[string, TestItem]> {
      return this.#items.entries()
    }
  }
  const createTestItem = (id: string, label: string, uri: Uri) => {
    const item = { id, label, uri, error: undefined, children: new Items() }
    return Object.assign(item, { children: new Items(item as unknown as TestItem) })
  }
  const tell =
    (what: string) =>
    (item: TestItem, message?: (typeof editor.messages)[number]): void => {
      editor.told.push(`${what} ${item.id}`)
      if (message) editor.messages.push(message)
    }
  const run = {
    token: {
      get isCancellationRequested() {
        return editor.cancelled
      },
    },
    enqueued() {},
    started() {},
    appendOutput() {},
    passed: tell('passed'),
    failed: tell('failed'),
    errored: tell('errored'),
    skipped: tell('skipped'),
    end: () => void editor.ended++,
  }
  const controller = {
    items: new Items(),
    createTestItem,
    createTestRun: () => run,
    createRunProfile: (label: string, _: number, handler: Handler) => {
      editor.handlers.set(label, handler)
      return {}
    },
  }
  class Disposable {
    readonly dispose: () => void
    constructor(dispose: () => void) {
      this.dispose = dispose
    }
    static from = (...parts: readonly { dispose?(): void }[]) => new Disposable(() => parts.forEach(each => void each?.dispose?.()))
  }
  const event = () => ({ dispose() {} })
  class Place {
    readonly places: readonly unknown[]
    constructor(...places: readonly unknown[]) {
      this.places = places
    }
  }
  const uri = (text: string) => ({ path: text.replace(/^file:\/\//, ''), scheme: 'file', toString: () => text })
  return {
    Disposable,
    Location: Place,
    Position: Place,
    Range: Place,
    TestMessage: class {
      readonly message: string
      constructor(message: string) {
        this.message = message
      }
    },
    TestMessageStackFrame: Place,
    TestRunProfileKind: { Run: 1, Coverage: 3 },
    TestRunRequest: class {
      readonly include: readonly TestItem[]
      constructor(include: readonly TestItem[]) {
        this.include = include
      }
    },
    Uri: { parse: uri },
    tests: { createTestController: () => controller },
    workspace: {
      textDocuments: [],
      asRelativePath: ({ path }: Uri) => path.slice(1),
      findFiles: async () => [uri('file:///a.istio-test.yaml'), uri('file:///dist/b.istio-test.yaml')],
      createFileSystemWatcher: () => ({ onDidCreate: event, onDidChange: event, onDidDelete: event, dispose() {} }),
      onDidOpenTextDocument: event,
      onDidCloseTextDocument: event,
      onDidChangeTextDocument: (listener: (change: object) => void) => {
        editor.changed.push(listener)
        return event()
      },
    },
  }
})
const { PolicyTests } = await import('../../../client/src/tests/policyTests.ts')
const { Uri: uris } = await import('vscode')

const place = { uri: 'file:///callers.yaml', range: { start: { line: 12, character: 4 }, end: { line: 14, character: 0 } } }
const outcome = (id: string, more: Partial<PolicyTestOutcome>): PolicyTestOutcome => ({
  id,
  name: id,
  file: 'a.istio-test.yaml',
  line: 7,
  outcome: 'passed',
  expected: 'allow',
  actual: 'allow',
  status: 200,
  by: null,
  reason: 'So it is.',
  place: null,
  ...more,
})
const by = { action: 'DENY', policy: 'shop/no-admin', rule: 0, file: 'callers.yaml', range: place.range } as const
const wrong = outcome('wrong', { outcome: 'failed', actual: 'deny', by, place, reason: 'Expected allow, and it is denied.' })
const answers = new Map<string, PolicyTestOutcome>(
  [
    outcome('right', {}),
    wrong,
    outcome('half', { outcome: 'failed', actual: null, reason: 'This case cannot be run.' }),
    outcome('later', { outcome: 'skipped', reason: 'waits' }),
  ].map(each => [each.id, each]),
)

let listed: readonly string[]
let asked: RunPolicyTestsArguments[]
let answer: (asked: RunPolicyTestsArguments) => Outcome<PolicyTestResult>
const whole = ({ cases = [] }: RunPolicyTestsArguments): Outcome<PolicyTestResult> => ({
  ok: true,
  value: {
    version: 1,
    summary: { passed: 0, failed: 0, skipped: 0 },
    worlds: ['the files'],
    cases: cases.flatMap(id => answers.get(id) ?? []),
    coverage: [],
  },
})
const worldListeners: (() => void)[] = []
const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } }
const client = {
  sendRequest: async (type: { readonly method: string }) => {
    expect(type.method).toBe(GetPolicyTests.method)
    return listed.map(id => ({ id, name: id, range, problems: [] }))
  },
}
const policyTests = new PolicyTests({
  ask: (send: (to: typeof client) => unknown) => send(client),
  runPolicyTests: async (question: RunPolicyTestsArguments) => {
    asked.push(question)
    return answer(question)
  },
  onWorldChange: (listener: () => void) => {
    worldListeners.push(listener)
    return { dispose() {} }
  },
} as unknown as Server)

const file = uris.parse('file:///a.istio-test.yaml')
const start = (request: Partial<TestRunRequest>, token: object = {}) => editor.handlers.get('Run')?.(request as TestRunRequest, token)

beforeEach(() => {
  listed = ['right', 'wrong', 'half', 'later']
  asked = []
  answer = whole
  Object.assign(editor, { told: [], messages: [], ended: 0, cancelled: false })
})

test('all tests are those of the workspace, but not what a tool has made', async () => {
  await start({})
  expect(asked.map(({ uri, cases }) => [uri, cases])).toEqual([['file:///a.istio-test.yaml', listed]])
  expect(editor.told).toEqual(['passed right', 'failed wrong', 'errored half', 'skipped later'])
  expect(editor.ended).toBe(1)
})

test('a failure stands at its case with the reason, and leads to the rule that decided', async () => {
  await policyTests.runCases(file, ['wrong'])
  expect(asked).toMatchObject([{ cases: ['wrong'], coverage: false }])
  expect(editor.messages).toMatchObject([
    {
      message: 'Expected allow, and it is denied.',
      location: { places: [{ path: '/a.istio-test.yaml' }, { places: [7, 0] }] },
      stackTrace: [{ places: ['shop/no-admin rule 0', { path: '/callers.yaml' }, { places: [12, 4] }] }],
    },
  ])
})

test('what is excluded is not run, and what is no longer in the file is not asked for', async () => {
  await policyTests.runCases(file, undefined)
  expect(asked.splice(0)).toMatchObject([{ cases: listed }])
  await editor.handlers.get('Run with coverage of rules')?.(
    { exclude: [{ id: 'wrong', parent: { id: 'file:///a.istio-test.yaml' } }] } as unknown as TestRunRequest,
    {},
  )
  expect(asked).toMatchObject([{ cases: ['right', 'half', 'later'], coverage: true }])
  listed = ['right']
  await policyTests.runCases(file, ['wrong', 'right'])
  expect(asked.at(-1)?.cases).toEqual(['right'])
})

test('where there is no answer each case says why; a run that was cancelled says nothing of them', async () => {
  answer = () => ({ ok: false, problem: { kind: 'no-server', message: 'It does not answer.', remedy: 'Restart it.' } })
  await policyTests.runCases(file, ['right', 'wrong'])
  expect(editor.told).toEqual(['errored right', 'errored wrong'])
  expect(editor.messages).toMatchObject([{ message: 'It does not answer. Restart it.' }, {}])
  answer = () => ({ ok: true, value: { version: 1, problem: 'It cannot be read.' } })
  await policyTests.runCases(file, ['right'])
  expect(editor.messages.at(-1)).toMatchObject({ message: 'It cannot be read.' })

  Object.assign(editor, { told: [] })
  answer = () => ({ ok: false, problem: { kind: 'cancelled', message: '', remedy: '' } })
  await policyTests.runCases(file, ['right'])
  Object.assign(editor, { cancelled: true })
  asked = []
  await policyTests.runCases(file, ['right'])
  expect([editor.told, asked]).toEqual([[], []])
  expect(editor.ended).toBe(4)
})

test('continuous runs follow documents and the world, until they are cancelled', async () => {
  vi.useFakeTimers()
  try {
    let cancel = () => {}
    const token = {
      isCancellationRequested: false,
      onCancellationRequested: (listener: () => void) => {
        cancel = listener
      },
    }
    await start({ continuous: true }, token)
    expect(asked).toHaveLength(1)
    for (const listener of worldListeners) listener()
    await vi.advanceTimersByTimeAsync(600)
    expect(asked).toHaveLength(2)
    const document = { uri: uris.parse('file:///callers.yaml'), languageId: 'yaml', getText: () => '' }
    for (const typed of ['a', 'b', 'c']) for (const listener of editor.changed) listener({ document, contentChanges: [typed] })
    await vi.advanceTimersByTimeAsync(1_500)
    expect(asked).toHaveLength(4)
    for (const listener of editor.changed) listener({ document: { ...document, languageId: 'log' }, contentChanges: ['a'] })
    token.isCancellationRequested = true
    cancel()
    for (const listener of worldListeners) listener()
    await vi.advanceTimersByTimeAsync(1_500)
    expect(asked).toHaveLength(4)
  } finally {
    vi.useRealTimers()
  }
})
