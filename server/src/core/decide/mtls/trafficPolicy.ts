// What a DestinationRule says of one port, for the host or a subset.
// Source: istio/istio:pilot/pkg/networking/util/util.go (GetPortLevelTrafficPolicy, MergeSubsetTrafficPolicy).
import type { ClientTls, TrafficPolicy, TrafficSettings } from '../../istio/resources.ts'

/** The settings of a cluster. Those of a port stand instead of the others, even where they say nothing of TLS. */
export function settingsAt(host: TrafficPolicy | undefined, subset: TrafficPolicy | undefined, port: number): TrafficSettings {
  const outer = ofPort(host, port) ?? host ?? {}
  const own = ofPort(subset, port)
  const { tls, loadBalancer } = own ?? { ...outer, ...withoutPorts(subset) }
  return { ...(tls ? { tls } : {}), ...(loadBalancer ? { loadBalancer } : {}) }
}

/**
 * The TLS that endpoint discovery goes by. It looks further than the cluster does: past port settings without `tls` to those around them.
 * Source: pilot/pkg/xds/endpoints/mtls_checker.go (tlsModeForDestinationRule).
 */
export function discoveredTls(host: TrafficPolicy | undefined, subset: TrafficPolicy | undefined, port: number): ClientTls | undefined {
  return tlsFor(subset, port) ?? tlsFor(host, port)
}

function tlsFor(policy: TrafficPolicy | undefined, port: number): ClientTls | undefined {
  return policy?.ports.find(each => each.port?.value === port && each.tls)?.tls ?? policy?.tls
}

function ofPort(policy: TrafficPolicy | undefined, port: number): TrafficSettings | undefined {
  return policy?.ports.find(each => each.port?.value === port)
}

function withoutPorts(policy: TrafficPolicy | undefined): TrafficSettings {
  const { ports: _, ...settings } = policy ?? { ports: [] }
  return settings
}
