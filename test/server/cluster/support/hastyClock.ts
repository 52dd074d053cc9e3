// Real time, only faster: for pauses of minutes between requests that really travel.
import type { Clock } from '../../../../server/src/cluster/clock.ts'

export function hastyClock(factor: number): Clock {
  const started = performance.now()
  return {
    now: () => Math.round((performance.now() - started) * factor),
    random: Math.random,
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds / factor)
      return () => clearTimeout(timer)
    },
  }
}
