// What the lists of a cluster hold, as a world: its objects, and of which kinds and namespaces that is all there is.
import type { Kind, Resource } from '../core/istio/resources.ts'
import { istioVersionOf } from '../core/mesh/controlPlanes.ts'
import { groupBy } from '../core/mesh/groupBy.ts'
import { Layer } from '../core/mesh/layer.ts'
import { distinct, type KindList, type KindLists, listOf } from '../core/mesh/lists.ts'
import type { World } from '../core/mesh/mesh.ts'
import { isNotServed, type Standing } from './reach.ts'
import type { Reflector } from './reflector.ts'
import { type Groups, servedVersion, type Watched, watched } from './watched.ts'

export interface HoldingList extends Standing {
  readonly reflector: Pick<Reflector, 'state' | 'all'>
}

export interface Holding {
  readonly lists: readonly HoldingList[]
  /** Which the server has; none before it was asked. */
  readonly groups: Groups
  /** Out of reach, so that nothing is complete. */
  readonly isLost: boolean
}

export interface ClusterWorld {
  /** The same object until something changes; then what did not is the same in both. */
  current(): World
  /** Objects of this kind changed. */
  changed(kind: Kind): void
  /** Lists may be held or not, and be complete or not, otherwise than before. */
  forget(): void
}

export function createClusterWorld(holding: () => Holding): ClusterWorld {
  const known = new Map<Kind, KindList>()
  /** Of which `known` is not true any more. */
  const altered = new Set<Kind>(watchedByKind.keys())
  let kept: World | undefined

  function take({ lists, groups, isLost }: Holding): World {
    for (const kind of altered) known.set(kind, listOf(certain(kind, lists), known.get(kind)))
    altered.clear()
    return worldOf(new Map(known), isLost || groups.size === 0 ? () => false : completenessOf(lists, groups))
  }

  return {
    current() {
      kept ??= take(holding())
      return kept
    },
    changed(kind) {
      kept = undefined
      altered.add(kind)
    },
    forget() {
      kept = undefined
      for (const kind of watchedByKind.keys()) altered.add(kind)
    },
  }
}

function worldOf(lists: KindLists, complete: World['complete']): World {
  const version = istioVersionOf(new Layer(lists))
  return {
    get objects() {
      return [...lists.values()].flatMap(({ all }) => all)
    },
    lists,
    complete,
    ...(version === undefined ? {} : { istioVersion: version }),
  }
}

/** Of one kind: what is held of it that may be told. */
function certain(kind: Kind, all: readonly HoldingList[]): readonly Resource[] {
  const lists = all.filter(
    ({ watched: each, reflector: { state } }) => each.kind === kind && (state.kind === 'synced' || state.kind === 'stale'),
  )
  const objects = lists.flatMap(({ reflector }) => [...reflector.all])
  // Lists of one kind may meet in a namespace.
  return lists.length > 1 ? distinct(objects) : objects
}

/** As the lists stand now, whatever becomes of them. */
function completenessOf(lists: readonly HoldingList[], groups: Groups): World['complete'] {
  const seen = new Map(watched.map(each => [each, seenOf(each, lists, groups)]))
  return (kind, namespace) => {
    const all = watchedByKind.get(kind) ?? []
    return all.length > 0 && all.every(each => seen.get(each)?.(namespace) ?? false)
  }
}

/** Of which namespaces (`undefined`: of the whole cluster) everything is held. */
function seenOf(each: Watched, all: readonly HoldingList[], groups: Groups): (namespace: string | undefined) => boolean {
  if (servedVersion(each, groups) === undefined) return () => true
  const lists = all.filter(list => list.watched === each)
  const synced = lists.filter(list => list.reflector.state.kind === 'synced' || isNotServed(list, all))
  // Settings that are nowhere may be in another cluster, and those of a revision do not tell those of the others.
  if (each.byName) {
    const isWhole = synced.length === lists.length && lists.some(({ reflector }) => [...reflector.all].length > 0)
    return () => isWhole
  }
  const whole = synced.filter(({ name }) => name === undefined)
  const isWide = whole.some(({ namespace }) => namespace === undefined)
  const namespaces = new Set(whole.map(({ namespace }) => namespace))
  return namespace => isWide || namespaces.has(namespace)
}

const watchedByKind = groupBy(watched, ({ kind }) => kind)
