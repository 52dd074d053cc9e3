import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import type { LogOutputChannel } from 'vscode'
import { DemoMesh } from '../../client/src/demoMesh.ts'

const folder = mkdtempSync(join(tmpdir(), 'demo-mesh-'))
const lines: string[] = []
const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) } as unknown as LogOutputChannel
const running: DemoMesh[] = []

afterEach(() => {
  for (const demo of running.splice(0)) demo.dispose()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function demoOf(name: string, script: string): DemoMesh {
  const path = join(folder, `${name}.cjs`)
  writeFileSync(path, script)
  const demo = new DemoMesh(path, log)
  running.push(demo)
  return demo
}

const ready = `console.log('{ not json'); console.log(JSON.stringify({ kubeconfig: process.argv.slice(2).join(' ') + ' ' + process.pid })); process.stdin.on('end', () => process.exit()).resume()`

test('a demo that says it is ready gives its kubeconfig, and is started once', async () => {
  const demo = demoOf('ready', ready)
  const first = await demo.start()
  expect(first).toMatchObject({ ok: true, kubeconfig: expect.stringMatching(/^start --exit-with-parent \d+$/) })
  expect(await demo.start()).toEqual(first)
})

test('a demo that was ended is started anew', async () => {
  const demo = demoOf('again', ready)
  const first = await demo.start()
  demo.dispose()
  const second = await demo.start()
  expect(second.ok).toBe(true)
  expect(second).not.toEqual(first)
})

test('a demo that ends before it is ready says how, and its words are in the log', async () => {
  const demo = demoOf('broken', `console.error('port is taken'); process.exitCode = 2`)
  expect(await demo.start()).toEqual({ ok: false, detail: 'it ended with code 2' })
  expect(lines).toContain('demo: port is taken')
})
