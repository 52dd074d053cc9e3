// Things found by how a text of theirs begins.
import { compare } from '../../mesh/workloads.ts'

export class SortedTexts<T> {
  private readonly entries: readonly (readonly [text: string, of: T])[]

  constructor(entries: readonly (readonly [text: string, of: T])[]) {
    this.entries = entries.toSorted(([a], [b]) => compare(a, b))
  }

  beginningWith(prefix: string): readonly T[] {
    const found: T[] = []
    for (let at = this.firstFrom(prefix); ; at++) {
      const entry = this.entries[at]
      if (!entry?.[0].startsWith(prefix)) return found
      found.push(entry[1])
    }
  }

  private firstFrom(text: string): number {
    let [low, high] = [0, this.entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.entries[middle]?.[0] ?? '') < text) low = middle + 1
      else high = middle
    }
    return low
  }
}
