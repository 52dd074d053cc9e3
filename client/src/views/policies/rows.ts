// What the Policies view shows: rows of the server, and what stands where there are none. Pure.
import type { FindingNode, FromContext, MoreNode, PolicyNode, PolicyRow as ServerRow } from '../../../../server/src/protocol.ts'
import type { ProblemNode } from '../item.ts'
import { type EmptyNode, orEmpty } from '../rows.ts'

export type PolicyRow = PolicyNode & FromContext
export type FindingRow = FindingNode & FromContext
export type MorePoliciesRow = MoreNode & FromContext

export type NoPolicyNode = EmptyNode<'no-policy'>

export type PoliciesRow = ServerRow | NoPolicyNode | ProblemNode

export function withEmpty(parent: PoliciesRow | undefined, rows: readonly ServerRow[], filter: string): readonly PoliciesRow[] {
  return orEmpty(parent, rows, filter === '' ? 'no-policy' : 'filter')
}

export function isPolicyRow(target: unknown): target is PolicyRow {
  return isRowOf('policy', target) && 'policyKind' in target
}

export function isFindingRow(target: unknown): target is FindingRow {
  return isRowOf('finding', target) && 'documentation' in target
}

export function isMoreRow(target: unknown): target is MorePoliciesRow {
  return isRowOf('more', target)
}

function isRowOf(kind: PoliciesRow['kind'], target: unknown): target is object {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === kind && 'context' in target
}
