// What the list of contexts offers, and what each choice and button leads to.
import { beforeEach, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { Outcome } from '../../../client/src/server.ts'
import type { Clusters, ContextInfo } from '../../../server/src/protocol.ts'

interface Item {
  readonly label: string
  readonly description?: string
  readonly detail?: string
  readonly buttons?: readonly { readonly tooltip: string }[]
}

/** The list as the editor shows it: what somebody picks is told to whoever listens. */
class Picker {
  items: readonly Item[] = []
  activeItems: readonly Item[] = []
  selectedItems: readonly Item[] = []
  #accept = () => {}
  #hide = () => {}
  #button = (_: { readonly button: unknown }) => {}
  onDidAccept = (listener: () => void) => this.#keep(() => (this.#accept = listener))
  onDidHide = (listener: () => void) => this.#keep(() => (this.#hide = listener))
  onDidTriggerItemButton = (listener: (event: { readonly button: unknown }) => void) => this.#keep(() => (this.#button = listener))
  show(): void {}
  dispose(): void {}
  hide = () => this.#hide()

  pick(label: string): void {
    this.selectedItems = this.#find(label)
    this.#accept()
  }

  press(label: string, tooltip: string): void {
    this.#button({ button: this.#find(label)[0]?.buttons?.find(each => each.tooltip === tooltip) ?? expect.fail(`no ${tooltip}`) })
  }

  #find(label: string): readonly Item[] {
    return this.items.filter(item => item.label.includes(label))
  }

  #keep(set: () => void): { dispose(): void } {
    set()
    return { dispose() {} }
  }
}

const editor = vi.hoisted(() => ({
  workspace: { isTrusted: true, getConfiguration: () => ({ update: async (...change: unknown[]) => void editor.settings.push(change) }) },
  settings: [] as unknown[],
  picker: undefined as unknown,
}))
vi.mock('vscode', () => ({
  ConfigurationTarget: { Global: 1 },
  QuickPickItemKind: { Separator: -1 },
  ThemeIcon: class {},
  Uri: { file: (path: string) => path, joinPath: (...parts: string[]) => parts.join('/') },
  commands: {},
  window: {
    createQuickPick() {
      editor.picker = new Picker()
      return editor.picker
    },
    showOpenDialog: async () => [{ fsPath: '/home/ada/stage.yaml' }],
  },
  workspace: editor.workspace,
}))
const { selectContext } = await import('../../../client/src/commands/selectContext.ts')

const context = { cluster: 'eu', server: 'https://10.0.0.1', user: 'ada', current: false }
const listed: readonly ContextInfo[] = [
  { ...context, name: 'prod', current: true },
  { ...context, name: 'demo', kubeconfig: '/tmp/demo/kubeconfig' },
  { ...context, name: 'stage' },
  { ...context, name: '$(check) prod', cluster: '$(pass)', server: '$(lock)' },
]
const state = { kind: 'connecting', context: 'prod' } as const
const clusters: Clusters = {
  judging: 'prod',
  state,
  open: [
    { context: 'prod', choice: { context: 'prod' }, state, namespaces: [] },
    { context: 'stage', choice: { context: 'stage' }, state, namespaces: [] },
  ],
}
const done: unknown[] = []
const answer: Outcome<readonly ContextInfo[]> = { ok: true, value: listed }
const noting = (what: string) => async (given: unknown) => void done.push([what, given])
const app = {
  server: { ask: async () => answer, clusters, useContext: noting('use'), openContext: noting('beside'), closeContext: noting('close') },
} as unknown as App

async function shown(): Promise<Picker> {
  void selectContext(app)
  const picker = editor.picker as Picker
  await vi.waitFor(() => expect(picker.items.length).toBeGreaterThan(0))
  return picker
}

beforeEach(() => {
  done.splice(0)
  editor.settings.splice(0)
  editor.workspace.isTrusted = true
})

test.each([
  ['demo', { context: 'demo', kubeconfig: '/tmp/demo/kubeconfig' }],
  ['stage', { context: 'stage' }],
  ['Files only', { context: null }],
])('choosing "%s" uses %o for files', async (label, choice) => {
  ;(await shown()).pick(label)
  await vi.waitFor(() => expect(done).toEqual([['use', choice]]))
})

test.each([
  ['demo', 'Show beside the others', ['beside', { context: 'demo', kubeconfig: '/tmp/demo/kubeconfig' }]],
  ['stage', 'Disconnect', ['close', 'stage']],
])('on %s: %s', async (label, button, act) => {
  const picker = await shown()
  picker.press(label, button)
  await vi.waitFor(() => expect(done).toEqual([act]))
})

test('a chosen file is used with its current context now, and the next time', async () => {
  ;(await shown()).pick('Choose kubeconfig file')
  await vi.waitFor(() =>
    expect(editor.settings).toEqual([
      ['kubeconfig', '/home/ada/stage.yaml', 1],
      ['context', undefined, 1],
    ]),
  )
  expect(done).toEqual([['use', { kubeconfig: '/home/ada/stage.yaml' }]])
})

test('each context says what it is, a name draws no icon, and one of another file says where it stands', async () => {
  const { items } = await shown()
  expect(items.slice(0, 4)).toMatchObject([
    { label: '$(check) prod', description: 'eu · current context · used for files' },
    { label: '$(plug) demo', description: 'eu', detail: 'https://10.0.0.1 · /tmp/demo/kubeconfig' },
    { label: '$(layers) stage', description: 'eu · open beside' },
    { label: '$(plug) $ (check) prod', description: '$ (pass)', detail: '$ (lock)' },
  ])
})

test('the demo mesh is offered only where clusters are contacted', async () => {
  const offersDemo = ({ items }: Picker) => items.some(({ label }) => label.includes('demo mesh'))
  expect(offersDemo(await shown())).toBe(true)
  editor.workspace.isTrusted = false
  expect(offersDemo(await shown())).toBe(false)
})
