// What goes wrong with a real API server now and then, on demand, so that tests can watch how a client takes it.
import type { Spoiling } from './spoil.ts'

export type Fault =
  /** A list answers 410; a watch starts with HTTP 200 and ends with the ERROR event 410. */
  | { readonly kind: 'gone' }
  | StatusFault
  /** The connection stays open and nothing ever comes. */
  | { readonly kind: 'silent' }
  /** The answer begins, and nothing follows. */
  | { readonly kind: 'half-open' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** The connection breaks without an answer. */
  | { readonly kind: 'cut' }
  /** 200 with HTML, as a sign-in portal answers. */
  | { readonly kind: 'web-page' }
  | { readonly kind: 'redirect'; readonly location: string }
  /** 200 with one line that never ends. */
  | { readonly kind: 'endless-line' }
  /** Of an upgrade: to a protocol that nobody asked for. */
  | { readonly kind: 'other-protocol' }
  /** Of an upgrade: it succeeds, and the connection breaks in the middle of a frame. */
  | { readonly kind: 'half-frame' }
  | Spoiling

export interface StatusFault {
  readonly kind: 'status'
  readonly code: 401 | 429 | 500 | 503
  readonly retryAfterSeconds?: number
  /** `Retry-After` as a date, by a server clock that is so far off; absent: as seconds. */
  readonly clockOffsetSeconds?: number
  /** Instead of the usual sentence. */
  readonly message?: string
}

/** Which requests a fault hits; an absent part means any. */
export interface FaultTarget {
  readonly verb?: string
  /** The plural: `pods`. */
  readonly resource?: string
  readonly namespace?: string
}

export class Faults {
  #pending: { readonly fault: Fault; readonly target: FaultTarget; left: number }[] = []

  /** Hits the next `times` requests that fit the target. */
  inject(fault: Fault, target: FaultTarget = {}, times = 1): void {
    this.#pending.push({ fault, target, left: times })
  }

  clear(): void {
    this.#pending = []
  }

  /** The fault for this request, counted as used. */
  take(request: FaultTarget): Fault | undefined {
    const hit = this.#pending.find(({ target, left }) => left > 0 && fits(target, request))
    if (!hit) return undefined
    hit.left -= 1
    return hit.fault
  }
}

function fits(target: FaultTarget, request: FaultTarget): boolean {
  return (
    (target.verb ?? request.verb) === request.verb &&
    (target.resource ?? request.resource) === request.resource &&
    (target.namespace ?? request.namespace) === request.namespace
  )
}
