// Whether the credential program of a kubeconfig may be run: asked once for each program, and remembered in every window.
import { type Memento, window } from 'vscode'
import type { CredentialProgram } from '../../server/src/protocol.ts'
import { visible } from './text.ts'

/** In the memory of the user: `true` and `false` by what identifies the program. */
const answers = 'istioSecurity.credentialPrograms'
const run = 'Run'
const refuse = "Don't Run"

export class CredentialPrograms {
  readonly #memory: Memento
  readonly #log: (line: string) => void
  readonly #asking = new Map<string, Promise<boolean>>()

  constructor(memory: Memento, log: (line: string) => void) {
    this.#memory = memory
    this.#log = log
  }

  /** Two contexts may need the same program at once: that is one question. */
  async allow(program: CredentialProgram): Promise<boolean> {
    const key = keyOf(program)
    const remembered = this.#remembered()[key]
    if (remembered !== undefined) return remembered
    const asked = this.#asking.get(key) ?? this.#ask(program, key)
    this.#asking.set(key, asked)
    return asked.finally(() => this.#asking.delete(key))
  }

  /** Somebody tries again: what was refused is asked once more. */
  async askAgain(): Promise<void> {
    const allowed = Object.entries(this.#remembered()).filter(([, isAllowed]) => isAllowed)
    await this.#memory.update(answers, Object.fromEntries(allowed))
  }

  async #ask(program: CredentialProgram, key: string): Promise<boolean> {
    this.#log(`cluster: may ${commandLine(program)} be run, as ${program.kubeconfig} says?`)
    const answer = await window.showInformationMessage(question(program), run, refuse)
    // Who only closes the question has not answered it.
    if (answer !== undefined) await this.#memory.update(answers, { ...this.#remembered(), [key]: answer === run })
    return answer === run
  }

  #remembered(): Readonly<Record<string, boolean>> {
    return this.#memory.get<Record<string, boolean>>(answers) ?? {}
  }
}

function keyOf({ kubeconfig, command, args, env }: CredentialProgram): string {
  return JSON.stringify([kubeconfig, command, args, env])
}

const longest = 400

/** A notification shows `[text](address)` as a link. */
export function question(program: CredentialProgram): string {
  const line = visible(commandLine(program))
  const shown = line.length > longest ? `${line.slice(0, longest)}… (the log has all ${line.length} characters)` : line
  const env = program.env.length > 0 ? ` (with ${program.env.map(visible).join(', ')} set)` : ''
  const text = `To sign in to "${visible(program.context)}", the kubeconfig "${visible(program.kubeconfig)}" runs ${shown}${env}. Run it, now and from now on?`
  return text.replaceAll('](', '] (')
}

/** As it would be typed. */
function commandLine({ command, args }: CredentialProgram): string {
  return [command, ...args].map(word => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}
