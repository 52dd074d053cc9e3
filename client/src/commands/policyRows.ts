// What can be done with a row of the Policies view: open the object, its file or a finding of it, copy its name, show more rows.
import { env, Position, Range, Selection, Uri, window, workspace } from 'vscode'
import { FindPlace } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import { uriOf } from '../pages/object/texts.ts'
import { type FindingRow, isFindingRow, isMoreRow, isPolicyRow, type PolicyRow } from '../views/policies/rows.ts'

export const openPolicy: Handler = async ({ objectTexts, policies }, target) => {
  const row = chosen(target, policies)
  if (row) await objectTexts.open({ context: row.context, kind: row.policyKind, namespace: row.namespace, name: row.name })
}

/** At the object that the row stands for. */
export const openPolicyFile: Handler = async ({ policies }, target) => {
  const row = chosen(target, policies)
  if (!row?.file) {
    void window.showInformationMessage('No file of the workspace is certain to have this policy.')
    return
  }
  const document = await workspace.openTextDocument(Uri.parse(row.file.uri))
  const at = row.file.line
  await window.showTextDocument(document, { selection: new Range(at, 0, at, 0) })
}

export const copyPolicyName: Handler = async ({ policies }, target) => {
  const row = chosen(target, policies)
  if (row) await env.clipboard.writeText(`${row.namespace}/${row.name}`)
}

/** In the object as the cluster has it, read-only. */
export const openFinding: Handler = async (app, target) => {
  const row = isFindingRow(target) ? target : app.policies.selected
  if (isFindingRow(row)) await showPlace(app, row)
}

export const openFindingRule: Handler = async ({ policies }, target) => {
  const row = isFindingRow(target) ? target : policies.selected
  if (isFindingRow(row)) await env.openExternal(Uri.parse(row.documentation))
}

export const showMorePolicies: Handler = ({ policies }, target) => {
  if (isMoreRow(target)) policies.showMore(target)
}

async function showPlace({ server, objectTexts }: App, { object, context, path }: FindingRow): Promise<void> {
  const named = { context, ...object }
  await objectTexts.open(named)
  const editor = window.visibleTextEditors.find(({ document }) => document.uri.toString() === uriOf(named).toString())
  if (!editor) return
  const text = editor.document.getText()
  const found = await server.ask(async client => ({ ok: true, value: await client.sendRequest(FindPlace, { text, path }) }))
  if (!found.ok) return
  const { start, end } = found.value
  const range = new Range(new Position(start.line, start.character), new Position(end.line, end.character))
  editor.selection = new Selection(range.start, range.end)
  editor.revealRange(range)
}

function chosen(target: unknown, policies: App['policies']): PolicyRow | undefined {
  if (isPolicyRow(target)) return target
  return isPolicyRow(policies.selected) ? policies.selected : undefined
}
