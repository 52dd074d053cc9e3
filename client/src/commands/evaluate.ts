// Evaluate: from a lens above a policy or a rule, from the palette about the policy at the cursor, else about any workload.
import { window } from 'vscode'
import type { EvaluationSubject } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { isPolicyRow } from '../views/policies/rows.ts'

export const evaluate: Handler = ({ evaluateForm }, target) => evaluateForm.open(named(target) ?? atCursor())

/** What a lens hands over, or a row of the Policies view. */
function named(target: unknown): EvaluationSubject | undefined {
  if (isPolicyRow(target)) return { policy: { namespace: target.namespace, name: target.name } }
  const { uri, policy, rule } = (target !== null && typeof target === 'object' ? target : {}) as Partial<Record<string, unknown>>
  const { namespace, name } = (policy !== null && typeof policy === 'object' ? policy : {}) as Partial<Record<string, unknown>>
  if (typeof namespace !== 'string' || typeof name !== 'string') return undefined
  return { policy: { namespace, name }, ...(typeof uri === 'string' ? { uri } : {}), ...(typeof rule === 'number' ? { rule } : {}) }
}

/** From the palette: the policy that somebody is writing. */
function atCursor(): EvaluationSubject {
  const editor = window.activeTextEditor
  if (!editor) return {}
  const { line, character } = editor.selection.active
  return { uri: editor.document.uri.toString(), position: { line, character } }
}
