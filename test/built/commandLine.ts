// The built command line as a shell starts it.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))
export const launcher = join(repository, 'bin', 'istio-security.mjs')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly node?: string
  readonly launcher?: string
  readonly cwd?: string
  readonly input?: string | Uint8Array
  readonly env?: NodeJS.ProcessEnv
}

/** Runs `istio-security` to its end. Rejects after 20 seconds: no command may hang. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(options.node ?? process.execPath, [options.launcher ?? launcher, ...args], {
    cwd: options.cwd ?? repository,
    env: { ...process.env, NO_COLOR: '', ...options.env },
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text
  })
  // A command that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`istio-security ${args.join(' ')} did not end within 20 s\n${out}${err}`))
    }, 20_000)
    child.on('close', code => {
      clearTimeout(late)
      resolve({ code, out, err })
    })
  })
}

/** The programs called `node` on PATH, outside of node_modules. */
export function nodesOnPath(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '' && !folder.includes('node_modules'))
  return [...new Set(folders.map(folder => join(folder, process.platform === 'win32' ? 'node.exe' : 'node')))].filter(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
