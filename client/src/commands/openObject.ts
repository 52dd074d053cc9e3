// Open as YAML: the object behind a row, read-only; or one to choose.
import type { FromContext, MeshRow, NamespaceNode, ObjectRef, PodRow, WorkloadRow } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { pickMeshRow } from './pickMeshRow.ts'

export const openObject: Handler = async ({ server, objectTexts }, target) => {
  const object = isObjectRef(target)
    ? target
    : objectOf(isRow(target) ? target : (await pickMeshRow(server, 'Open as YAML', isWorkload))?.row)
  if (object) await objectTexts.open(object)
}

type Row = (NamespaceNode & FromContext) | WorkloadRow | PodRow

function objectOf(row: Row | undefined): ObjectRef | undefined {
  if (!row) return undefined
  const { context, name } = row
  switch (row.kind) {
    case 'namespace':
      return { context, kind: 'Namespace', name }
    case 'workload':
      return { context, kind: row.owner, namespace: row.namespace, name }
    case 'pod':
      return { context, kind: 'Pod', namespace: row.namespace, name }
    default:
      return row satisfies never
  }
}

/** What rows of other views hand over. */
function isObjectRef(target: unknown): target is ObjectRef {
  if (target === null || typeof target !== 'object' || !('kind' in target) || !('name' in target) || !('context' in target)) return false
  return typeof target.kind === 'string' && /^[A-Z]/.test(target.kind)
}

function isRow(target: unknown): target is Row {
  const kind = target !== null && typeof target === 'object' && 'kind' in target ? target.kind : undefined
  return kind === 'namespace' || kind === 'workload' || kind === 'pod'
}

function isWorkload(row: MeshRow): row is WorkloadRow {
  return row.kind === 'workload'
}
