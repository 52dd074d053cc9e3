// How long to wait before the next attempt: doubling, jittered, capped, and forgotten only after a healthy while.
import type { Clock } from './clock.ts'

const first = 1_000
const longest = 30_000
const healthyWhile = 60_000

export interface Backoff {
  /** Milliseconds until the next attempt; never less than what the server asked for. */
  next(retryAfter?: number): number
  /** The last attempt worked. A reconnect alone does not reset the delays, sixty seconds of health do. */
  worked(): void
}

export function createBackoff(clock: Clock, cap = longest): Backoff {
  let failures = 0
  let healthySince: number | undefined
  return {
    next(retryAfter = 0) {
      if (healthySince !== undefined && clock.now() - healthySince >= healthyWhile) failures = 0
      healthySince = undefined
      const full = Math.min(cap, first * 2 ** failures)
      failures += 1
      return Math.max(retryAfter, full / 2 + (full / 2) * clock.random())
    },
    worked() {
      healthySince ??= clock.now()
    },
  }
}
