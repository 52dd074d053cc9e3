// Snapshots among the files of a mesh stand for the cluster: what they hold is laid under the files, and they know what they lack.
import type { Resource, Snapshot } from '../istio/resources.ts'
import type { World } from './mesh.ts'

export interface Standing {
  /** Without what the snapshots hold: that is no file which somebody lays over a cluster. */
  readonly files: readonly Resource[]
  readonly world?: World
}

export function apart(files: readonly Resource[]): Standing {
  const snapshots = files.filter(each => each.kind === 'Snapshot')
  const [first] = snapshots
  if (!first) return { files }
  const documents = new Set(snapshots.map(documentOf))
  return { files: files.filter(each => !documents.has(documentOf(each))), world: worldOf(first, snapshots) }
}

function documentOf({ source }: Resource): string | undefined {
  return source.from === 'file' ? `${source.document} ${source.uri}` : undefined
}

/** The same for the same snapshots, since what is made of it is kept. */
function worldOf(first: Snapshot, snapshots: readonly Snapshot[]): World {
  const known = worlds.get(first)
  if (known && known.of.length === snapshots.length && known.of.every((each, index) => each === snapshots[index])) return known.world
  const world = merged(snapshots)
  worlds.set(first, { of: snapshots, world })
  return world
}

const worlds = new WeakMap<Snapshot, { readonly of: readonly Snapshot[]; readonly world: World }>()

/** Of several the last one that has an object counts. */
function merged(snapshots: readonly Snapshot[]): World {
  const held = snapshots.flatMap(({ complete }) => complete)
  const keys = new Set(held.map(({ kind, namespace }) => `${kind} ${namespace ?? '*'}`))
  const istioVersion = snapshots.findLast(each => each.istioVersion !== undefined)?.istioVersion
  return {
    objects: snapshots.flatMap(({ objects }) => objects),
    complete: (kind, namespace) => keys.has(`${kind} *`) || (namespace !== undefined && keys.has(`${kind} ${namespace}`)),
    ...(istioVersion === undefined ? {} : { istioVersion }),
  }
}
