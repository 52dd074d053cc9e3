// Whether a cluster is out of reach, by what its lists say. It is lost as a whole and found again as a whole: the trouble of one list is that list's alone.
import { isStatus, needsPerson, type Reflector, type ReflectorState } from './reflector.ts'
import type { Place } from './scope.ts'
import type { Failure } from './transport.ts'

/** A list, or one object, and how it stands. */
export interface Standing extends Place {
  readonly reflector: Pick<Reflector, 'state'>
}

export interface Reach {
  /** Why nothing can be said of the cluster as it is now; absent: it is in reach. */
  readonly lost?: Failure
  /** Since when (milliseconds) some lists work again and others do not yet. */
  readonly recoveringSince?: number
}

/** Lists come back one after the other. Those that have not after so long have a trouble of their own. */
export const settleMs = 10_000

/** `silence`: the server was asked whether it is there at all, and does not answer. */
export function reachAfter(before: Reach, lists: readonly ReflectorState[], silence: Failure | undefined, now: number): Reach {
  const failures = lists.flatMap(state => failureIn(state) ?? []).filter(failure => !isOwnMatter(failure))
  const someWork = lists.some(({ kind }) => kind === 'synced')
  const lost = failures.find(needsPerson) ?? silence ?? (someWork ? undefined : failures[0])
  // The reason that was told stays while it is one of the reasons, unless a person is needed: nothing else gets better before that.
  if (lost && needsPerson(lost)) return { lost: failures.filter(needsPerson).find(each => isSameReason(each, before.lost)) ?? lost }
  if (lost) return { lost: [...failures, silence].find(each => each && isSameReason(each, before.lost)) ?? lost }
  if (!before.lost || failures.length === 0) return {}
  const { recoveringSince = now } = before
  return now - recoveringSince >= settleMs ? {} : { lost: before.lost, recoveringSince }
}

/** Of the lists alone: an object that is asked for now and then notices nothing in between. */
export function listStates(all: readonly Standing[]): readonly ReflectorState[] {
  return all.filter(({ name }) => name === undefined).map(({ reflector }) => reflector.state)
}

/** The server has the group, but not this kind of it. */
export function isNotServed({ name, reflector: { state } }: Standing, all: readonly Standing[]): boolean {
  const isMissing = name === undefined && state.kind === 'failed' && isStatus(state.failure, 404)
  // Where everything is missing, what answers is no API server.
  return isMissing && all.some(({ reflector }) => reflector.state.kind === 'synced')
}

export function failureIn(state: ReflectorState): Failure | undefined {
  return state.kind === 'stale' || state.kind === 'failed' ? state.failure : undefined
}

/** Not allowed, not there, expired, or ended at once: the server answers, and the list goes on in a moment. */
function isOwnMatter(failure: Failure): boolean {
  return [200, 403, 404, 410].some(code => isStatus(failure, code))
}

function isSameReason(failure: Failure, told: Failure | undefined): boolean {
  return told !== undefined && JSON.stringify(failure) === JSON.stringify(told)
}
