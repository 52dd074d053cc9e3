// Show in Workloads: the workload that the object at the cursor stands for, such as those that a policy selects; else one to choose.
import { window } from 'vscode'
import { FindMeshRows, type MeshRow, type MeshRowPath, type WorkloadRow } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'
import { pickMeshRow } from './pickMeshRow.ts'

export const showInWorkloads: Handler = async app => {
  const path = await findPath(app)
  if (path) await app.workloads.reveal(path)
}

async function findPath({ server, workloads }: App): Promise<MeshRowPath | undefined> {
  const editor = window.activeTextEditor
  if (!editor || !['yaml', 'json', 'helm'].includes(editor.document.languageId)) return choose(server)
  const { line, character } = editor.selection.active
  const asked = { uri: editor.document.uri.toString(), position: { line, character }, view: workloads.shown }
  const answer = await server.ask(client => client.sendRequest(FindMeshRows, asked))
  if (!answer.ok) {
    void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
    return undefined
  }
  const [only, ...others] = answer.value
  if (!only) void window.showInformationMessage('No workload of an open cluster belongs to what stands at the cursor.')
  return others.length === 0 ? only : pick(answer.value)
}

async function choose(server: Server): Promise<MeshRowPath | undefined> {
  const picked = await pickMeshRow(server, 'Show in Workloads', isWorkload)
  return picked && { steps: picked.path.map(({ row, index }) => ({ row, limit: Math.max(shownAnyway, index + 1) })), shown: false }
}

/** Rows that need not be asked for. */
const shownAnyway = 1_000

function isWorkload(row: MeshRow): row is WorkloadRow {
  return row.kind === 'workload'
}

async function pick(paths: readonly MeshRowPath[]): Promise<MeshRowPath | undefined> {
  const items = paths.map(path => ({ ...labels(path), path }))
  const picked = await window.showQuickPick(items, { title: 'Show in Workloads', placeHolder: `${paths.length} workloads` })
  return picked?.path
}

function labels({ steps }: MeshRowPath): { readonly label: string; readonly description: string } {
  const rows: readonly MeshRow[] = steps.map(({ row }) => row)
  const last = rows.at(-1)
  const text = (written: string) => visible(withoutIcons(written))
  return {
    label: text(last?.name ?? ''),
    description: text(
      rows
        .slice(0, -1)
        .map(({ name }) => name)
        .join(' · '),
    ),
  }
}
