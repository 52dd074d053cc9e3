// Which lists are wanted now: everything where the account may list it, else what it may.
import type { Kind } from '../core/istio/resources.ts'
import { configNameOf, controlPlanes } from '../core/mesh/controlPlanes.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { type Groups, resourceOf, servedVersion, type Watched, watched } from './watched.ts'

/** A list of the whole cluster, or of one namespace; with a name, one object. */
export interface Place {
  readonly watched: Watched
  readonly namespace?: string
  readonly name?: string
}

export interface Scope {
  readonly groups: Groups
  /** Somebody chose these, so nothing else is listed. */
  readonly chosen: readonly string[]
  /** Of the context: read where the whole cluster may not be. */
  readonly fallback: string
  /** Whether the whole cluster may not be listed. */
  readonly isRefused: (watched: Watched) => boolean
  /** Where the mesh's settings are, as far as that was seen. */
  readonly configs: readonly ConfigPlace[]
  /** As the settings say. */
  readonly rootNamespaces: readonly string[]
}

export interface ConfigPlace {
  readonly namespace: string
  readonly name: string
}

/** Where Istio is installed unless somebody says otherwise. */
const usual: ConfigPlace = { namespace: 'istio-system', name: 'istio' }

export function wantedPlaces(scope: Scope): readonly Place[] {
  return watched.flatMap(each => (servedVersion(each, scope.groups) === undefined ? [] : placesOf(each, scope)))
}

function placesOf(watched: Watched, { chosen, fallback, isRefused, configs, rootNamespaces }: Scope): readonly Place[] {
  if (watched.byName) return unique([usual, ...configs].map(config => ({ watched, ...config })))
  const namespaces = chosen.length > 0 ? chosen : [fallback]
  const all = [...namespaces, ...(watched.meshWide ? [usual.namespace, ...rootNamespaces] : [])]
  const isNarrow = isRefused(watched)
  // A role of one namespace may allow to get that namespace, where it can never allow to list them.
  const byName = isNarrow && watched.kind === 'Namespace' ? unique(all.map(name => ({ watched, name }))) : []
  if (!watched.namespaced) return [{ watched }, ...byName]
  const within = all.map(namespace => ({ watched, namespace }))
  if (chosen.length > 0) return unique(within)
  return [{ watched }, ...(isNarrow ? unique(within) : [])]
}

/** What is wanted may change with these: another istiod has settings of its own, which may name another root namespace. */
export const scopeKinds: ReadonlySet<Kind> = new Set(['Pod', 'WorkloadOwner', 'MeshConfig'])

/** The same place has the same key. */
export function keyOf({ watched, namespace, name }: Place): string {
  return [resourceOf(watched), namespace ?? '', name ?? ''].join('\0')
}

function unique(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map(place => [keyOf(place), place])).values()]
}

/** Where the settings of the control planes among these objects are. */
export function configPlaces(mesh: Pick<Mesh, 'all'>): readonly ConfigPlace[] {
  return controlPlanes(mesh).map(({ namespace, revision }) => ({ namespace, name: configNameOf(revision) }))
}
