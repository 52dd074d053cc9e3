// Where "now" lies in the life of a certificate: the bar of the page and its headline. Pure.
import type { Certificate } from '../../../../server/src/protocol.ts'
import { duration } from '../../time.ts'

export interface Validity {
  readonly standing: 'ok' | 'warning' | 'error'
  /** `valid · renews in 5 h 12 min`, `expired 3 h ago`. */
  readonly headline: string
  /** RFC 3339; absent where nothing renews the certificate by itself. */
  readonly renewal?: string
  /** Share of the life that is over, in percent, between 0 and 100. */
  readonly nowPercent: number
}

// Istio's agent and ztunnel renew at half of the life (SECRET_GRACE_PERIOD_RATIO 0.5), spread by up to 1 % of it.
const renewalRatio = 0.5
const renewalSpread = 0.01

/** `renewed`: whether Istio renews this certificate, as it does for workloads and not for gateway secrets or roots. */
export function validity(certificate: Pick<Certificate, 'notBefore' | 'notAfter'>, renewed: boolean, now: string): Validity {
  const from = Date.parse(certificate.notBefore)
  const until = Date.parse(certificate.notAfter)
  const at = Date.parse(now)
  const life = Math.max(until - from, 1)
  const nowPercent = Math.min(Math.max(((at - from) / life) * 100, 0), 100)
  if (at < from) return { standing: 'error', headline: `not valid yet · starts in ${duration(from - at)}`, nowPercent }
  if (at > until) return { standing: 'error', headline: `expired ${duration(at - until)} ago`, nowPercent }
  if (!renewed) return { standing: 'ok', headline: `valid · ${duration(until - at)} left`, nowPercent }
  const renewsAt = from + life * renewalRatio
  const renewal = new Date(renewsAt).toISOString()
  if (at > renewsAt + life * renewalSpread) {
    const headline = `valid · ${duration(until - at)} left · renewal overdue by ${duration(at - renewsAt)}`
    return { standing: 'warning', headline, renewal, nowPercent }
  }
  return {
    standing: 'ok',
    headline: `valid · ${at < renewsAt ? `renews in ${duration(renewsAt - at)}` : 'renews now'}`,
    renewal,
    nowPercent,
  }
}
