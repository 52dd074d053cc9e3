// The demo as a process: what it prints and writes, how the tasks of the workspace reach it, and that it leaves nothing behind.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))
const launcher = fileURLToPath(new URL('../../demo/workspace/.vscode/demo.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
const kubeconfig = join(folder, 'kubeconfig')
const environment = { ...process.env, ISTIO_SECURITY_DEMO: join(folder, 'state.json') }
const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { env: environment })

let demo: ChildProcess
let printed: { kubeconfig: string; server: string; state: string }
beforeAll(async () => {
  demo = spawn(process.execPath, [program, 'start', '--kubeconfig', kubeconfig, '--exit-with-parent'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (!demo.stdout) throw new Error('The demo has no output')
  printed = JSON.parse(String((await once(demo.stdout, 'data'))[0]))
})
afterAll(() => {
  demo.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const accounts = async () => {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const { items } = await config.makeApiClient(CoreV1Api).listNamespacedServiceAccount({ namespace: 'shop' })
  return items.map(({ metadata }) => metadata?.name)
}

test('one line of JSON says where everything is, in files of their owner only', () => {
  expect(printed).toEqual({
    kubeconfig,
    server: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
    state: environment.ISTIO_SECURITY_DEMO,
  })
  expect([kubeconfig, printed.state].map(path => statSync(path).mode & 0o777)).toEqual([0o600, 0o600])
})

test('a live command changes the running mesh and says where to look', async () => {
  expect(await accounts()).toContain('nightly-report')
  expect((await run(program, 'delete-account')).stdout).toContain('shop/db.yaml')
  expect(await accounts()).not.toContain('nightly-report')
})

test('a task of the workspace does the same through its launcher', async () => {
  expect((await run(launcher, 'reset')).stdout).toContain('as it was at the start')
  expect(await accounts()).toContain('nightly-report')
})

test.each([
  [['nonsense'], 'There is no command "nonsense"'],
  [['start', '--port', 'x'], 'demo: '],
])('%j ends with status 2 and a sentence', async (args, sentence) => {
  await expect(run(program, ...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) })
})

test('a file that exists is neither replaced nor removed', async () => {
  const own = join(folder, 'own-kubeconfig')
  writeFileSync(own, 'precious')
  await expect(run(program, 'start', '--kubeconfig', own)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('EEXIST') })
  expect(readFileSync(own, 'utf8')).toBe('precious')
})

test('when its standard input ends it stops and leaves nothing behind', async () => {
  demo.stdin?.end()
  expect(await once(demo, 'exit')).toEqual([0, null])
  expect([kubeconfig, printed.state].map(path => existsSync(path))).toEqual([false, false])
  expect(existsSync(dirname(kubeconfig))).toBe(true)
  await expect(run(program, 'rotate')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('not running any more') })
})
