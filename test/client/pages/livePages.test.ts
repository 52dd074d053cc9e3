// Tabs that show answers: the latest read wins, a closed tab is left alone, and the text twin stands where its address says.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { CertificateInspection, ConnectionQuestion, PodRef } from '../../../server/src/protocol.ts'
import { inspection, withEntries } from './certificate/sample.ts'

const editor = vi.hoisted(() => {
  class EventEmitter<T> {
    readonly listeners: ((value: T) => void)[] = []
    readonly event = (listener: (value: T) => void) => this.listeners.push(listener)
    fire(value: T) {
      for (const listener of this.listeners) listener(value)
    }
    dispose() {}
  }
  class Panel {
    readonly #viewState = new EventEmitter<void>()
    readonly #disposed = new EventEmitter<void>()
    readonly onDidChangeViewState = this.#viewState.event
    readonly onDidDispose = this.#disposed.event
    readonly written: string[] = []
    readonly webview = Object.defineProperty({}, 'html', { set: (html: string) => this.written.push(html) })
    readonly title: string
    active = true
    visible = true
    constructor(title: string) {
      this.title = title
    }
    reveal() {}
    look(visible: boolean) {
      this.visible = visible
      this.active = visible
      this.#viewState.fire()
    }
    dispose() {
      this.#disposed.fire()
    }
  }
  class CancellationTokenSource {
    readonly token = { isCancellationRequested: false }
    cancel() {
      this.token.isCancellationRequested = true
    }
  }
  class Uri {
    readonly query = ''
    readonly fragment = ''
    static from(parts: object) {
      return Object.assign(new Uri(), parts)
    }
  }
  return { EventEmitter, Panel, CancellationTokenSource, Uri, panels: [] as Panel[] }
})
vi.mock('vscode', () => ({
  ...editor,
  ThemeIcon: class {},
  ViewColumn: { Active: -1 },
  ProgressLocation: {},
  workspace: { registerTextDocumentContentProvider: () => ({ dispose: () => {} }) },
  window: {
    createWebviewPanel: (_type: string, title: string) => {
      const panel = new editor.Panel(title)
      editor.panels.push(panel)
      return panel
    },
  },
}))
const { LivePages } = await import('../../../client/src/pages/livePages.ts')
const { podAddress, podKey } = await import('../../../client/src/pages/podAddress.ts')
const { connectionAddress } = await import('../../../client/src/pages/connection/address.ts')
const { certificatePages } = await import('../../../client/src/pages/certificate/panel.ts')

type Server = Parameters<typeof certificatePages>[0]
type Answer = { readonly ok: true; readonly value: { readonly text: string } } | { readonly ok: false; readonly problem: Problem }
type Problem = { readonly kind: 'unreadable'; readonly message: string; readonly remedy: string }

const pod: PodRef = { namespace: 'shop', name: 'checkout-1', context: 'prod' }
const problem: Problem = { kind: 'unreadable', message: 'No proxy.', remedy: 'Inject one.' }
const answer = (text: string): Answer => ({ ok: true, value: { text } })

let answers: ((answer: Answer) => void)[]
let pages: InstanceType<typeof LivePages<PodRef, { readonly text: string }>>

beforeEach(() => {
  editor.panels.length = 0
  answers = []
  pages = new LivePages({
    viewType: 'test',
    icon: 'lock',
    commands: [],
    address: podAddress('test', '.test.txt'),
    keyOf: podKey,
    titleOf: ({ name }) => name,
    progressOf: ({ name }) => name,
    ask: () => new Promise<Answer>(resolve => answers.push(resolve)),
    loadingPage: ({ name }) => `asks ${name}`,
    page: ({ text }) => text,
    problemPage: (_pod, { message }) => message,
  })
})

describe('a page', () => {
  test('waits, then shows the answer, and keeps it until the next', async () => {
    const first = pages.open(pod)
    answers[0]?.(answer('one'))
    await first
    const second = pages.open({ ...pod })
    expect(pages.shown).toEqual({ text: 'one' })
    answers[1]?.(answer('two'))
    await second
    expect(editor.panels.map(({ title, written }) => [title, ...written])).toEqual([['checkout-1', 'asks checkout-1', 'one', 'two']])
  })

  test('shows the answer to the latest read, whichever comes first', async () => {
    const reads = [pages.open(pod), pages.refresh()]
    answers[1]?.(answer('new'))
    answers[0]?.(answer('old'))
    await Promise.all(reads)
    expect(editor.panels[0]?.written.at(-1)).toBe('new')
  })

  test('has nothing to copy where the latest read failed, and waits again', async () => {
    for (const [at, each] of [answer('one'), { ok: false, problem } as const, answer('two')].entries()) {
      const read = at === 0 ? pages.open(pod) : pages.refresh()
      answers[at]?.(each)
      await read
      expect(pages.shown).toEqual(each.ok ? each.value : undefined)
    }
    expect(editor.panels[0]?.written).toEqual(['asks checkout-1', 'one', 'No proxy.', 'asks checkout-1', 'two'])
  })

  test('is not written to when it is closed, and opens anew', async () => {
    const first = pages.open(pod)
    editor.panels[0]?.dispose()
    const second = pages.open(pod)
    answers[0]?.(answer('one'))
    answers[1]?.(answer('two'))
    await Promise.all([first, second])
    expect(editor.panels.map(({ written }) => written)).toEqual([['asks checkout-1'], ['asks checkout-1', 'two']])
  })

  test('of each subject has its tab; the one in front is meant', async () => {
    const reads = [pages.open(pod), pages.open({ ...pod, context: 'test' })]
    for (const [at, text] of ['prod', 'test'].entries()) answers[at]?.(answer(text))
    await Promise.all(reads)
    editor.panels[0]?.look(false)
    expect(pages.shown).toEqual({ text: 'test' })
    editor.panels[1]?.look(false)
    expect(pages.shown).toBeUndefined()
  })
})

describe('a certificate page that is visible', () => {
  const minute = 60_000

  async function opened(read: () => CertificateInspection) {
    const ask = vi.fn(async () => ({ ok: true, value: read() }))
    await certificatePages({ ask } as unknown as Server).open(pod)
    const [panel] = editor.panels
    if (!panel) throw new Error('no tab')
    return { ask, panel }
  }

  beforeEach(() => {
    vi.useFakeTimers()
    return () => vi.useRealTimers()
  })

  test('looks again, and is written anew only where the proxy presents something else', async () => {
    let presented = inspection
    const { ask, panel } = await opened(() => presented)
    await vi.advanceTimersByTimeAsync(minute)
    const written = panel.written.length
    expect(ask.mock.calls.length).toBeGreaterThan(1)
    expect(written).toBe(2)
    presented = withEntries([])
    await vi.advanceTimersByTimeAsync(minute)
    expect(panel.written).toHaveLength(3)
  })

  test.each([
    ['hidden', (panel: InstanceType<typeof editor.Panel>) => panel.look(false)],
    ['closed', (panel: InstanceType<typeof editor.Panel>) => panel.dispose()],
  ])('stops when it is %s', async (_, end) => {
    const { ask, panel } = await opened(() => inspection)
    end(panel)
    await vi.advanceTimersByTimeAsync(10 * minute)
    expect(ask).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the address of a text', () => {
  const pods = podAddress('test', '.test.txt')
  const { context: _, ...anywhere } = pod

  test.each([pod, anywhere])('names a pod', each => {
    expect(pods.subjectOf(pods.uriOf(each))).toEqual(each)
  })

  test.each<ConnectionQuestion>([
    { from: pod, to: { ...pod, name: 'cart-1' }, port: 8080 },
    { from: anywhere, to: { ...anywhere, name: 'cart-1' }, port: 80 },
  ])('names a connection', each => {
    expect(connectionAddress.subjectOf(connectionAddress.uriOf(each))).toEqual(each)
  })

  test('of something else names nothing', () => {
    const uri = { ...pods.uriOf(pod), path: '/shop' } as ReturnType<typeof pods.uriOf>
    expect([pods.subjectOf(uri), connectionAddress.subjectOf(uri)]).toEqual([undefined, undefined])
  })
})
