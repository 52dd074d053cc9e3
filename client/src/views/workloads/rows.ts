// What the Workloads view shows: rows of the mesh, and what stands where there are none. Pure.
import type { FromContext, MeshRow, MeshView, MoreNode } from '../../../../server/src/protocol.ts'
import type { ProblemNode } from '../item.ts'
import { type EmptyNode, orEmpty } from '../rows.ts'
import { isFiltered } from './view.ts'

export type MoreRow = MoreNode & FromContext

export type NoWorkloadNode = EmptyNode<'no-workload'>

export type WorkloadsRow = MeshRow | NoWorkloadNode | ProblemNode

export function withEmpty(parent: WorkloadsRow | undefined, rows: readonly MeshRow[], view: MeshView): readonly WorkloadsRow[] {
  return orEmpty(parent, rows, isFiltered(view) ? 'filter' : 'no-workload')
}
