// The rows that the tree was given: which are open, what lies above each, and what the tree has to be told when they are other ones. Pure.
import { isDeepStrictEqual } from 'node:util'
import { rowKey } from '../rows.ts'
import type { WorkloadsRow } from './rows.ts'

/** What to tell the tree: everything below a row (`undefined`: below none), or rows by themselves. */
export type Change =
  | { readonly kind: 'below'; readonly row: WorkloadsRow | undefined }
  | { readonly kind: 'rows'; readonly rows: readonly WorkloadsRow[] }

interface Known {
  /** By which the tree knows the row; stays the same while the row is shown. */
  readonly element: WorkloadsRow
  current: WorkloadsRow
  readonly parent: WorkloadsRow | undefined
}

export class KnownRows {
  readonly #known = new Map<string, Known>()
  /** Children by the key of their parent; the topmost rows by ''. */
  readonly #open = new Map<string, { readonly parent: WorkloadsRow | undefined; readonly keys: readonly string[] }>()

  /** Whose children are shown, the topmost first. */
  get open(): readonly (WorkloadsRow | undefined)[] {
    return [...this.#open.values()].map(({ parent }) => parent)
  }

  isOpen(parent: WorkloadsRow | undefined): boolean {
    return this.#open.has(keyOf(parent))
  }

  /** What the row of this element is now. */
  current(element: WorkloadsRow): WorkloadsRow {
    return this.#known.get(rowKey(element))?.current ?? element
  }

  parentOf(element: WorkloadsRow): WorkloadsRow | undefined {
    return this.#known.get(rowKey(element))?.parent
  }

  children(parent: WorkloadsRow | undefined): readonly WorkloadsRow[] {
    return (this.#open.get(keyOf(parent))?.keys ?? []).flatMap(key => this.#known.get(key)?.element ?? [])
  }

  /** These are the children of a row now; undefined where the tree shows just that already. */
  take(parent: WorkloadsRow | undefined, rows: readonly WorkloadsRow[]): Change | undefined {
    const before = this.#open.get(keyOf(parent))
    const keys = rows.map(rowKey)
    const changed = rows.filter(row => !isDeepStrictEqual(this.#known.get(rowKey(row))?.current, row))
    const gone = before?.keys.filter(key => !keys.includes(key)) ?? []
    for (const key of gone) this.#forget(key)
    for (const row of rows) this.#remember(row, parent)
    this.#open.set(keyOf(parent), { parent, keys })
    if (!before || !isDeepStrictEqual(before.keys, keys)) return { kind: 'below', row: parent }
    return changed.length > 0 ? { kind: 'rows', rows: changed.map(row => this.#known.get(rowKey(row))?.element ?? row) } : undefined
  }

  /** Rows that lead from the topmost to the last, of which some may not be shown yet; answers with the last as the tree knows it. */
  lead(rows: readonly WorkloadsRow[]): WorkloadsRow | undefined {
    let above: WorkloadsRow | undefined
    for (const row of rows) above = this.#remember(row, above)
    return above
  }

  /** The children of a row are not shown any more. */
  close(parent: WorkloadsRow): void {
    const closed = this.#open.get(rowKey(parent))
    this.#open.delete(rowKey(parent))
    for (const key of closed?.keys ?? []) this.#forget(key)
  }

  #remember(row: WorkloadsRow, parent: WorkloadsRow | undefined): WorkloadsRow {
    const key = rowKey(row)
    const known = this.#known.get(key)
    const element = known?.element ?? row
    this.#known.set(key, { element, current: row, parent })
    return element
  }

  #forget(key: string): void {
    const known = this.#known.get(key)
    this.#known.delete(key)
    if (known) this.close(known.element)
  }
}

function keyOf(row: WorkloadsRow | undefined): string {
  return row ? rowKey(row) : ''
}
