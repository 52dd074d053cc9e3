// An open cluster as a row of a view: its name, its state in a line, and what is missing or unsafe below the pointer. Pure.
import type { ClusterRow } from '../../../server/src/protocol.ts'
import { situation, statusLines } from '../state.ts'
import type { Item } from './item.ts'

export function clusterItem(row: ClusterRow): Item {
  return {
    id: row.id,
    label: row.name,
    description: row.description,
    ...icon(row),
    tooltip: [...statusLines(row.state), ...(row.judging ? ['Files are judged against it.'] : []), ...(row.facts ?? [])],
    spoken: `cluster ${row.name}, ${row.description}`,
    kind: row.kind,
    children: row.judging ? 'open' : 'closed',
  }
}

function icon({ state }: ClusterRow): Pick<Item, 'icon' | 'tone'> {
  switch (state.kind) {
    case 'connecting':
      return { icon: 'loading~spin' }
    case 'connected':
      if (state.insecure) return { icon: 'unlock', tone: 'warning' }
      return { icon: situation(state) === 'connected' ? 'server-environment' : 'circle-slash' }
    default:
      return { icon: 'warning', tone: 'warning' }
  }
}
