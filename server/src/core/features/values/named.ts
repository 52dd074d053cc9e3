// Things of the mesh by `namespace/name`, as policy tests name them.
import type { Mesh } from '../../mesh/mesh.ts'
import type { OfferedValue } from './value.ts'

/** By what makes the pods: names of pods do not last. */
export function workloads(mesh: Mesh): readonly OfferedValue[] {
  const owners = mesh.workloads.filter(({ name }) => name !== '').map(each => named(each, each.ownerKind))
  return [...owners, ...mesh.all('WorkloadEntry').map(each => named(each, each.kind))]
}

export function services(mesh: Mesh): readonly OfferedValue[] {
  return mesh.all('Service').map(each => named(each, each.kind))
}

export function policies(mesh: Mesh): readonly OfferedValue[] {
  return mesh.all('AuthorizationPolicy').map(each => named(each, each.action))
}

function named({ namespace, name }: { readonly namespace: string; readonly name: string }, detail: string): OfferedValue {
  return { value: `${namespace}/${name}`, detail, rank: /^(?:kube|istio)-/.test(namespace) ? 1 : 0 }
}
