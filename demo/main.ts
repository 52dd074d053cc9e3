// The demo program: `start` runs the mesh until it is told to stop, every other command changes the one that runs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { liveCommand, liveCommands } from './commands.ts'
import { startDemo } from './demo.ts'
import { type DemoState, readState, runLive, stateVariable } from './state.ts'

const usage = `Usage: demo <command>
  start            run the demo mesh; prints one line of JSON: kubeconfig, server, state
    --kubeconfig FILE    where to write the kubeconfig (contexts demo and demo-narrow)
    --port N             port of the API server on 127.0.0.1
    --exit-with-parent   stop when standard input ends
${Object.entries(liveCommands)
  .map(([name, { summary }]) => `  ${name.padEnd(16)} ${summary}\n`)
  .join('')}`

main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
})

async function main(): Promise<void> {
  const options = {
    kubeconfig: { type: 'string' },
    port: { type: 'string' },
    'exit-with-parent': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  const { values, positionals } = parseArgs({ allowPositionals: true, options })
  const [command = 'help'] = values.help ? [] : positionals
  if (command === 'start') return start(values.kubeconfig, Number(values.port ?? 0), values['exit-with-parent'] ?? false)
  if (command === 'help') {
    process.stdout.write(usage)
    return
  }
  if (!liveCommand(command)) throw new Error(`There is no command "${command}".\n${usage}`)
  process.stdout.write(`${await runLive(readState(process.env[stateVariable]), command)}\n`)
}

async function start(kubeconfigPath: string | undefined, port: number, exitWithParent: boolean): Promise<void> {
  const demo = await startDemo({ port })
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-demo-'))
  const kubeconfig = resolve(kubeconfigPath ?? join(folder, 'kubeconfig'))
  const statePath = resolve(process.env[stateVariable] ?? join(folder, 'state.json'))
  const state: DemoState = { server: demo.server, ca: demo.ca, token: demo.tokens.control, program: resolve(process.argv[1] ?? '') }

  const written: string[] = [folder]
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    for (const path of written) rmSync(path, { recursive: true, force: true })
    process.stdin.destroy()
    void demo.close()
  }
  // Both files hold tokens. One that exists may be a person's own kubeconfig: it is neither replaced nor removed.
  const writePrivate = (path: string, content: string) => {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
    written.push(path)
  }
  try {
    writePrivate(kubeconfig, demo.kubeconfig())
    writePrivate(statePath, JSON.stringify(state))
  } catch (error) {
    stop()
    throw error
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  if (exitWithParent) process.stdin.on('close', stop).on('end', stop).resume()
  process.stdout.write(`${JSON.stringify({ kubeconfig, server: demo.server, state: statePath })}\n`)
}
