// Beside and above the rows of a view: which cluster they come from, and that they are old or incomplete.
import type { TreeView } from 'vscode'
import type { ClusterState } from '../../../server/src/protocol.ts'
import { viewDescription, viewMessage } from '../state.ts'
import { visible } from '../text.ts'

export function showState(view: Pick<TreeView<unknown>, 'description' | 'message'>, state: ClusterState | undefined): void {
  view.description = state ? visible(viewDescription(state)) : ''
  view.message = state ? visible(viewMessage(state) ?? '') : ''
}
