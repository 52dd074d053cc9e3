// Who Can Call: from a lens, on a row of the Workloads view, from the palette about what stands at the cursor, else about a workload to choose.
import { window } from 'vscode'
import { GetEvaluationChoices, type PodRow, type WhoCanCallArguments, type WorkloadRow } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import { visible, withoutIcons } from '../text.ts'
import { isPolicyRow } from '../views/policies/rows.ts'

export const whoCanCall: Handler = async ({ accessTexts, ...app }, target) => {
  const asked = named(target) ?? atCursor() ?? (await choose(app))
  if (asked) await accessTexts.open(asked)
}

const fields = ['to', 'from', 'policy', 'service', 'serviceAccount'] satisfies (keyof WhoCanCallArguments)[]

/** What a lens hands over, checked by the server; or a row of the Workloads view. */
function named(target: unknown): WhoCanCallArguments | undefined {
  if (target === null || typeof target !== 'object') return undefined
  if (isPolicyRow(target)) return { policy: { namespace: target.namespace, name: target.name } }
  if (isRow(target)) return { to: `${target.namespace}/${target.name}` }
  return fields.some(field => field in target) ? target : undefined
}

function isRow(target: object): target is WorkloadRow | PodRow {
  return 'kind' in target && (target.kind === 'workload' || target.kind === 'pod')
}

function atCursor(): WhoCanCallArguments | undefined {
  const editor = window.activeTextEditor
  if (!editor || !['yaml', 'json', 'helm'].includes(editor.document.languageId)) return undefined
  const { line, character } = editor.selection.active
  return { uri: editor.document.uri.toString(), position: { line, character } }
}

async function choose({ server }: Pick<App, 'server'>): Promise<WhoCanCallArguments | undefined> {
  const answer = await server.ask(async client => ({ ok: true, value: await client.sendRequest(GetEvaluationChoices, {}) }))
  const names = answer.ok ? [...new Set(answer.value.targets.map(({ workload }) => workload))] : []
  const items = names.map(to => ({ label: visible(withoutIcons(to)), to }))
  if (items.length === 0) void window.showInformationMessage('No workload with a proxy is known here.')
  const picked = items.length > 0 ? await window.showQuickPick(items, { title: 'Who Can Call', placeHolder: 'Workload' }) : undefined
  return picked && { to: picked.to }
}
