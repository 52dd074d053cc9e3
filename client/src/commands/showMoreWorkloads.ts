// The last row below one with very many children: show the next of them.
import type { Handler } from '../app.ts'
import type { MoreRow } from '../views/workloads/rows.ts'

export const showMoreWorkloads: Handler = ({ workloads }, target) => {
  if (isMore(target)) workloads.showMore(target)
}

function isMore(target: unknown): target is MoreRow {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'more'
}
