// One budget of attempts for all lists of a cluster, so that many lists do not hammer a server that struggles.
// Trouble begins when two different lists fail in a row: the trouble of one list alone, as a broken conversion webhook, is its own.
import { createBackoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { AskOptions, Failure, Reply, Transport } from './transport.ts'

export interface Pace extends Transport {
  /** Ends the pause that all share: one list asks now. */
  hurry(): void
  /** Leaves no timer behind. Whoever still waits is released by its own signal. */
  dispose(): void
}

// One question each ten seconds bothers nobody, and what is repaired is noticed soon. A server that wants more time says so.
const longestPauseMs = 10_000

interface Trouble {
  /** How many may ask now. None during the pause; one at its end; twice as many after each answer. */
  permits: number
  pausedUntil: number | undefined
  cancel: () => void
}

/** The same questions, of which some wait while the server is in trouble. */
export function createPace(transport: Transport, clock: Clock): Pace {
  const backoff = createBackoff(clock, longestPauseMs)
  /** Lists that failed since anything was answered. */
  const failing = new Set<string>()
  const waiting = new Set<() => void>()
  let trouble: Trouble | undefined

  async function ask<T>(path: string, options: AskOptions, question: () => Promise<Reply<T>>): Promise<Reply<T>> {
    if (!(await admitted(options.signal))) return { ok: false, failure: { kind: 'aborted' } }
    const reply = await question()
    const failure = reply.ok ? undefined : reply.failure
    switch (failure && verdictOf(failure)) {
      case 'nothing':
        release(1)
        break
      case 'trouble':
        failed(path.replace(/\?.*/, ''), failure?.kind === 'status' ? failure.retryAfterMs : undefined)
        break
      default:
        worked()
    }
    return reply
  }

  /** False where it was aborted meanwhile. */
  function admitted(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    if (!trouble) return Promise.resolve(true)
    return new Promise(resolve => {
      const finish = (may: boolean) => {
        waiting.delete(enter)
        signal.removeEventListener('abort', leave)
        resolve(may)
      }
      const enter = () => finish(true)
      const leave = () => finish(false)
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(enter)
      release(0)
    })
  }

  function worked(): void {
    failing.clear()
    backoff.worked()
    release(2)
    if (trouble && trouble.pausedUntil === undefined && waiting.size === 0) trouble = undefined
  }

  function failed(path: string, retryAfterMs: number | undefined): void {
    failing.add(path)
    if (!trouble && failing.size < 2) return
    if (trouble?.pausedUntil === undefined) pause(backoff.next(retryAfterMs))
    // Questions that were under way when the pause began: they lengthen it at most by what the server asks for.
    else if (retryAfterMs && clock.now() + retryAfterMs > trouble.pausedUntil) pause(retryAfterMs)
  }

  function pause(milliseconds: number): void {
    trouble?.cancel()
    trouble = { permits: 0, pausedUntil: clock.now() + milliseconds, cancel: clock.after(milliseconds, hurry) }
  }

  function hurry(): void {
    if (trouble?.pausedUntil === undefined) return
    trouble.cancel()
    trouble.pausedUntil = undefined
    release(1)
  }

  function release(more: number): void {
    if (!trouble || trouble.pausedUntil !== undefined) return
    trouble.permits += more
    for (const enter of waiting) {
      if (trouble.permits === 0) return
      trouble.permits -= 1
      enter()
    }
  }

  return {
    get: (path, options) => ask(path, options, () => transport.get(path, options)),
    lines: (path, options) => ask(path, options, () => transport.lines(path, options)),
    hurry,
    dispose: () => trouble?.cancel(),
  }
}

/** What a failure says about the server as a whole. */
function verdictOf(failure: Failure): 'trouble' | 'answers' | 'nothing' {
  switch (failure.kind) {
    case 'aborted':
    case 'credentials':
      return 'nothing'
    case 'network':
    case 'unreadable':
      return 'trouble'
    case 'status':
      // A redirect leads to a portal.
      return failure.code < 400 || failure.code === 429 || failure.code >= 500 ? 'trouble' : 'answers'
  }
}
