// What the view gathers workloads by: their namespace, or something they have in common.
import { window } from 'vscode'
import type { Grouping } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { groupings } from '../views/workloads/view.ts'

export const groupWorkloads: Handler = async ({ workloads }) => {
  const { group: current, ...rest } = workloads.shown
  const names = Object.keys(groupings) as readonly (Grouping | 'namespace')[]
  const items = names.map(name => ({
    label: groupings[name].title,
    description: (current ?? 'namespace') === name ? `${groupings[name].detail} (now)` : groupings[name].detail,
    name,
  }))
  const picked = await window.showQuickPick(items, { title: 'Group Workloads' })
  if (picked) workloads.show(picked.name === 'namespace' ? rest : { ...rest, group: picked.name })
}
