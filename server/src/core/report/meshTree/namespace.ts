// A namespace as a row: its default mode, how its pods come into the mesh, and what needs attention in it.
import { namespaceMtls } from '../../decide/mtls/server.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { count } from '../words.ts'
import { enrolmentOf } from './enrolment.ts'
import { findingsOf } from './findings.ts'
import type { NamespaceNode } from './nodes.ts'
import { policyOf } from './workload.ts'

/** Of the workloads that are shown: all, or those that a filter leaves. */
export function namespaceNode(name: string, shown: readonly Workload[], mesh: Mesh): NamespaceNode {
  const dataplane = dataplaneOf(mesh.workloadsIn(name))
  const { mode, policy } = namespaceMtls(mesh, name)
  const findings = shown.reduce((sum, workload) => sum + findingsOf(workload, mesh).length, 0)
  const enrolment = enrolmentOf(name, mesh)
  const waypoints = mesh
    .workloadsIn(name)
    .filter(each => each.proxy === 'waypoint')
    .map(each => `waypoint ${each.labels[gatewayNameLabel] ?? each.name}`)
  const enforced =
    dataplane === 'none' ? ['no proxies'] : dataplane === 'ambient' ? [`${mode} by ztunnel`, ...waypoints] : [mode, ...waypoints]
  const counts = [count(shown.length, 'workload'), ...(findings > 0 ? [count(findings, 'finding')] : [])]
  return {
    kind: 'namespace',
    id: `namespace/${name}`,
    name,
    dataplane,
    workloads: shown.length,
    findings,
    description: [...enforced, ...counts].join(' · '),
    ...(dataplane === 'none' ? {} : { mode, ...policyOf(policy) }),
    ...(enrolment ? { enrolment } : {}),
  }
}

export function dataplaneOf(workloads: readonly Workload[]): NamespaceNode['dataplane'] {
  const proxies = new Set(workloads.map(each => each.proxy))
  const sidecars = proxies.has('sidecar') || proxies.has('gateway')
  const ambient = proxies.has('ztunnel')
  return sidecars && ambient ? 'mixed' : sidecars ? 'sidecar' : ambient ? 'ambient' : 'none'
}
