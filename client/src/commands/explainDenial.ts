// Explain Denial: of the selection, else of the line at the cursor or the clipboard where that is a text of a proxy, else of what is typed.
import { CancellationTokenSource, env, window } from 'vscode'
import { type DenialExplanation, longestToExplain } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { showLateProgress } from '../lateProgress.ts'
import type { Server } from '../server.ts'

export const explainDenial: Handler = async ({ server, explanation }, target) => {
  const answer = await explanationOf(target, server)
  if (answer) await explanation.show(answer)
}

/** Undefined: nothing was asked, or the user was told why there is no answer. */
type Explanation = DenialExplanation | undefined

async function explanationOf(target: unknown, server: Server): Promise<Explanation> {
  const chosen = textIn(target) ?? selection()
  if (chosen !== undefined) return explained(chosen, server)
  // Whether a text is a proxy's is for the server to say.
  for (const candidate of [lineAtCursor, clipboard]) {
    const text = await candidate()
    if (text.trim() === '' || text.length > longestToExplain) continue
    const answer = await explained(text, server)
    if (!answer || isRecognised(answer)) return answer
  }
  const text = await window.showInputBox({
    title: 'Explain Denial',
    prompt: 'A line of the log of a proxy, or the body of its answer. Many lines: select them in an editor.',
    placeHolder: '"GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[0]] …',
    ignoreFocusOut: true,
  })
  return text?.trim() ? explained(text, server) : undefined
}

/** What whoever runs the command hands over, as to the server's command. */
function textIn(target: unknown): string | undefined {
  const text = target !== null && typeof target === 'object' && 'text' in target ? target.text : undefined
  return typeof text === 'string' ? text : undefined
}

function selection(): string | undefined {
  const editor = window.activeTextEditor
  const parts = editor?.selections.filter(({ isEmpty }) => !isEmpty).map(each => editor.document.getText(each)) ?? []
  return parts.length > 0 ? parts.join('\n') : undefined
}

function lineAtCursor(): string {
  const editor = window.activeTextEditor
  return editor ? editor.document.lineAt(editor.selection.active.line).text : ''
}

/** In a browser it may be out of reach. */
async function clipboard(): Promise<string> {
  return env.clipboard.readText().then(
    text => text,
    () => '',
  )
}

async function explained(text: string, server: Server): Promise<Explanation> {
  const asking = new CancellationTokenSource()
  const work = server.explainDenial({ text }, asking.token)
  showLateProgress('Explaining the denial', work, asking)
  const answer = await work
  if (asking.token.isCancellationRequested) return undefined
  if (!answer.ok) void window.showWarningMessage(`${answer.problem.message} ${answer.problem.remedy}`)
  else if ('problem' in answer.value) void window.showWarningMessage(answer.value.problem)
  else return answer.value
  return undefined
}

function isRecognised({ explanations }: DenialExplanation): boolean {
  return explanations.some(({ kind }) => kind !== 'unrecognised')
}
