// Beside and above the rows of a view: which cluster they come from, and that they are old or incomplete.
import type { TreeView } from 'vscode'
import type { Clusters } from '../../../server/src/protocol.ts'
import { viewDescription, viewMessage } from '../state.ts'
import { visible } from '../text.ts'

export function showState(view: Pick<TreeView<unknown>, 'description' | 'message'>, clusters: Clusters | undefined): void {
  view.description = clusters ? visible(viewDescription(clusters)) : ''
  view.message = clusters ? visible(viewMessage(clusters) ?? '') : ''
}
