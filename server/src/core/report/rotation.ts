// What changes about a proxy's certificate while somebody watches: one line when it is seen first, one when it rotates, one warning for what is overdue.
import { harmless } from '../certificate/harmless.ts'
import { duration, exactDuration, lifetimeState, renewalAt, renewalDue, timeLeft } from '../certificate/lifetime.ts'
import { leafOf } from '../certificate/path.ts'
import type { Certificate, CertificateEntry, CertificateReport } from '../certificate/report.ts'

/** How the workload certificate of a proxy is at one moment. */
export interface Standing {
  readonly entry: CertificateEntry | undefined
  readonly leaf: Certificate | undefined
}

/** `at` is RFC 3339. */
export interface Moment {
  readonly standing: Standing
  readonly at: string
}

export function standingOf(report: CertificateReport): Standing {
  const workloads = report.entries.filter(({ role }) => role === 'workload')
  const entry = workloads.find(({ chain }) => chain.length > 0) ?? workloads[0]
  return { entry, leaf: entry && leafOf(entry) }
}

/** What is worth a line; empty where nothing changed. `before` is how it was at the reading before this. */
export function changeLines(before: Moment | undefined, after: Moment): readonly string[] {
  const warning = overdue(after)
  const rotated = before !== undefined && isRotated(before.standing, after.standing)
  return [
    ...(before === undefined
      ? [stateLine(after.standing, after.at)]
      : rotated
        ? [rotationLine(before.standing, after.standing, after.at)]
        : []),
    ...(warning === undefined || (before !== undefined && warning === overdue(before)) ? [] : [`warning  ${warning}`]),
  ]
}

/** Age, next renewal, last change: what is rewritten while nothing else happens. */
export function stateLine({ entry, leaf }: Standing, at: string): string {
  if (leaf === undefined) return `no certificate${entry?.state === 'warming' ? ': the proxy waits for it' : ''}`
  const age = Date.parse(at) - Date.parse(leaf.notBefore)
  const changed = entry?.lastUpdated === undefined ? [] : [`last change ${harmless(entry.lastUpdated)}`]
  return [
    `serial ${leaf.serial}`,
    `${exactDuration(Math.max(age, 0))} old`,
    ...renewal(leaf, at),
    timeLeft(leaf.notAfter, at),
    ...changed,
  ].join(' · ')
}

/** When the next reading tells something new, in milliseconds: shortly after the renewal that is awaited, at most a minute, at least 5 seconds. */
export function nextReading({ leaf }: Standing, at: string): number {
  const wait = leaf === undefined ? 0 : Date.parse(renewalAt(leaf)) - Date.parse(at) + 2_000
  return Math.min(Math.max(wait, 5_000), 60_000)
}

function isRotated(before: Standing, after: Standing): boolean {
  return before.leaf?.sha256 !== after.leaf?.sha256 || before.leaf?.serial !== after.leaf?.serial
}

function rotationLine(before: Standing, after: Standing, at: string): string {
  if (after.leaf === undefined) return `the certificate is gone (serial ${before.leaf?.serial})`
  const was = before.leaf === undefined ? 'there was none before' : `before: serial ${before.leaf.serial}, until ${before.leaf.notAfter}`
  return `${before.leaf === undefined ? 'arrived' : 'rotated'}: new ${stateLine(after, at)} · until ${after.leaf.notAfter} · ${was}`
}

function renewal(leaf: Certificate, at: string): readonly string[] {
  if (lifetimeState(leaf, at) !== 'valid') return []
  const wait = Date.parse(renewalAt(leaf)) - Date.parse(at)
  return [wait > 0 ? `renews in ${exactDuration(wait)}` : `renewal due since ${duration(-wait)}`]
}

/** Without figures that count, so that the same state is the same sentence. */
function overdue({ standing: { entry, leaf }, at }: Moment): string | undefined {
  if (entry?.state === 'warming')
    return 'The proxy waits for its certificate. Check that istiod is reachable from the pod and accepts its token.'
  if (leaf === undefined) return 'The proxy holds no certificate. Check that istiod is reachable from the pod.'
  if (lifetimeState(leaf, at) === 'expired')
    return `The certificate ${leaf.serial} expired at ${leaf.notAfter}: new handshakes fail. Restart the pod.`
  return renewalDue(leaf, at)
    ? `The certificate ${leaf.serial} was to be renewed at ${renewalAt(leaf)} and was not. Check that istiod is reachable from the pod before ${leaf.notAfter}.`
    : undefined
}
