// What a label selector can hit: workloads, machines outside Kubernetes, and gateways that a controller will make.

import type { Kind, Labels, Selector } from '../istio/resources.ts'
import { selects } from '../istio/selector.ts'
import { isPlaceholder } from '../istio/values/placeholder.ts'
import { gatewayNameLabel } from '../mesh/enrolment.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { compare } from '../mesh/workloads.ts'
import { keptWith, perMesh } from './perMesh.ts'

export interface Selectable {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
}

/** Of one namespace, or of the whole mesh. */
export function selectables(mesh: Mesh, namespace?: string): readonly Selectable[] {
  return gathered(mesh)(namespace)
}

const gathered = perMesh(mesh => {
  const known = new Map<string | undefined, readonly Selectable[]>()
  return (namespace: string | undefined) => {
    const found = known.get(namespace) ?? gather(mesh, namespace)
    known.set(namespace, found)
    return found
  }
})

function gather(mesh: Mesh, namespace: string | undefined): readonly Selectable[] {
  const listed = <K extends Kind>(kind: K) => (namespace === undefined ? mesh.all(kind) : mesh.in(kind, namespace))
  const machines = [...listed('WorkloadEntry'), ...listed('WorkloadGroup')].map(({ namespace, name, workloadLabels }) => ({
    namespace,
    name,
    labels: workloadLabels,
  }))
  const gateways = listed('Gateway').map(({ namespace, name, labels }) => ({
    namespace,
    name,
    labels: { ...labels, [gatewayNameLabel]: name, 'istio.io/gateway-name': name },
  }))
  const namespaces = namespace === undefined ? [...mesh.namespaces].toSorted(compare) : [namespace]
  return [...namespaces.flatMap(each => podsIn(mesh.workloadsIn(each))), ...machines, ...gateways]
}

/** A pod of a Deployment may carry labels of its own. Most namespaces are the same from one mesh to the next. */
const podsIn = keptWith((workloads: readonly Workload[]): readonly Selectable[] =>
  workloads.flatMap(({ namespace, name, labels, pods }) =>
    pods.length > 0 ? pods.map(pod => ({ namespace, name, labels: pod.labels })) : [{ namespace, name, labels }],
  ),
)

export function selectedBy(selector: Selector | undefined, mesh: Mesh, namespace?: string): readonly Selectable[] {
  return selectables(mesh, namespace).filter(({ labels }) => selects(selector, labels))
}

const selectableKinds = ['Pod', 'WorkloadOwner', 'WorkloadEntry', 'WorkloadGroup', 'Gateway'] as const

/** Whether nothing can be selected but what is known here. */
export function knowsSelectables(mesh: Mesh, namespace?: string): boolean {
  const seen = selectableKinds.every(kind => mesh.complete(kind, namespace))
  return seen && !isPlaceholder(namespace ?? '') && !hasTemplates(mesh)
}

const hasTemplates = perMesh(mesh => {
  const beside = [...mesh.all('WorkloadEntry'), ...mesh.all('WorkloadGroup')].map(({ namespace, workloadLabels }) => ({
    namespace,
    labels: workloadLabels,
  }))
  return [...beside, ...mesh.all('Gateway')].some(isTemplated) || [...mesh.namespaces].some(each => hasTemplatesIn(mesh.workloadsIn(each)))
})

const hasTemplatesIn = keptWith((workloads: readonly Workload[]) => podsIn(workloads).some(isTemplated))

/** What it is in the end can be anything. */
function isTemplated({ namespace, labels }: Omit<Selectable, 'name'>): boolean {
  return isPlaceholder(namespace) || Object.entries(labels).flat().some(isPlaceholder)
}
