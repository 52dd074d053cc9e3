// Installs a folder exactly as its lock file says, once: a stamp written last tells a finished installation from one cut short.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where progress is told, and the signal that ends the work early. */
export interface Steps {
  readonly progress: (line: string) => void
  readonly signal?: AbortSignal
}

/** Runs `install` unless the files named in `inputs` are the ones it last succeeded with. */
export async function installOnce(dir: string, inputs: readonly string[], install: () => Promise<void>): Promise<void> {
  const stamp = join(dir, 'node_modules', '.ready')
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(readFileSync(input))
  const key = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return
  await install()
  writeFileSync(stamp, key)
}

/** `npm ci` without scripts: nothing is compiled and nothing is fetched outside the registry. */
export async function npmCi(dir: string, options: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const [command, ...before] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const args = [...before, 'ci', ...options, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await promisify(execFile)(command, args, { cwd: dir, env: withoutCallersNpm(), signal })
}

/** `npm run` hands its own settings down as variables; those that say where and what to install must not reach another folder. */
function withoutCallersNpm(): NodeJS.ProcessEnv {
  const ofTheCaller = /^npm_(config_(prefix|local_prefix|workspace|omit|include|global)|package_|lifecycle_)/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofTheCaller.test(name)))
}
