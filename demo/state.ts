// How a live command finds the running demo: a small file, readable by its owner only, whose path is in ISTIO_SECURITY_DEMO.
import { readFileSync } from 'node:fs'
import { request } from 'node:https'

export const stateVariable = 'ISTIO_SECURITY_DEMO'

export interface DemoState {
  readonly server: string
  readonly ca: string
  readonly token: string
  /** The demo program itself, for the tasks of the workspace. */
  readonly program: string
}

/** Throws an Error with a sentence for people where the file cannot be used. */
export function readState(path: string | undefined): DemoState {
  if (!path) throw new Error(`No demo is known here: ${stateVariable} is not set. Start the demo and run this in its editor.`)
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DemoState
  } catch {
    throw new Error(`The demo is not running any more: ${path} cannot be read. Start it again.`)
  }
}

/** Runs a live command in the running demo; answers its sentence. */
export function runLive({ server, ca, token }: DemoState, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const asked = request(`${server}/demo/${command}`, { method: 'POST', ca, headers, timeout: 10_000 }, response => {
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part))
      response.on('end', () => {
        const { message } = JSON.parse(Buffer.concat(parts).toString()) as { message: string }
        if (response.statusCode === 200) resolve(message)
        else reject(new Error(`The demo refused "${command}": ${message}.`))
      })
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in 10 s')))
    asked.on('error', error => reject(new Error(`The demo at ${server} does not answer (${error.message}). Start it again.`)))
    asked.end()
  })
}
