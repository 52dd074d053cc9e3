// Lists as they stand at one moment, without anything that runs.
import type { ReflectorState } from '../../../../server/src/cluster/reflector.ts'
import type { Place } from '../../../../server/src/cluster/scope.ts'
import type { Failure } from '../../../../server/src/cluster/transport.ts'
import { type Groups, type Watched, watched } from '../../../../server/src/cluster/watched.ts'
import type { Resource } from '../../../../server/src/core/istio/resources.ts'

export const everyGroup: Groups = new Map(watched.map(({ group, versions }) => [group, versions]))

export const synced: ReflectorState = { kind: 'synced' }
export const syncing: ReflectorState = { kind: 'syncing' }
export const stale = (failure: Failure): ReflectorState => ({ kind: 'stale', failure })
export const failed = (failure: Failure): ReflectorState => ({ kind: 'failed', failure })
export const status = (code: number, message = ''): Failure => ({ kind: 'status', code, message })

export function watchedOf(plural: string): Watched {
  const found = watched.find(each => each.plural === plural)
  if (!found) throw new Error(`${plural} are not read`)
  return found
}

export interface Stood extends Place {
  readonly reflector: { state: ReflectorState; all: readonly Resource[] }
  readonly failingSince: number | undefined
}

/** The list of one resource: of the whole cluster, unless `place` says otherwise. */
export function listed(plural: string, state: ReflectorState, place: Partial<Place & Stood> & { all?: readonly Resource[] } = {}): Stood {
  const { all = [], ...rest } = place
  return { watched: watchedOf(plural), failingSince: undefined, reflector: { state, all }, ...rest }
}
