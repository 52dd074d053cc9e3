// What rows of the trees have in common, whatever the view. Pure.

/** Says in the tree that a connected cluster has nothing to show, and why. */
export interface EmptyNode<Because extends string> {
  readonly kind: 'empty'
  readonly id: string
  readonly context: string
  readonly because: 'filter' | Because
}

/** Unique in the tree, and the same as long as the row means the same: two clusters may well have a pod of the same name. */
export function rowKey({ context, id }: { readonly id: string; readonly context?: string }): string {
  return context === undefined ? id : `${context} ${id}`
}

/** The children of a row, with a row that says so where a connected cluster has nothing to show. */
export function orEmpty<Row, Because extends string>(
  parent: { readonly kind: string; readonly context?: string } | undefined,
  rows: readonly Row[],
  because: 'filter' | Because,
): readonly (Row | EmptyNode<Because>)[] {
  if (parent?.kind !== 'cluster' || parent.context === undefined || rows.length > 0) return rows
  return [{ kind: 'empty', id: 'empty', context: parent.context, because }]
}
