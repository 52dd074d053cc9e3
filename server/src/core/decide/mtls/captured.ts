// Connections that pass a sidecar by, because an annotation of the pod says so.
// Source: istio/istio:manifests/charts/istio-control/istio-discovery/files/injection-template.yaml, tools/istio-iptables.
import type { Instance } from './instances.ts'

type Annotated = Pick<Instance, 'proxy' | 'annotations'>

/** Whether the sidecar takes what arrives at this port. */
export function takesInbound({ proxy, annotations }: Annotated, port: number): boolean {
  if (proxy !== 'sidecar') return true
  const included = annotations['traffic.sidecar.istio.io/includeInboundPorts'] ?? '*'
  return lists(included, port) && !lists(annotations['traffic.sidecar.istio.io/excludeInboundPorts'], port)
}

/** Whether the sidecar takes what the application sends to this port of a Service. */
export function takesOutbound({ proxy, annotations }: Annotated, port: number): boolean {
  return proxy !== 'sidecar' || !lists(annotations['traffic.sidecar.istio.io/excludeOutboundPorts'], port)
}

function lists(ports: string | undefined, port: number): boolean {
  const all = ports?.split(',').map(each => each.trim()) ?? []
  return all.includes('*') || all.includes(String(port))
}
