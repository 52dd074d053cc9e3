// Nothing of a rig may outlive its test process, however that ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { Processes } from './processes.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'istio-security-rig-'))

/** An ended process that nobody waited for yet keeps its id, but no program. */
const runs = (pid: number | undefined) => existsSync(`/proc/${pid}/exe`)

test('disposing ends every program and deletes the folder', async () => {
  const processes = new Processes(folder())
  const { child } = processes.start('sleep', 'sleep', ['60'])
  expect(runs(child.pid)).toBe(true)
  await processes.dispose()
  expect(runs(child.pid)).toBe(false)
  expect(existsSync(processes.folder)).toBe(false)
  expect(() => processes.start('sleep', 'sleep', ['60'])).toThrow('the rig has been stopped')
})

test('a program that ends before it is ready is reported with its last words', async () => {
  const processes = new Processes(folder())
  const program = processes.start('broken', 'sh', ['-c', 'echo no such flag >&2; exit 2'])
  await expect(processes.ready(program, async () => false)).rejects.toThrow('broken ended. The end of its log:\nno such flag')
  await processes.dispose()
})

test('a program that cannot be started is reported', async () => {
  const processes = new Processes(folder())
  const program = processes.start('absent', join(processes.folder, 'absent'), [])
  await expect(processes.ready(program, async () => false)).rejects.toThrow('absent ended')
  await processes.dispose()
})

test.each(['SIGKILL', 'SIGINT'] as const)('programs and folder go when the test process dies of %s', async signal => {
  const module = fileURLToPath(new URL('processes.ts', import.meta.url))
  const script = `
    import { Processes } from ${JSON.stringify(module)}
    const { child } = new Processes(process.argv[1]).start('sleep', 'sleep', ['60'])
    process.stdout.write(String(child.pid))
    setInterval(() => {}, 1000)`
  const place = folder()
  const test = spawn(process.execPath, ['--input-type=module', '--eval', script, place], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [sleep] = await once(test.stdout, 'data').then(([text]) => [Number(text)])
  expect(runs(sleep)).toBe(true)
  test.kill(signal)
  await vi.waitFor(() => {
    expect(existsSync(place)).toBe(false)
    expect(runs(sleep)).toBe(false)
  }, 5000)
})
