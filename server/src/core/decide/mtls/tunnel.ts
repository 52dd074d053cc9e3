// Who takes HBONE beside ztunnel and waypoints. Source: istio/istio:pilot/pkg/model/service.go (SupportsTunnel), pkg/kube/inject (the label is
// given to sidecars where ambient is installed: ISTIO_META_ENABLE_HBONE).
import type { Labels } from '../../istio/resources.ts'
import type { Workload } from '../../mesh/mesh.ts'
import { isPlanned } from '../../mesh/workloads.ts'

export function takesHbone(labels: Labels): boolean {
  return labels['networking.istio.io/tunnel'] === 'http'
}

/** Whether the ztunnel of the caller certainly sends what the application says, as it is: no pod of this sidecar's takes HBONE. */
export function isPlaintextFromAmbient(from: Workload, to: Workload): boolean {
  if (from.proxy !== 'ztunnel' || to.proxy !== 'sidecar') return false
  return to.pods.length > 0 && to.pods.every(pod => !isPlanned(pod) && !takesHbone(pod.labels))
}
