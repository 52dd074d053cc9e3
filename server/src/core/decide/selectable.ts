// What a label selector can hit: workloads, machines outside Kubernetes, and gateways that a controller will make.
import type { Labels, Selector } from '../istio/resources.ts'
import { selects } from '../istio/selector.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh } from '../mesh/mesh.ts'

export interface Selectable {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
}

/** Of one namespace, or of the whole mesh. */
export function selectables(mesh: Mesh, namespace?: string): readonly Selectable[] {
  const machines = [...mesh.all('WorkloadEntry'), ...mesh.all('WorkloadGroup')].map(({ workloadLabels, ...machine }) => ({
    namespace: machine.namespace,
    name: machine.name,
    labels: workloadLabels,
  }))
  const gateways = mesh.all('Gateway').map(gateway => ({
    namespace: gateway.namespace,
    name: gateway.name,
    labels: { ...gateway.labels, [gatewayNameLabel]: gateway.name, 'istio.io/gateway-name': gateway.name },
  }))
  // A pod of a Deployment may carry labels of its own.
  const pods = mesh.workloads.flatMap(({ pods, ...workload }) =>
    pods.length > 0 ? pods.map(({ labels }) => ({ ...workload, labels })) : [workload],
  )
  const all = [...pods, ...machines, ...gateways]
  return namespace === undefined ? all : all.filter(each => each.namespace === namespace)
}

export function selectedBy(selector: Selector | undefined, mesh: Mesh, namespace?: string): readonly Selectable[] {
  return selectables(mesh, namespace).filter(({ labels }) => selects(selector, labels))
}

/** Whether nothing can be selected but what is known here. */
export function knowsSelectables(mesh: Mesh, namespace?: string): boolean {
  return mesh.complete('Pod', namespace) && mesh.complete('WorkloadEntry', namespace) && mesh.complete('Gateway', namespace)
}
