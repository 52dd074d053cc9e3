// What is asked about a connection: two pods, what their proxies said of themselves, and what configuration means for them.
import type { CertificateReport } from '../../certificate/report.ts'
import type { ProxyKind } from '../../mesh/enrolment.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import type { ZtunnelConfig } from '../../proxy/ztunnelConfig.ts'
import type { Meant } from './meant.ts'

export interface ConnectionQuestion {
  readonly from: End
  readonly to: End
  /** Of the server's workload. */
  readonly port: number
  /** RFC 3339: the instant that validity is judged at. */
  readonly now: string
  /** Absent: no configuration is known, only what the proxies have. */
  readonly meant?: Meant
}

/** A pod at one end. */
export interface End {
  readonly namespace: string
  readonly name: string
  readonly proxy: ProxyKind
  readonly addresses: readonly string[]
  /** `spiffe://…` of the pod's service account; absent where the account or the trust domain is not known. */
  readonly expectedIdentity?: string
  /** What its proxy said. Absent: there is no proxy, or it could not be asked. */
  readonly live?: Live
  /** Why its proxy could not be asked. */
  readonly silent?: string
  /** What to do about that. */
  readonly remedy?: string
}

export interface Live {
  readonly envoy?: EnvoyConfig
  readonly ztunnel?: ZtunnelConfig
  readonly certificates: CertificateReport
}

/** `shop/checkout-1`. */
export function nameOf({ namespace, name }: Pick<End, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

/** Whether the server's proxy takes the connection: there is one, and no annotation leads the port past it. */
export function enforces({ to, meant }: Pick<ConnectionQuestion, 'to' | 'meant'>): boolean {
  return hasProxy(to) && !meant?.bypassed?.to
}

/** `spiffe://…` that an end shows: what counts, not what it should show. A ztunnel has the certificates of all pods of its node. */
export function shownIdentity({ live, proxy, expectedIdentity }: End): string | undefined {
  if (proxy === 'ztunnel') return expectedIdentity
  const shown = live?.certificates.entries.find(({ role, chain }) => role === 'workload' && chain.length > 0)
  return shown?.chain[0]?.identity ?? expectedIdentity
}

export function hasProxy({ proxy }: Pick<End, 'proxy'>): boolean {
  return proxy !== 'none'
}
