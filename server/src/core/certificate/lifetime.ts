// When a certificate is valid, in states and in words. "Now" is always an argument; nothing heavy is imported here, so trees may use it freely.
import { leafOf } from './path.ts'
import type { Certificate, CertificateReport } from './report.ts'

type Lifetime = Pick<Certificate, 'notBefore' | 'notAfter'>

export type LifetimeState = 'valid' | 'expired' | 'not-yet-valid'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** Both ends belong to the validity (RFC 5280 §4.1.2.5). */
export function lifetimeState(certificate: Lifetime, now: string): LifetimeState {
  if (Date.parse(now) < Date.parse(certificate.notBefore)) return 'not-yet-valid'
  return Date.parse(now) > Date.parse(certificate.notAfter) ? 'expired' : 'valid'
}

/** When Istio's agent and ztunnel renew a workload certificate: at half of its life (SECRET_GRACE_PERIOD_RATIO 0.5). RFC 3339. */
export function renewalAt(certificate: Lifetime): string {
  const from = Date.parse(certificate.notBefore)
  return rfc3339(from + (Date.parse(certificate.notAfter) - from) / 2)
}

/** Whether the renewal is overdue. Istio spreads renewals by ±1 % of the life (SECRET_GRACE_PERIOD_RATIO_JITTER), which is waited for. */
export function renewalDue(certificate: Lifetime, now: string): boolean {
  const life = Date.parse(certificate.notAfter) - Date.parse(certificate.notBefore)
  return Date.parse(now) > Date.parse(renewalAt(certificate)) + life * 0.01
}

/** `11 h left`, `expired 3 h ago`. */
export function timeLeft(notAfter: string, now: string): string {
  const left = Date.parse(notAfter) - Date.parse(now)
  return left < 0 ? `expired ${duration(-left)} ago` : `${duration(left)} left`
}

/** One rounded-down figure that people say: `45 s`, `12 min`, `11 h`, `5 days`, `9 years`. Takes milliseconds. */
export function duration(milliseconds: number): string {
  if (milliseconds < minute) return `${Math.floor(milliseconds / second)} s`
  if (milliseconds < hour) return `${Math.floor(milliseconds / minute)} min`
  if (milliseconds < 2 * day) return `${Math.floor(milliseconds / hour)} h`
  if (milliseconds < 2 * year) return `${Math.floor(milliseconds / day)} days`
  return `${Math.floor(milliseconds / year)} years`
}

/** `5 h 12 min`: for what people wait for. Takes milliseconds. */
export function exactDuration(milliseconds: number): string {
  const minutes = Math.floor((milliseconds % hour) / minute)
  return milliseconds >= hour && milliseconds < 2 * day && minutes > 0 ? `${duration(milliseconds)} ${minutes} min` : duration(milliseconds)
}

/** RFC 3339 in UTC without fractions. Throws a RangeError for a time that is none. */
export function rfc3339(time: number | Date): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

export interface CertificateStanding {
  readonly state: LifetimeState | 'renewal-due' | 'warming' | 'unreadable'
  /** RFC 3339; absent where no certificate could be read. */
  readonly notAfter?: string
}

/** How the workload certificate of a report stands, in one word. Files are not renewed by themselves, so `renewal-due` is for proxies only. */
export function certificateState(report: CertificateReport, now: string): CertificateStanding {
  const workloads = report.entries.filter(entry => entry.role === 'workload')
  const held = workloads.find(entry => entry.chain.length > 0)
  const leaf = held === undefined ? undefined : leafOf(held)
  if (leaf === undefined) return { state: workloads.some(entry => entry.state === 'warming') ? 'warming' : 'unreadable' }
  const state = lifetimeState(leaf, now)
  const renewed = report.source !== 'pem' && report.source !== 'der'
  return { state: state === 'valid' && renewed && renewalDue(leaf, now) ? 'renewal-due' : state, notAfter: leaf.notAfter }
}
