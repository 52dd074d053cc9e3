// Which proxy carries a pod's traffic: the truth after injection, read from the pod itself, or what injection will do to a template.
// Source: istio/istio:pkg/kube/inject/inject.go (injectRequired), manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
// and revision-tags-mwc.yaml, istio.io "Ambient: verify mutual TLS".
import type { Gateway, Labels, Namespace, Pod } from '../istio/resources.ts'

/** What carries the traffic of a pod. */
export type ProxyKind = 'sidecar' | 'ztunnel' | 'gateway' | 'waypoint' | 'none' | 'unknown'

export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name'

/** Facts from which enrolment is decided, of a pod or of a pod template. */
export interface Enrolled {
  readonly namespace: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly hostNetwork: boolean
  readonly containers: readonly string[]
}

/** What stands around a pod. */
export interface Surroundings {
  readonly namespace?: Namespace | undefined
  readonly gateway?: Gateway | undefined
  /** Whether the labels of the namespace are all that it has: nobody adds some besides the file that describes it. */
  complete(): boolean
}

/** A pod the API server knows: what is not there now is certainly not there, except what comes while the pod starts. */
export function proxyOfPod(pod: Pod, { namespace, gateway, complete }: Surroundings): ProxyKind {
  const present = presentProxy(pod, gateway)
  if (present) return present
  // Redirection to ztunnel is written on a pod when its network is set up.
  return pod.phase === 'Pending' && !pod.hostNetwork && isAmbient(pod, { namespace, complete }) ? 'unknown' : 'none'
}

/** A pod that only a file describes, before any injection. Whoever asks for a revision or a tag is taken to have one installed. */
export function proxyOfTemplate(template: Enrolled, around: Surroundings): ProxyKind {
  const present = presentProxy(template, around.gateway)
  if (present) return present
  if (template.hostNetwork || systemNamespaces.includes(template.namespace)) return 'none'
  const injection = injectionOf(template, around)
  if (injection === 'yes') return /\bgateway\b/.test(template.annotations['inject.istio.io/templates'] ?? '') ? 'gateway' : 'sidecar'
  const ambient = isAmbient(template, around)
  if (ambient === undefined) return 'unknown'
  return ambient ? 'ztunnel' : injection === 'no' ? 'none' : 'unknown'
}

/** Where the injector ignores every pod, whatever it asks for. */
const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']

/**
 * Which of the webhooks fires, if any, and what the injector then makes of the pod. `istio-injection` outranks `istio.io/rev`
 * of the namespace, and both outrank the pod, which can only refuse.
 */
function injectionOf({ labels, annotations }: Enrolled, { namespace, complete }: Surroundings): 'yes' | 'no' | 'unknown' {
  const wanted = labels['sidecar.istio.io/inject']
  if (wanted === 'false') return 'no'
  // The annotation counts only where there is no label.
  const injected = wanted === undefined && annotations['sidecar.istio.io/inject'] === 'false' ? 'no' : 'yes'
  if (!namespace) return injected === 'no' ? 'no' : 'unknown'
  const injection = namespace.labels['istio-injection']
  if (injection !== undefined) return injection === 'enabled' ? injected : 'no'
  if (namespace.labels['istio.io/rev'] !== undefined) return injected
  if (!complete()) return injected === 'no' ? 'no' : 'unknown'
  return labels['istio.io/rev'] !== undefined || wanted === 'true' ? injected : 'no'
}

/** Injection wins where a namespace asks for both. */
export function isAmbientNamespace(namespace: Namespace | undefined): boolean {
  const labels = namespace?.labels ?? {}
  return labels[dataplaneMode] === 'ambient' && labels['istio-injection'] !== 'enabled' && !labels['istio.io/rev']
}

const dataplaneMode = 'istio.io/dataplane-mode'

/** The pod's own label outranks its namespace's; undefined where neither is known. */
function isAmbient({ labels }: Enrolled, { namespace, complete }: Omit<Surroundings, 'gateway'>): boolean | undefined {
  const mode = labels[dataplaneMode] ?? namespace?.labels[dataplaneMode]
  return mode === undefined && !(namespace && complete()) ? undefined : mode === 'ambient'
}

function presentProxy(pod: Enrolled, gateway: Gateway | undefined): ProxyKind | undefined {
  if (pod.containers.includes('istio-proxy')) {
    if (pod.labels[gatewayNameLabel] !== undefined) return gateway?.className === 'istio-waypoint' ? 'waypoint' : 'gateway'
    if (pod.containers.length > 1) return 'sidecar'
    // A classic gateway is a proxy without an application beside it; ztunnel looks the same and serves others, not itself.
    return pod.labels.app === 'ztunnel' ? 'none' : 'gateway'
  }
  if (pod.annotations['ambient.istio.io/redirection'] === 'enabled') return 'ztunnel'
  return undefined
}
