// What a row of a tree shows, as plain data: the same shape for every view, readable by tests.
import type { Command } from 'vscode'

/** Says in the tree why rows are missing. */
export interface ProblemNode {
  readonly kind: 'problem'
  readonly id: string
  readonly message: string
  readonly remedy: string
}

export interface Item {
  /** Stable, so that the tree keeps what is open and selected. */
  readonly id: string
  readonly label: string
  readonly description?: string
  /** Name of a codicon. */
  readonly icon: string
  /** Colours the icon; the words say the same. */
  readonly tone?: 'warning' | 'error'
  readonly tooltip: readonly string[]
  /** What a screen reader says instead of label and description. */
  readonly spoken: string
  /** `viewItem` of the menus: one plain word. */
  readonly kind: string
  readonly children: 'none' | 'closed' | 'open'
  readonly command?: Command
}

export function problemItem(node: ProblemNode): Item {
  return {
    id: node.id,
    label: node.message,
    icon: 'warning',
    tone: 'warning',
    tooltip: [node.message, node.remedy],
    spoken: `${node.message} ${node.remedy}`,
    kind: node.kind,
    children: 'none',
  }
}
