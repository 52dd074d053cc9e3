// Makes VS Code's TreeItem of a row. The one place where names from a cluster enter a tree.
import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode'
import { visible } from '../text.ts'
import type { Item } from './item.ts'

const collapsible = {
  none: TreeItemCollapsibleState.None,
  closed: TreeItemCollapsibleState.Collapsed,
  open: TreeItemCollapsibleState.Expanded,
}
const colors = { warning: 'list.warningForeground', error: 'list.errorForeground' }

export function treeItem(item: Item): TreeItem {
  const row = new TreeItem(visible(item.label), collapsible[item.children])
  row.id = item.id
  row.iconPath = new ThemeIcon(item.icon, item.tone && new ThemeColor(colors[item.tone]))
  row.tooltip = item.tooltip.map(visible).join('\n')
  row.contextValue = item.kind
  row.accessibilityInformation = { label: visible(item.spoken) }
  if (item.description) row.description = visible(item.description)
  if (item.command) row.command = item.command
  return row
}
