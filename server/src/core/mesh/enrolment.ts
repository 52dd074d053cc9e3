// Which proxy carries a pod's traffic: the truth after injection, read from the pod itself.
// Source: istio/istio:pkg/kube/inject/inject.go, istio.io "Ambient: verify mutual TLS".
import type { Gateway, Labels, Namespace, Pod } from '../istio/resources.ts'

/** What carries the traffic of a pod. */
export type ProxyKind = 'sidecar' | 'ztunnel' | 'gateway' | 'waypoint' | 'none' | 'unknown'

export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name'

/** Facts from which enrolment is decided, of a pod or of a pod template. */
export interface Enrolled {
  readonly labels: Labels
  readonly annotations: Labels
  readonly hostNetwork: boolean
  readonly containers: readonly string[]
}

/** A pod the API server knows: what is not there now is certainly not there, except what comes while the pod starts. */
export function proxyOfPod(pod: Pod, namespace: Namespace | undefined, gateway: Gateway | undefined): ProxyKind {
  const present = presentProxy(pod, gateway)
  if (present) return present
  // Redirection to ztunnel is written on a pod when its network is set up.
  return pod.phase === 'Pending' && !pod.hostNetwork && isAmbient(pod, namespace) ? 'unknown' : 'none'
}

/** A pod that only a file describes: injection has not happened yet, so the namespace's labels decide, or nothing is known. */
export function proxyOfTemplate(template: Enrolled, namespace: Namespace | undefined, gateway: Gateway | undefined): ProxyKind {
  const present = presentProxy(template, gateway)
  if (present) return present
  if (template.hostNetwork) return 'none'
  const inject = template.labels['sidecar.istio.io/inject'] ?? template.annotations['sidecar.istio.io/inject']
  if (inject !== 'false' && namespace?.labels['istio-injection'] === 'enabled') return 'sidecar'
  if (isAmbient(template, namespace)) return 'ztunnel'
  return 'unknown'
}

/** Injection wins where a namespace asks for both. */
export function isAmbientNamespace(namespace: Namespace | undefined): boolean {
  const labels = namespace?.labels ?? {}
  return labels['istio.io/dataplane-mode'] === 'ambient' && labels['istio-injection'] !== 'enabled' && !labels['istio.io/rev']
}

function isAmbient({ labels }: Enrolled, namespace: Namespace | undefined): boolean {
  const key = 'istio.io/dataplane-mode'
  return (labels[key] ?? namespace?.labels[key]) === 'ambient'
}

function presentProxy(pod: Enrolled, gateway: Gateway | undefined): ProxyKind | undefined {
  if (pod.containers.includes('istio-proxy')) {
    if (pod.labels[gatewayNameLabel] !== undefined) return gateway?.className === 'istio-waypoint' ? 'waypoint' : 'gateway'
    // A classic gateway is a proxy without an application beside it.
    return pod.containers.length === 1 ? 'gateway' : 'sidecar'
  }
  if (pod.annotations['ambient.istio.io/redirection'] === 'enabled') return 'ztunnel'
  return undefined
}
