// A snapshot in the place of a cluster whose own objects are looked at: they know what was written of them, as a cluster's do.
import type { SourceFile } from '../core/istio/file.ts'
import { objectsOf, readObject } from '../core/istio/read.ts'
import type { Resource } from '../core/istio/resources.ts'
import { ClusterLayer } from '../core/mesh/build.ts'
import { jsonOf } from '../core/mesh/snapshot/trim.ts'
import { apart } from '../core/mesh/snapshots.ts'

/** Of these a snapshot keeps too little to judge them. */
const trimmed: ReadonlySet<Resource['kind']> = new Set(['EnvoyFilter', 'WasmPlugin'])

/** Undefined where no file holds a snapshot. */
export function snapshotLayer(files: readonly SourceFile[]): ClusterLayer | undefined {
  const { world } = apart(files.flatMap(({ resources }) => resources))
  if (!world) return undefined
  const written = files.flatMap(({ documents }) =>
    documents.flatMap(({ root, resources }) => {
      const source = resources.find(each => each.kind === 'Snapshot')?.objects[0]?.source
      return source ? objectsOf(root).flatMap(object => readObject(jsonOf(object), source) ?? []) : []
    }),
  )
  const isTrimmed = ({ kind }: Resource) => trimmed.has(kind)
  return new ClusterLayer({ ...world, objects: [...world.objects.filter(isTrimmed), ...written.filter(object => !isTrimmed(object))] })
}
