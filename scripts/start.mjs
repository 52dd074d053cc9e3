// Runs scripts/<task>.ts for `npm run <task>`: first installs what the lock file names, then hands over to Node 24.
// Plain JavaScript and Node built-ins only, because in a fresh clone nothing else is there and the Node on PATH may be 20.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledNode } from './node24.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [task, ...args] = process.argv.slice(2)

install()
run(join(root, 'scripts', `${task}.ts`), args)

function install() {
  const stamp = join(root, 'node_modules', '.ready')
  const key = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return
  process.stderr.write('Installing the packages of package-lock.json …\n')
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const [command, ...before] = npm
  const ci = [...before, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(command, ci, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, key)
}

function run(script, args) {
  const node = bundledNode() ?? process.execPath
  const child = spawn(node, [script, ...args], { cwd: root, stdio: 'inherit' })
  // The terminal sends Ctrl+C to the whole group; this process only has to outlive the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A signal to npm alone stops at its shell: that the shell is gone is all that this process learns of it.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
