// Show in Policies: the policy at the cursor, in the cluster that has it.
import { window } from 'vscode'
import { FindPolicyRows, type PolicyRowPath } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { visible, withoutIcons } from '../text.ts'
import { atCursor } from './openDiff.ts'

export const showInPolicies: Handler = async ({ server, policies }) => {
  const subject = atCursor()
  if (!subject) return
  const answer = await server.ask(client => client.sendRequest(FindPolicyRows, subject))
  if (!answer.ok) {
    void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
    return
  }
  const [only, ...others] = answer.value
  if (!only) void window.showInformationMessage('No open cluster has the policy at the cursor.')
  const path = others.length === 0 ? only : await pick(answer.value)
  if (path) await policies.reveal(path)
}

async function pick(paths: readonly PolicyRowPath[]): Promise<PolicyRowPath | undefined> {
  const items = paths.map(path => {
    const last = path.rows.at(-1)
    const text = (written: string) => visible(withoutIcons(written))
    return { label: text(last && 'name' in last ? last.name : ''), description: text(last?.context ?? ''), path }
  })
  const picked = await window.showQuickPick(items, { title: 'Show in Policies', placeHolder: `${paths.length} policies` })
  return picked?.path
}
