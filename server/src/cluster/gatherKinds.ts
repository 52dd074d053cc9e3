// Gathers what changes within a moment into one message; where something changes all the time, twice a second.
import type { Kind } from '../core/istio/resources.ts'
import type { Clock } from './clock.ts'

const gatherMs = 100
const apartMs = 500

export interface GatheredKinds {
  /** Objects of this kind changed; without a kind, only what is known of them did. */
  note(kind?: Kind): void
  /** What was gathered is not told any more. */
  cancel(): void
}

/** `tell` gets each kind once, in the order in which they changed first; none where no object did. */
export function gatherKinds(clock: Clock, tell: (kinds: readonly Kind[]) => void): GatheredKinds {
  const gathered = new Set<Kind>()
  let isWaiting = false
  let toldAt = Number.NEGATIVE_INFINITY
  let cancel = () => {}

  function tellNow(): void {
    const kinds = [...gathered]
    gathered.clear()
    isWaiting = false
    toldAt = clock.now()
    tell(kinds)
  }

  return {
    note(kind) {
      if (kind !== undefined) gathered.add(kind)
      if (isWaiting) return
      isWaiting = true
      cancel = clock.after(Math.max(gatherMs, toldAt + apartMs - clock.now()), tellNow)
    },
    cancel: () => cancel(),
  }
}
