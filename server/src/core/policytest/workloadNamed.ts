// The workload that a name means: `namespace/name` of a Pod, or of what makes it.
import { instancesNamed } from '../decide/mtls/instances.ts'
import { perMesh } from '../decide/perMesh.ts'
import { nearest } from '../istio/nearest.ts'
import type { Pod, WorkloadEntry } from '../istio/resources.ts'
import { isIpAddress } from '../istio/values/ipAddress.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { proxyOf } from '../mesh/workloads.ts'

/** A Pod named exactly wins, whatever makes it; undefined for a name that nothing known here has. */
export function workloadNamed(mesh: Mesh, name: string): Workload | undefined {
  return index(mesh)(name)
}

/** The address of the one pod or machine it is; undefined for several. */
export function onlyAddress({ ownerKind, namespace, name, pods }: Workload, mesh: Mesh): string | undefined {
  if (ownerKind !== 'WorkloadEntry') return pods.length === 1 ? pods[0]?.ip : undefined
  const address = mesh.find('WorkloadEntry', namespace, name)?.address
  return address !== undefined && isIpAddress(address) ? address : undefined
}

/** The name of a workload that was probably meant. */
export function workloadMeant(mesh: Mesh, name: string): string | undefined {
  return nearest(name, [...owners(mesh).keys(), ...mesh.all('WorkloadEntry').map(keyOf)])
}

/** Whether a name that nothing has here is nobody's. */
export function knowsWorkloads(mesh: Mesh, name: string): boolean {
  const [namespace = ''] = name.split('/')
  return (['Pod', 'WorkloadOwner', 'WorkloadEntry'] as const).every(kind => mesh.complete(kind, namespace))
}

/** Of several owners with one name. */
const order: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicaSet']

/** Each name is looked up once, so that the same name is the same object. */
const index = perMesh(mesh => {
  const known = new Map<string, { readonly workload: Workload | undefined }>()
  return (name: string) => {
    const found = known.get(name) ?? { workload: find(mesh, name) }
    known.set(name, found)
    return found.workload
  }
})

function find(mesh: Mesh, key: string): Workload | undefined {
  const [namespace = '', name = ''] = key.split('/')
  const pod = mesh.find('Pod', namespace, name)
  if (pod) return ofPods([pod], { name, ownerKind: 'Pod' }, mesh)
  const owner = owners(mesh).get(key)
  if (owner) return owner
  const replicas = mesh.in('Pod', namespace).filter(each => each.owner?.kind === 'ReplicaSet' && each.owner.name === name)
  const replicaSet = ofPods(replicas, { name, ownerKind: 'ReplicaSet' }, mesh)
  if (replicaSet) return replicaSet
  const entry = mesh.find('WorkloadEntry', namespace, name)
  return entry && ofEntry(entry, mesh)
}

const owners = perMesh(mesh => {
  const byName = new Map<string, Workload>()
  for (const workload of mesh.workloads) {
    const key = keyOf(workload)
    const other = byName.get(key)
    if (workload.name !== '' && (!other || rankOf(workload) < rankOf(other))) byName.set(key, workload)
  }
  return byName
})

function rankOf({ ownerKind }: Workload): number {
  return order.includes(ownerKind) ? order.indexOf(ownerKind) : order.length
}

function ofPods(pods: readonly Pod[], called: Pick<Workload, 'name' | 'ownerKind'>, mesh: Mesh): Workload | undefined {
  const [first] = pods
  if (!first) return undefined
  const { namespace, labels, annotations, serviceAccount, ports } = first
  return { ...called, namespace, labels, annotations, serviceAccount, proxy: proxyOf(first, mesh), pods, ports }
}

function ofEntry(entry: WorkloadEntry, mesh: Mesh): Workload {
  const { namespace, name, annotations, workloadLabels, serviceAccount = '' } = entry
  const [instance] = instancesNamed(mesh, keyOf(entry))
  const { proxy, labels } = instance ?? { proxy: 'unknown', labels: workloadLabels }
  const ports = Object.entries(entry.ports).map(([name, port]) => ({ name, port }))
  return { namespace, name, ownerKind: 'WorkloadEntry', labels, annotations, serviceAccount, proxy, pods: [], ports }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
