// The embedded demo mesh as a process of its own (dist/demo.cjs): started on demand, ended with the window.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Disposable, LogOutputChannel } from 'vscode'

const secondsToStart = 30

export type DemoStart = { readonly ok: true; readonly kubeconfig: string } | { readonly ok: false; readonly detail: string }

export class DemoMesh implements Disposable {
  readonly #script: string
  readonly #log: LogOutputChannel
  #process: ChildProcess | undefined
  #started: Promise<DemoStart> | undefined

  constructor(script: string, log: LogOutputChannel) {
    this.#script = script
    this.#log = log
  }

  /** Starts the demo mesh, or answers with the one that runs. Never rejects. */
  start(): Promise<DemoStart> {
    this.#started ??= this.#launch()
    return this.#started
  }

  dispose(): void {
    this.#process?.kill()
    this.#process = undefined
    this.#started = undefined
  }

  #launch(): Promise<DemoStart> {
    // ISTIO_SECURITY_DEMO names the state file of a demo that runs already; this one keeps its own.
    const { ISTIO_SECURITY_DEMO: _other, ...env } = process.env
    const child = spawn(process.execPath, [this.#script, 'start', '--exit-with-parent'], { env: { ...env, ELECTRON_RUN_AS_NODE: '1' } })
    this.#process = child
    return new Promise(resolve => {
      const giveUp = setTimeout(() => fail(`it was not ready after ${secondsToStart} s`), secondsToStart * 1_000)
      const settle = (result: DemoStart) => {
        clearTimeout(giveUp)
        resolve(result)
      }
      const fail = (detail: string) => {
        settle({ ok: false, detail })
        if (this.#process === child) this.dispose()
      }
      createInterface({ input: child.stdout }).on('line', line => {
        this.#log.info(`demo: ${line}`)
        const kubeconfig = kubeconfigOf(line)
        if (kubeconfig) settle({ ok: true, kubeconfig })
      })
      createInterface({ input: child.stderr }).on('line', line => this.#log.warn(`demo: ${line}`))
      child.once('error', error => fail(error.message))
      child.once('exit', code => fail(`it ended with code ${code}`))
    })
  }
}

/** The demo says that it is ready with a line of JSON that names its kubeconfig. */
export function kubeconfigOf(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const said: unknown = JSON.parse(line)
    const path = said !== null && typeof said === 'object' && 'kubeconfig' in said ? said.kubeconfig : undefined
    return typeof path === 'string' ? path : undefined
  } catch {
    // Some other line of output that begins with a brace.
    return undefined
  }
}
