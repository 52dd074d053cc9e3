// Open Diff: of a row of the Policies view, from a lens, or from the palette of the policy at the cursor.
import { window } from 'vscode'
import type { PolicySubject } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { isPolicyRow } from '../views/policies/rows.ts'

export const openDiff: Handler = async ({ comparisons, policies }, target) => {
  const subject = named(target) ?? atCursor() ?? named(policies.selected)
  if (subject) await comparisons.open(subject)
  else void window.showInformationMessage('Put the cursor into a policy, or choose one in the view Policies.')
}

function named(target: unknown): PolicySubject | undefined {
  if (isPolicyRow(target)) {
    const { context, policyKind: kind, namespace, name } = target
    return { context, kind, namespace, name }
  }
  const { uri, position } = (target !== null && typeof target === 'object' ? target : {}) as Partial<Record<string, unknown>>
  const { line, character } = (position !== null && typeof position === 'object' ? position : {}) as Partial<Record<string, unknown>>
  if (typeof uri !== 'string' || typeof line !== 'number' || typeof character !== 'number') return undefined
  return { uri, position: { line, character } }
}

export function atCursor(): PolicySubject | undefined {
  const editor = window.activeTextEditor
  if (editor?.document.uri.scheme !== 'file') return undefined
  const { line, character } = editor.selection.active
  return { uri: editor.document.uri.toString(), position: { line, character } }
}
