// Every process of the rig, so that each ends by its own id: at stop, and also when the test process dies without a word.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A started program. */
export interface Running {
  readonly name: string
  readonly child: ChildProcess
}

/** The programs of one rig and the folder they write to. */
export class Processes {
  readonly folder: string
  readonly #reaper: ChildProcess
  readonly #running = new Set<Running>()
  #disposed = false

  /** Takes over `folder`: it is deleted when the processes are disposed of or this process ends. */
  constructor(folder: string) {
    this.folder = folder
    const script = fileURLToPath(new URL('reaper.ts', import.meta.url))
    // In a session of its own: Ctrl+C in the terminal must not end the one that cleans up.
    this.#reaper = spawn(process.execPath, [script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  }

  /** Starts a program that logs to `<name>.log`. */
  start(name: string, command: string, args: readonly string[]): Running {
    // When one part of a rig fails, another may still be on its way here.
    if (this.#disposed) throw new Error(`${name} is not started: the rig has been stopped.`)
    const log = openSync(this.#log(name), 'a')
    const child = spawn(command, args, { cwd: this.folder, detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    // A program that cannot be started shows by its missing exit code in `ready`.
    child.on('error', () => {})
    const running = { name, child }
    this.#running.add(running)
    this.#reaper.stdin?.write(`started ${child.pid}\n`)
    return running
  }

  /** Waits until `works` holds; throws the end of the log when the program ends first or takes longer than `seconds`. */
  async ready(program: Running, works: () => Promise<boolean>, seconds = 30): Promise<void> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      if (program.child.pid === undefined || program.child.exitCode !== null || program.child.signalCode !== null)
        throw this.#failure(program, 'ended')
      if (await works().catch(() => false)) return
      if (performance.now() > deadline) throw this.#failure(program, `is not ready after ${seconds} s`)
      await delay(50)
    }
  }

  /** Ends one program at once: nothing that it writes is needed later. */
  async end(program: Running): Promise<void> {
    const { child } = program
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    this.#running.delete(program)
    this.#reaper.stdin?.write(`ended ${child.pid}\n`)
  }

  /** Ends everything and deletes the folder. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await Promise.all([...this.#running].map(program => this.end(program)))
    const gone = once(this.#reaper, 'exit')
    this.#reaper.stdin?.end()
    await gone
  }

  #log(name: string): string {
    return join(this.folder, `${name}.log`)
  }

  #failure(program: Running, what: string): Error {
    const log = readFileSync(this.#log(program.name), 'utf8').trimEnd().split('\n')
    return new Error(`${program.name} ${what}. The end of its log:\n${log.slice(-8).join('\n')}`)
  }
}

/** How many processes of this machine have `text` on their command line. */
export function running(text: string): number {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      // It ended meanwhile.
      return ''
    }
  }
  return readdirSync('/proc').filter(entry => /^\d+$/.test(entry) && commandLine(entry).includes(text)).length
}
