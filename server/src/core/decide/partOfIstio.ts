// Istio's own components, which have no proxy and never will: they run the mesh and call none of its workloads as applications do.
// Labels: istio/istio manifests/charts (istio-discovery, ztunnel, istio-cni).
import type { Labels } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'

interface Labelled {
  readonly namespace: string
  readonly labels: Labels
}

/** istiod, ztunnel and the CNI node agent, where they are installed. */
export function isPartOfIstio({ namespace, labels }: Labelled, { settings }: Mesh): boolean {
  if (namespace !== settings.rootNamespace && namespace !== 'kube-system') return false
  return labels.app === 'istiod' || labels.app === 'ztunnel' || labels['k8s-app'] === 'istio-cni-node'
}
