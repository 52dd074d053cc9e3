// What the list of contexts offers, and what each choice leads to.
import { beforeEach, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { Outcome } from '../../../client/src/server.ts'
import type { ContextInfo } from '../../../server/src/protocol.ts'

interface Offer {
  readonly label: string
  readonly description?: string
  readonly detail?: string
  readonly choose?: (app: App) => Promise<void>
}

const editor = vi.hoisted(() => ({
  workspace: { isTrusted: true, getConfiguration: () => ({ update: async (...change: unknown[]) => void editor.settings.push(change) }) },
  settings: [] as unknown[],
  offers: [] as readonly Offer[],
}))
vi.mock('vscode', () => ({
  ConfigurationTarget: { Global: 1 },
  QuickPickItemKind: { Separator: -1 },
  Uri: { file: (path: string) => path, joinPath: (...parts: string[]) => parts.join('/') },
  commands: {},
  window: {
    showQuickPick: async (offers: Promise<readonly Offer[]>) => {
      editor.offers = await offers
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
  { ...context, name: '$(check) prod', cluster: '$(pass)', server: '$(lock)' },
]
const used: unknown[] = []
const answer: Outcome<readonly ContextInfo[]> = { ok: true, value: listed }
const app = { server: { ask: async () => answer, useContext: async (choice: unknown) => void used.push(choice) } } as unknown as App

async function choose(label: string): Promise<void> {
  await selectContext(app)
  await editor.offers.find(offer => offer.label.includes(label))?.choose?.(app)
}

beforeEach(() => {
  used.splice(0)
  editor.settings.splice(0)
  editor.workspace.isTrusted = true
})

test.each([
  ['prod', { context: 'prod' }],
  ['demo', { context: 'demo', kubeconfig: '/tmp/demo/kubeconfig' }],
  ['Files only', { context: null }],
])('choosing "%s" uses %o', async (label, choice) => {
  await choose(label)
  expect(used).toEqual([choice])
})

test('a chosen file is used with its current context now, and the next time', async () => {
  await choose('Choose kubeconfig file')
  expect(used).toEqual([{ kubeconfig: '/home/ada/stage.yaml' }])
  expect(editor.settings).toEqual([
    ['kubeconfig', '/home/ada/stage.yaml', 1],
    ['context', undefined, 1],
  ])
})

test('a name draws no icon, and a context of another file says where it stands', async () => {
  await selectContext(app)
  expect(editor.offers[1]).toMatchObject({ label: '$(plug) demo', detail: 'https://10.0.0.1 · /tmp/demo/kubeconfig' })
  expect(editor.offers[2]).toMatchObject({ label: '$(plug) $ (check) prod', description: '$ (pass)', detail: '$ (lock)' })
})

test('the demo mesh is offered only where clusters are contacted', async () => {
  const offersDemo = () => editor.offers.some(({ label }) => label.includes('demo mesh'))
  await selectContext(app)
  expect(offersDemo()).toBe(true)
  editor.workspace.isTrusted = false
  await selectContext(app)
  expect(offersDemo()).toBe(false)
})
