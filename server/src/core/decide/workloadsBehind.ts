// The workloads that an object of Kubernetes or Istio stands for.
import type { AuthorizationPolicy, Resource, Service, ServiceAccount, WorkloadOwner } from '../istio/resources.ts'
import { isSubset } from '../istio/selector.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { protectedBy, workloadsOf } from './attachment.ts'

export type StandsForWorkloads = AuthorizationPolicy | Service | ServiceAccount | WorkloadOwner

const kinds: readonly string[] = [
  'AuthorizationPolicy',
  'Service',
  'ServiceAccount',
  'WorkloadOwner',
] satisfies StandsForWorkloads['kind'][]

export function standsForWorkloads(resource: Resource): resource is StandsForWorkloads {
  return kinds.includes(resource.kind) && resource.name !== ''
}

/** Whom a policy protects, whom a Service leads to, who runs as an account, what an owner makes; as far as they are known. */
export function workloadsBehind(resource: StandsForWorkloads, mesh: Mesh): readonly Workload[] {
  const { namespace, name } = resource
  switch (resource.kind) {
    case 'AuthorizationPolicy': {
      const served = protectedBy(resource, mesh)
      return served.length > 0 ? served : workloadsOf(resource, mesh)
    }
    case 'Service':
      if (Object.keys(resource.selector).length === 0) return []
      return mesh.workloadsIn(namespace).filter(({ labels }) => isSubset(resource.selector, labels))
    case 'ServiceAccount':
      return mesh.workloadsIn(namespace).filter(({ serviceAccount }) => serviceAccount === name)
    case 'WorkloadOwner':
      return mesh.workloadsIn(namespace).filter(each => each.name === name && each.ownerKind === resource.ownerKind)
  }
}
