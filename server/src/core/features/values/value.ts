// One value that completion can offer, with where it comes from.

export interface OfferedValue {
  readonly value: string
  /** Short: what it is or where it comes from. */
  readonly detail: string
  /** Smaller comes first. */
  readonly rank: number
}
