// Many changes, few refreshes: what the cluster reports in bursts is passed on at a bearable rate.

export interface Coalesced {
  (): void
  dispose(): void
}

/** Runs at once when idle, then at most every `ms` milliseconds; calls in between are gathered into the next run. */
export function coalesce(run: () => void, ms: number): Coalesced {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = false
  const tick = () => {
    timer = undefined
    if (!asked) return
    asked = false
    timer = setTimeout(tick, ms)
    run()
  }
  const call = () => {
    asked = true
    if (timer === undefined) tick()
  }
  return Object.assign(call, { dispose: () => clearTimeout(timer) })
}
