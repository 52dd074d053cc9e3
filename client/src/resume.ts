// Back at the window after a while: the network may be there again, so what could not be reached is tried at once.
import { type Disposable, window } from 'vscode'
import type { Server } from './server.ts'

/** Shorter looks aside change nothing. */
const awayMs = 15_000

export function resumeOnFocus(server: Pick<Server, 'resume'>): Disposable {
  let left = window.state.focused ? undefined : 0
  return window.onDidChangeWindowState(({ focused }) => {
    if (focused && left !== undefined && Date.now() - left >= awayMs) server.resume()
    if (focused) left = undefined
    else left ??= Date.now()
  })
}
