// One measure: our cost as a ratio to a floor.
import { median } from './process.ts'

export interface Measure {
  readonly name: string
  readonly floor: string
  /** The ratio to stay below, where one is promised. */
  readonly goal?: number
  /** Our cost over the floor's: median of the pairs, with the smallest and the largest. */
  readonly ratio: number
  readonly from: number
  readonly to: number
  /** Our cost in milliseconds, the median. */
  readonly milliseconds: number
  /** What `milliseconds` counts instead. */
  readonly unit?: 'kB'
}

/** Both answer milliseconds. */
export function pairs(name: string, floor: string, rounds: number, ours: () => number, base: () => number): Measure {
  const taken = Array.from({ length: rounds }, () => ({ ours: ours(), base: base() }))
  const ratios = taken.map(each => each.ours / each.base)
  return {
    name,
    floor,
    ratio: median(ratios),
    from: Math.min(...ratios),
    to: Math.max(...ratios),
    milliseconds: median(taken.map(each => each.ours)),
  }
}

export function timed(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}
