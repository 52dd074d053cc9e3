// When a page looks again, and what it says when the certificate is another one than before. Pure.
import type { Certificate } from '../../../../server/src/protocol.ts'
import { leafOf } from './chain.ts'
import type { Inspection, Rotation } from './page.ts'

const second = 1000
const minute = 60 * second

/** `undefined` where the same certificate is still there, or one of them is missing. */
export function rotationOf(before: Inspection | undefined, after: Inspection): Rotation | undefined {
  const was = before && workloadLeaf(before)
  const is = workloadLeaf(after)
  return was && is && was.sha256 !== is.sha256 ? { seenAt: after.readAt, before: was } : undefined
}

/** Milliseconds: shortly after the renewal that is awaited, at most a minute, at least 5 seconds. `now`: since 1970. */
export function nextLook(shown: Inspection, now: number): number {
  const leaf = workloadLeaf(shown)
  const renewal = leaf ? (Date.parse(leaf.notBefore) + Date.parse(leaf.notAfter)) / 2 + 2 * second : now
  return Math.min(Math.max(renewal - now, 5 * second), minute)
}

function workloadLeaf({ report }: Inspection): Certificate | undefined {
  const entry = report.entries.find(({ role, chain }) => role === 'workload' && chain.length > 0)
  return entry && leafOf(entry)
}
