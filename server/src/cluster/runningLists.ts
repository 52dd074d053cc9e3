// The lists that run: started where something is wanted, ended where it is not any more.
import type { Kind, Resource, ResourceOf, Source } from '../core/istio/resources.ts'
import { type Clock, pause } from './clock.ts'
import { leanOf } from './lean.ts'
import { NamedObject } from './namedObject.ts'
import type { Reached } from './reached.ts'
import { isStatus, type KubernetesObject, Reflector } from './reflector.ts'
import { type ConfigPlace, configPlaces, keyOf, type Place, wantedPlaces } from './scope.ts'
import { type Groups, pathOf, servedVersion, type Watched } from './watched.ts'

export interface RunningList extends Place {
  readonly reflector: Reflector | NamedObject
  /** Milliseconds; absent while it works, or was not answered yet. */
  failingSince: number | undefined
}

export interface RunningListsOptions {
  /** Those somebody chose; empty: the whole cluster, as far as the account may list it. */
  readonly namespaces: readonly string[]
  readonly read: (json: unknown, source: Source) => Resource | undefined
  readonly clock: Clock
  readonly log: (line: string) => void
  /** Objects of this kind changed. */
  readonly onChange: (kind: Kind) => void
  readonly onState: (list: RunningList) => void
}

export interface RunningLists {
  readonly all: readonly RunningList[]
  /** Starts what is wanted now and ends what is not; those that run already go on. */
  follow(reached: Reached, groups: Groups): void
  /** Resolves when each was answered, or when that has taken long enough: what is missing then comes later by itself. Never rejects. */
  answered(signal: AbortSignal): Promise<void>
  stop(): void
}

/** So long is the first answer of every list waited for. */
export const firstSyncMs = 20_000

export function createRunningLists({ namespaces, read, clock, log, onChange, onState }: RunningListsOptions): RunningLists {
  let lists: readonly RunningList[] = []
  /** What was once seen there is asked for until the end: without istiod its settings hold on. */
  let configs: readonly ConfigPlace[] = []

  function follow(reached: Reached, groups: Groups): void {
    configs = [...new Map([...configs, ...configPlaces({ all: held })].map(each => [JSON.stringify(each), each])).values()]
    const wanted = wantedPlaces({
      groups,
      chosen: namespaces,
      fallback: reached.target.context.namespace ?? 'default',
      isRefused,
      configs,
      rootNamespaces: held('MeshConfig').flatMap(({ rootNamespace }) => rootNamespace ?? []),
    })
    const keys = new Set(wanted.map(keyOf))
    const running = new Set(lists.map(keyOf))
    for (const list of lists) if (!keys.has(keyOf(list))) list.reflector.stop()
    const added = wanted.filter(place => !running.has(keyOf(place))).flatMap(place => listIn(place, reached, groups))
    lists = [...lists.filter(list => keys.has(keyOf(list))), ...added]
    for (const { reflector } of added) reflector.start()
  }

  function held<K extends Kind>(kind: K): readonly ResourceOf<K>[] {
    const ofKind = lists.filter(list => list.watched.kind === kind)
    return ofKind.flatMap(({ reflector }) => [...reflector.all] as ResourceOf<K>[])
  }

  /** The whole cluster may not be listed, or might not a moment ago. */
  function isRefused(each: Watched): boolean {
    const wide = lists.find(list => list.watched === each && list.namespace === undefined && list.name === undefined)
    if (!wide || wide.reflector.state.kind === 'synced') return false
    const { state } = wide.reflector
    const isNarrow = lists.some(list => list.watched === each && list !== wide)
    return isNarrow || (state.kind === 'failed' && isStatus(state.failure, 403))
  }

  /** None where the server does not have the kind. */
  function listIn(place: Place, { target, pace, access }: Reached, groups: Groups): readonly RunningList[] {
    const { watched: each } = place
    const version = servedVersion(each, groups)
    if (!version) return []
    const source: Source = { from: 'cluster', context: target.context.name }
    const header = { apiVersion: each.group === '' ? version : `${each.group}/${version}`, kind: each.apiKind ?? each.kind }
    const trim = leanOf(each.kind)
    const options = {
      transport: pace,
      clock,
      log: (line: string) => log(access.redact(line)),
      path: pathOf(each, version, place),
      metadataOnly: each.metadataOnly,
      ...(each.label ? { label: each.label } : {}),
      // Items of a list carry neither version nor kind.
      read: (object: KubernetesObject) => read({ ...trim(object), ...header }, source),
      onChange: () => onChange(each.kind),
      onState: () => {
        list.failingSince = list.reflector.state.kind === 'synced' ? undefined : (list.failingSince ?? clock.now())
        onState(list)
      },
    }
    const reflector = place.name === undefined ? new Reflector(options) : new NamedObject(options)
    const list: RunningList = { ...place, reflector, failingSince: undefined }
    return [list]
  }

  return {
    get all() {
      return lists
    },
    follow,
    async answered(signal) {
      const until = clock.now() + firstSyncMs
      while (lists.some(({ reflector }) => !reflector.answered) && clock.now() < until && !signal.aborted) await pause(clock, 20, signal)
    },
    stop() {
      for (const { reflector } of lists) reflector.stop()
    },
  }
}
