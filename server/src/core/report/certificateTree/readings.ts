// Which pods stand for the workloads of a mesh where certificates are read, and what was read of them.
import type { Pod } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { proxyOf } from '../../mesh/workloads.ts'
import type { Presented } from './certificateNode.ts'
import type { WorkloadReading } from './tree.ts'

export interface ReadableWorkload {
  readonly workload: Workload
  /** Running, with a proxy; ready ones first, so that the first stands for the workload. */
  readonly pods: readonly [Pod, ...Pod[]]
}

/** The workloads that have a proxy to ask, by namespace and name. `filter`: words that all have to stand in name or identity. */
export function readableWorkloads(mesh: Mesh, filter: string | undefined): readonly ReadableWorkload[] {
  const words = (filter ?? '').toLowerCase().split(/\s+/)
  const found = mesh.workloads.flatMap(workload => {
    const text = `${workload.namespace}/${workload.name} sa/${workload.serviceAccount}`.toLowerCase()
    if (!words.every(word => text.includes(word))) return []
    const pods = workload.pods.filter(each => each.phase === 'Running' && !['none', 'unknown'].includes(proxyOf(each, mesh)))
    const [first, ...more] = [...pods.filter(isReady), ...pods.filter(pod => !isReady(pod))]
    return first ? [{ workload, pods: [first, ...more] as const }] : []
  })
  return found.toSorted((a, b) => compare(a.workload.namespace, b.workload.namespace) || compare(a.workload.name, b.workload.name))
}

/** Of the workloads of which any pod was read. */
export function workloadReadings(
  workloads: readonly ReadableWorkload[],
  known: (pod: Pod) => Presented | undefined,
): readonly WorkloadReading[] {
  return workloads.flatMap(({ workload: { namespace, name, ownerKind }, pods: all }) => {
    const pods = all.flatMap(pod => {
      const presented = known(pod)
      return presented ? [{ pod: { namespace: pod.namespace, name: pod.name }, presented }] : []
    })
    return pods.length > 0 ? [{ namespace, name, ownerKind, known: all.length, pods }] : []
  })
}

function isReady({ ready }: Pod): boolean {
  return ready !== false
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
