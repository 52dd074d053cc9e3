// What a label selector can hit: workloads, machines outside Kubernetes, and gateways that a controller will make.

import type { Labels, Selector } from '../istio/resources.ts'
import { selects } from '../istio/selector.ts'
import { isPlaceholder } from '../istio/values/placeholder.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh } from '../mesh/mesh.ts'

export interface Selectable {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
}

/** Of one namespace, or of the whole mesh. */
export function selectables(mesh: Mesh, namespace?: string): readonly Selectable[] {
  const all = gathered.get(mesh) ?? gather(mesh)
  gathered.set(mesh, all)
  return namespace === undefined ? all : all.filter(each => each.namespace === namespace)
}

const gathered = new WeakMap<Mesh, readonly Selectable[]>()

function gather(mesh: Mesh): readonly Selectable[] {
  const machines = [...mesh.all('WorkloadEntry'), ...mesh.all('WorkloadGroup')].map(({ namespace, name, workloadLabels }) => ({
    namespace,
    name,
    labels: workloadLabels,
  }))
  const gateways = mesh.all('Gateway').map(({ namespace, name, labels }) => ({
    namespace,
    name,
    labels: { ...labels, [gatewayNameLabel]: name, 'istio.io/gateway-name': name },
  }))
  // A pod of a Deployment may carry labels of its own.
  const pods = mesh.workloads.flatMap(({ pods, ...workload }) =>
    pods.length > 0 ? pods.map(({ labels }) => ({ ...workload, labels })) : [workload],
  )
  return [...pods, ...machines, ...gateways]
}

export function selectedBy(selector: Selector | undefined, mesh: Mesh, namespace?: string): readonly Selectable[] {
  return selectables(mesh, namespace).filter(({ labels }) => selects(selector, labels))
}

/** Whether nothing can be selected but what is known here. */
export function knowsSelectables(mesh: Mesh, namespace?: string): boolean {
  const seen = mesh.complete('Pod', namespace) && mesh.complete('WorkloadEntry', namespace) && mesh.complete('Gateway', namespace)
  return seen && !isPlaceholder(namespace ?? '') && !selectables(mesh).some(isTemplated)
}

/** What it is in the end can be anything. */
function isTemplated({ namespace, labels }: Selectable): boolean {
  return isPlaceholder(namespace) || Object.entries(labels).flat().some(isPlaceholder)
}
