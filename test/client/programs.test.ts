// The question before a credential program runs: asked once, for each program, and again only when somebody tries again.
import { beforeEach, expect, test, vi } from 'vitest'
import type { Memento } from 'vscode'
import type { CredentialProgram } from '../../server/src/protocol.ts'

const editor = vi.hoisted(() => ({ questions: [] as string[], answers: [] as (string | undefined)[] }))
vi.mock('vscode', () => ({
  window: {
    showInformationMessage: async (text: string) => {
      editor.questions.push(text)
      return editor.answers.shift()
    },
  },
}))
const { CredentialPrograms, question } = await import('../../client/src/programs.ts')

const program: CredentialProgram = {
  context: 'prod',
  kubeconfig: '/home/ada/.kube/config',
  command: 'aws',
  args: ['eks', 'get-token', '--cluster-name', 'prod eu'],
  env: ['AWS_PROFILE'],
}
const memory = new Map<string, unknown>()
const memento = {
  get: (key: string) => memory.get(key),
  update: async (key: string, value: unknown) => void memory.set(key, value),
} as unknown as Memento
const programs = () => new CredentialPrograms(memento, () => {})

beforeEach(() => {
  memory.clear()
  editor.questions.splice(0)
  editor.answers.splice(0)
})

test('the exact command is shown', () => {
  expect(question(program)).toBe(
    `To sign in to "prod", the kubeconfig "/home/ada/.kube/config" runs aws eks get-token --cluster-name 'prod eu' (with AWS_PROFILE set). Run it, now and from now on?`,
  )
})

test.each([
  ['Run', true],
  ["Don't Run", false],
])('"%s" is remembered, in other windows too', async (answer, allowed) => {
  editor.answers.push(answer)
  const first = programs()
  expect(await Promise.all([first.allow(program), first.allow({ ...program, context: 'stage' })])).toEqual([allowed, allowed])
  expect(await programs().allow(program)).toBe(allowed)
  expect(editor.questions).toHaveLength(1)
})

test('who only closes the question is asked again', async () => {
  editor.answers.push(undefined, 'Run')
  expect([await programs().allow(program), await programs().allow(program)]).toEqual([false, true])
})

test('trying again asks again about what was refused, and only that', async () => {
  editor.answers.push("Don't Run", 'Run', 'Run')
  const other = { ...program, command: 'gcloud' }
  await programs().allow(program)
  await programs().allow(other)
  await programs().askAgain()
  expect([await programs().allow(other), await programs().allow(program)]).toEqual([true, true])
  expect(editor.questions).toHaveLength(3)
})

test.each<[string, Partial<CredentialProgram>]>([
  ['another file', { kubeconfig: '/tmp/config' }],
  ['other arguments', { args: ['sso', 'login'] }],
  ['another variable', { env: ['AWS_PROFILE', 'LD_PRELOAD'] }],
])('%s is another program', async (_, change) => {
  editor.answers.push('Run', "Don't Run")
  expect(await programs().allow(program)).toBe(true)
  expect(await programs().allow({ ...program, ...change })).toBe(false)
})

test('a hostile command draws no link, hides nothing, and is cut where it would flood', () => {
  const hostile = question({ ...program, command: '[ok](command:workbench.action.quit)\u202e', args: ['x'.repeat(5_000)] })
  expect(hostile).not.toContain('](')
  expect(hostile).toContain('\\u{202e}')
  expect(hostile.length).toBeLessThan(700)
})
