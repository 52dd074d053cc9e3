// Which text is explained, and what is said where there is no answer.
import { beforeEach, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import { longestToExplain } from '../../../server/src/protocol.ts'

interface Editor {
  readonly document: { getText(range: { readonly text: string }): string; lineAt(line: number): { readonly text: string } }
  readonly selection: { readonly active: { readonly line: number } }
  readonly selections: readonly { readonly isEmpty: boolean; readonly text: string }[]
}

const editor = vi.hoisted(() => ({
  active: undefined as Editor | undefined,
  clipboard: '' as string | undefined,
  typed: undefined as string | undefined,
  warnings: [] as string[],
  cancel: () => {},
}))
vi.mock('vscode', () => ({
  CancellationTokenSource: class {
    readonly token = { isCancellationRequested: false }
    cancel = () => {
      this.token.isCancellationRequested = true
    }
    constructor() {
      editor.cancel = this.cancel
    }
  },
  env: { clipboard: { readText: async () => editor.clipboard ?? Promise.reject(new Error('no permission')) } },
  window: {
    get activeTextEditor() {
      return editor.active
    },
    showInputBox: async () => editor.typed,
    showWarningMessage: async (message: string) => void editor.warnings.push(message),
  },
}))
const { explainDenial } = await import('../../../client/src/commands/explainDenial.ts')

const denial = 'RBAC: access denied'

/** An editor with the cursor in its first line. */
function opened(lines: readonly string[], ...selected: readonly string[]): void {
  editor.active = {
    document: { getText: ({ text }) => text, lineAt: line => ({ text: lines[line] ?? '' }) },
    selection: { active: { line: 0 } },
    selections: selected.length > 0 ? selected.map(text => ({ isEmpty: false, text })) : [{ isEmpty: true, text: '' }],
  }
}

const answered = (text: string) => ({
  ok: true,
  value: { version: 1, text, explanations: [{ kind: text.includes(denial) ? 'refused' : 'unrecognised' }] },
})

async function explain({ target, answer = answered }: { target?: unknown; answer?: (text: string) => unknown } = {}) {
  const asked: string[] = []
  const shown: string[] = []
  const server = {
    explainDenial: async ({ text }: { text: string }) => {
      asked.push(text)
      return answer(text)
    },
  }
  const explanation = { show: async ({ text }: { text: string }) => void shown.push(text) }
  await explainDenial({ server, explanation } as unknown as App, target)
  return { asked, shown }
}

beforeEach(() => Object.assign(editor, { active: undefined, clipboard: '', typed: undefined, warnings: [] }))

test('a selection is explained, whatever it is; several are one text', async () => {
  editor.clipboard = denial
  opened([denial], 'else')
  expect(await explain()).toEqual({ asked: ['else'], shown: ['else'] })
  opened([''], 'one', 'two')
  expect((await explain()).shown).toEqual(['one\ntwo'])
})

test('what is handed over comes before the selection; the file that a menu hands over is none', async () => {
  opened([''], 'selected')
  expect((await explain({ target: { text: denial } })).shown).toEqual([denial])
  expect((await explain({ target: { scheme: 'file', path: '/access.log' } })).shown).toEqual(['selected'])
})

test('the line at the cursor comes before the clipboard', async () => {
  opened([`${denial} here`])
  editor.clipboard = denial
  expect(await explain()).toEqual({ asked: [`${denial} here`], shown: [`${denial} here`] })
})

test("a line that is no proxy's is left for the clipboard", async () => {
  opened(['kind: AuthorizationPolicy'])
  editor.clipboard = denial
  expect(await explain()).toEqual({ asked: ['kind: AuthorizationPolicy', denial], shown: [denial] })
})

test('else a line is asked for, and explained whatever it is', async () => {
  editor.clipboard = 'else'
  editor.typed = 'typed'
  expect(await explain()).toEqual({ asked: ['else', 'typed'], shown: ['typed'] })
})

test('a clipboard out of reach is none', async () => {
  Object.assign(editor, { clipboard: undefined, typed: denial })
  expect((await explain()).shown).toEqual([denial])
})

test.each([undefined, '', '  '])('nothing is explained where nothing is typed: %o', async typed => {
  Object.assign(editor, { typed, clipboard: ' \n' })
  expect(await explain()).toEqual({ asked: [], shown: [] })
})

test('a clipboard that is too long is not looked at; a selection that is, is answered by the server', async () => {
  editor.clipboard = denial.padEnd(longestToExplain + 1)
  expect((await explain()).asked).toEqual([])
  opened([''], editor.clipboard)
  expect((await explain({ answer: () => ({ ok: true, value: { version: 1, problem: 'Too long.' } }) })).shown).toEqual([])
  expect(editor.warnings).toEqual(['Too long.'])
})

test('a server that does not answer is told once', async () => {
  opened(['kind: Pod'])
  editor.clipboard = denial
  const answer = () => ({ ok: false, problem: { kind: 'no-server', message: 'No answer.', remedy: 'Restart.' } })
  expect(await explain({ answer })).toEqual({ asked: ['kind: Pod'], shown: [] })
  expect(editor.warnings).toEqual(['No answer. Restart.'])
})

test('what is cancelled shows nothing', async () => {
  opened([denial])
  const answer = (text: string) => {
    editor.cancel()
    return answered(text)
  }
  expect((await explain({ answer })).shown).toEqual([])
  expect(editor.warnings).toEqual([])
})
