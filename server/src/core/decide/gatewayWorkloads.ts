// Which workloads take the servers of a Gateway. Source: istio/istio:pilot/pkg/model/push_context.go (mergeGateways).
import type { IstioGateway } from '../istio/resources.ts'
import { isSubset, isTemplated, selects } from '../istio/selector.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'

/** Of every namespace; none for a selector that is filled in later. */
export function workloadsOfGateway({ selector }: IstioGateway, mesh: Mesh): readonly Workload[] {
  if (!selector || selector.labels.length === 0 || isTemplated(selector)) return []
  return mesh.workloads.filter(({ labels }) => selects(selector, labels))
}

/** Whether every proxy of one is a proxy of the other, or a known one is of both. */
export function shareProxy(one: IstioGateway, other: IstioGateway, mesh: Mesh): boolean {
  const labels = labelsOf(one)
  const others = labelsOf(other)
  if (isSubset(labels, others) && isSubset(others, labels)) return true
  const theirs = workloadsOfGateway(other, mesh)
  return workloadsOfGateway(one, mesh).some(each => theirs.includes(each))
}

export function labelsOf({ selector }: IstioGateway): Readonly<Record<string, string>> {
  return Object.fromEntries((selector?.labels ?? []).map(({ key, value }) => [key.value, value.value]))
}
