// Workloads for people at a terminal: the rows of the tree as a table, and what needs attention in sentences.
import type { Mesh } from '../../mesh/mesh.ts'
import { columns } from '../table.ts'
import { list, wrap } from '../words.ts'
import type { PodNode, WorkloadNode } from './nodes.ts'
import { podNode, workloadNode } from './workload.ts'

export interface WorkloadRow extends WorkloadNode {
  readonly rows: readonly PodNode[]
}

/** Of these namespaces, with their pods. */
export function workloadRows(mesh: Mesh, namespaces: readonly string[]): readonly WorkloadRow[] {
  return [...new Set(namespaces)].flatMap(namespace =>
    mesh.workloadsIn(namespace).map(workload => ({
      ...workloadNode(workload, mesh, 'namespace'),
      rows: workload.pods.map(pod => podNode(pod, workload, mesh)),
    })),
  )
}

/** Lines without colour. */
export function workloadLines(workloads: readonly WorkloadRow[], width?: number): readonly string[] {
  if (workloads.length === 0) return ['No workload is known in the namespaces that are read.']
  const table = workloads.map(each => [
    `${each.namespace}/${each.name}`,
    each.owner,
    each.description,
    `${each.pods.ready}/${each.pods.all}`,
    each.serviceAccount,
    versionsOf(each),
  ])
  const findings = workloads.flatMap(({ namespace, name, findings, policyProblems }) =>
    [...findings.map(({ message }) => message), ...policyProblems].map(sentence => `${namespace}/${name}: ${sentence}`),
  )
  return [
    ...columns([['WORKLOAD', 'KIND', 'MTLS', 'READY', 'ACCOUNT', 'PROXY'], ...table], width),
    ...(findings.length > 0 ? ['', ...findings.flatMap(finding => wrap(finding, width ?? Number.POSITIVE_INFINITY))] : []),
  ]
}

/** `sidecar 1.30.1`. */
function versionsOf({ proxy, rows }: WorkloadRow): string {
  const versions = [...new Set(rows.flatMap(({ proxyVersion }) => proxyVersion ?? []))]
  return [proxy, ...(versions.length > 0 ? [list(versions)] : [])].join(' ')
}
