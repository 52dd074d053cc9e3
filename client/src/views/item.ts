// What a row of a tree shows, as plain data: the same shape for every view, readable by tests.
import type { Command } from 'vscode'
import type { FromContext, MoreNode } from '../../../server/src/protocol.ts'
import type { EmptyNode } from './rows.ts'

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

/** Stands for the rows that are not shown; `command` shows them. */
export function restItem(row: MoreNode & FromContext, command: string): Item {
  return {
    id: row.id,
    label: row.name,
    description: row.description,
    icon: 'ellipsis',
    tooltip: [`${row.rest} more are not shown.`, 'The filter above finds what is not shown too.'],
    spoken: `${row.name}, ${row.description}`,
    kind: row.kind,
    children: 'none',
    command: { command, title: row.name, arguments: [row] },
  }
}

/** `label`: a sentence; `clear`: the command that clears the filter, where that is why. */
export function emptyItem<Because extends string>({ id, kind, because }: EmptyNode<Because>, label: string, clear: string): Item {
  if (because !== 'filter') return { id, label, icon: 'info', tooltip: [label], spoken: label, kind, children: 'none' }
  return {
    id,
    label,
    icon: 'filter',
    tooltip: [label, 'Select to clear the filter.'],
    spoken: `${label} Select to clear the filter.`,
    kind,
    children: 'none',
    command: { command: clear, title: 'Clear Filter' },
  }
}
