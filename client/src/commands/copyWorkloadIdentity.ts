// Copy SPIFFE Identity: of a workload or pod of the Workloads view, or of one to choose.
import { env, window } from 'vscode'
import type { MeshRow, PodRow, WorkloadRow } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { visible } from '../text.ts'
import { pickMeshRow } from './pickMeshRow.ts'

export const copyWorkloadIdentity: Handler = async ({ server }, target) => {
  const row = isRow(target) ? target : (await pickMeshRow(server, 'Copy SPIFFE Identity', isWorkload))?.row
  if (!row) return
  if (!row.identity) {
    const why = row.proxy === 'unknown' ? 'Whether it has a proxy is not known' : 'It has no proxy'
    void window.showInformationMessage(visible(`"${row.name}" presents no identity that could be copied. ${why}.`))
    return
  }
  await env.clipboard.writeText(`spiffe://${row.identity}`)
  window.setStatusBarMessage(visible(`Copied spiffe://${row.identity}`), 5_000)
}

function isRow(target: unknown): target is WorkloadRow | PodRow {
  const kind = target !== null && typeof target === 'object' && 'kind' in target ? target.kind : undefined
  return kind === 'workload' || kind === 'pod'
}

function isWorkload(row: MeshRow): row is WorkloadRow {
  return row.kind === 'workload'
}
