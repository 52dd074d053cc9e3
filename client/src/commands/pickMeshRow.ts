// Asks for a row of the mesh, from its cluster down, where a command has none.
import { window } from 'vscode'
import { GetMeshNodes, type MeshRow } from '../../../server/src/protocol.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'

export interface Picked<R> {
  readonly row: R
  /** From the topmost to the picked one, each with its place among its siblings. */
  readonly path: readonly { readonly row: MeshRow; readonly index: number }[]
}

/** Asks level by level, and passes over those with one row, until somebody picks one that is wanted; undefined where nobody does. */
export async function pickMeshRow<R extends MeshRow>(
  server: Server,
  title: string,
  wanted: (row: MeshRow) => row is R,
): Promise<Picked<R> | undefined> {
  let rows = await below(server, undefined)
  let path: Picked<R>['path'] = []
  while (rows.length > 0) {
    const [only, ...others] = rows
    const row = others.length === 0 ? only : await pick(rows, title)
    if (!row) return undefined
    path = [...path, { row, index: rows.indexOf(row) }]
    if (wanted(row)) return { row, path }
    rows = await below(server, row)
  }
  void window.showWarningMessage('No workload is known here.')
  return undefined
}

async function pick(rows: readonly MeshRow[], title: string): Promise<MeshRow | undefined> {
  const text = (written: string) => visible(withoutIcons(written))
  const items = rows.map(row => ({ label: text(row.name), description: text(row.description), row }))
  const picked = await window.showQuickPick(items, { title, placeHolder: levels[rows[0]?.kind ?? 'cluster'], matchOnDescription: true })
  return picked?.row
}

const levels: Readonly<Record<MeshRow['kind'], string>> = {
  cluster: 'Cluster',
  namespace: 'Namespace',
  group: 'Group',
  workload: 'Workload',
  pod: 'Pod',
  more: 'More',
}

/** All of them: here somebody searches by typing. */
const everything = Number.MAX_SAFE_INTEGER

async function below(server: Server, parent: MeshRow | undefined): Promise<readonly MeshRow[]> {
  const asked = { limit: everything, ...(parent ? { parent: parent.id, context: parent.context } : {}) }
  const answer = await server.ask(client => client.sendRequest(GetMeshNodes, asked))
  if (answer.ok) return answer.value
  void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
  return []
}
