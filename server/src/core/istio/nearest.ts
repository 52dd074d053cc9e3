// "Did you mean …": the one candidate close enough to be a slip of the fingers.

/** The nearest candidate, or undefined where none is near or two are equally near. */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  let best: string | undefined
  let distance = limit + 1
  for (const candidate of candidates) {
    if (candidate === typed || Math.abs(candidate.length - typed.length) > limit) continue
    const steps = typosBetween(typed.toLowerCase(), candidate.toLowerCase(), limit)
    if (steps < distance) {
      best = candidate
      distance = steps
    } else if (steps === distance && steps <= limit) best = undefined
  }
  return best
}

/** Letters added, left out, changed or swapped with a neighbour; `limit + 1` for anything further apart. */
function typosBetween(a: string, b: string, limit: number): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let steps = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps = Math.min(steps, (before[j - 2] ?? 0) + 1)
      row.push(steps)
    }
    if (Math.min(...row) > limit) return limit + 1
    before = last
    last = row
  }
  return last[b.length] ?? limit + 1
}
