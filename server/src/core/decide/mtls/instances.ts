// What connections come from and go to: pods, machines outside Kubernetes, and templates of which no pod is known yet.
import type { ContainerPort, Labels, Pod, WorkloadEntry } from '../../istio/resources.ts'
import { isSubset } from '../../istio/selector.ts'
import type { ProxyKind } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { isPlanned, proxyOf } from '../../mesh/workloads.ts'
import { perMesh } from '../perMesh.ts'

/** As istiod sees the place where a connection ends. */
export interface Backend {
  readonly namespace: string
  readonly labels: Labels
  /** Absent: its identity is not known to istiod. */
  readonly serviceAccount?: string
  /** `istio`: it takes mTLS by what istiod knows. Absent: injection has not decided yet. */
  readonly tlsMode?: string
  /** An IP address or a DNS name. */
  readonly address?: string
}

export interface Instance extends Backend {
  readonly kind: 'Pod' | 'WorkloadEntry' | 'Template'
  readonly name: string
  readonly annotations: Labels
  readonly proxy: ProxyKind
  /** False only for a pod that is known not to be. */
  readonly ready: boolean
  /** False for a pod that starts and has no address yet. */
  readonly addressed: boolean
  /** That containers declare. */
  readonly ports: readonly ContainerPort[]
  /** Of a WorkloadEntry: by the name of the Service's port. */
  readonly portsByName: Readonly<Record<string, number>>
  /** Absent for a WorkloadEntry. */
  readonly workload?: Workload
}

export const tlsModeLabel = 'security.istio.io/tlsMode'

/** `shop/checkout-1`. */
export function nameOf({ namespace, name }: Pick<Instance, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

export function instances(mesh: Mesh): readonly Instance[] {
  return index(mesh).all
}

/** By a pod or WorkloadEntry of this name (`namespace/name`), else all of the workload with this name. */
export function instancesNamed(mesh: Mesh, name: string): readonly Instance[] {
  const { byName, byWorkload } = index(mesh)
  const one = byName.get(name)
  return one ? [one] : (byWorkload.get(name) ?? [])
}

export function instanceAt(mesh: Mesh, namespace: string, address: string): Instance | undefined {
  return index(mesh).byAddress.get(`${namespace}/${address}`)
}

/** The instances with all these labels; none for no labels. */
export function instancesWith(mesh: Mesh, namespace: string, labels: Labels): readonly Instance[] {
  const { byLabel } = index(mesh)
  const candidates = Object.entries(labels).map(([key, value]) => byLabel.get(labelKey(namespace, key, value)) ?? [])
  const fewest = candidates.toSorted((a, b) => a.length - b.length)[0] ?? []
  return fewest.filter(each => isSubset(labels, each.labels))
}

const index = perMesh(mesh => {
  const all = [...mesh.workloads.flatMap(workload => ofWorkload(workload, mesh)), ...mesh.all('WorkloadEntry').map(ofMachine)]
  const byName = new Map<string, Instance>()
  const byWorkload = new Map<string, Instance[]>()
  const byAddress = new Map<string, Instance>()
  const byLabel = new Map<string, Instance[]>()
  for (const instance of all) {
    const { namespace, address, labels, workload } = instance
    if (instance.kind !== 'Template' && !byName.has(nameOf(instance))) byName.set(nameOf(instance), instance)
    if (workload) push(byWorkload, nameOf(workload), instance)
    if (address && instance.kind === 'Pod' && !byAddress.has(`${namespace}/${address}`)) byAddress.set(`${namespace}/${address}`, instance)
    for (const [key, value] of Object.entries(labels)) push(byLabel, labelKey(namespace, key, value), instance)
  }
  return { all, byName, byWorkload, byAddress, byLabel }
})

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\0${key}\0${value}`
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

function ofWorkload(workload: Workload, mesh: Mesh): readonly Instance[] {
  if (workload.pods.length > 0) return workload.pods.map(pod => ofPod(pod, workload, mesh))
  return workload.idle ? [] : [ofTemplate(workload)]
}

function ofPod(pod: Pod, workload: Workload, mesh: Mesh): Instance {
  const { namespace, labels, serviceAccount, annotations, ports, ip } = pod
  const proxy = proxyOf(pod, mesh)
  return {
    kind: 'Pod',
    name: pod.name === '' ? workload.name : pod.name,
    namespace,
    labels,
    annotations,
    serviceAccount,
    proxy,
    ready: pod.ready !== false,
    addressed: ip !== undefined || pod.phase !== 'Pending',
    ports,
    portsByName: {},
    workload,
    ...(ip ? { address: ip } : {}),
    ...tlsModeOf(labels, isPlanned(pod) && !pod.containers.includes('istio-proxy') ? proxy : 'none'),
  }
}

function ofTemplate(workload: Workload): Instance {
  const { namespace, name, labels, serviceAccount, proxy, ports, annotations } = workload
  return {
    kind: 'Template',
    name,
    namespace,
    labels,
    annotations,
    serviceAccount,
    proxy,
    ready: true,
    addressed: true,
    ports,
    portsByName: {},
    workload,
    ...tlsModeOf(labels, proxy),
  }
}

/** Injection of a sidecar sets the label, that of a gateway does not. Source: injection-template.yaml, pilot/pkg/model/service.go. */
function tlsModeOf(labels: Labels, planned: ProxyKind): Pick<Backend, 'tlsMode'> {
  const written = labels[tlsModeLabel]
  if (written !== undefined) return { tlsMode: written }
  if (planned === 'unknown') return {}
  return { tlsMode: planned === 'sidecar' ? 'istio' : 'disabled' }
}

function ofMachine(entry: WorkloadEntry): Instance {
  const { namespace, name, annotations, workloadLabels, address, serviceAccount, ports } = entry
  const labels = { ...workloadLabels, ...entry.labels }
  const tlsMode = tlsModeOfAddress(labels, serviceAccount)
  const joined = annotations['istio.io/autoRegistrationGroup'] !== undefined
  return {
    kind: 'WorkloadEntry',
    namespace,
    name,
    labels,
    annotations,
    proxy: tlsMode === 'istio' || joined ? 'sidecar' : 'none',
    ready: true,
    addressed: true,
    ports: [],
    portsByName: ports,
    tlsMode,
    ...(address ? { address } : {}),
    ...(serviceAccount ? { serviceAccount } : {}),
  }
}

/** Outside Kubernetes an account says that there is a proxy. Source: pilot/pkg/serviceregistry/serviceentry/conversion.go. */
export function tlsModeOfAddress(labels: Labels, serviceAccount: string | undefined): string {
  return labels[tlsModeLabel] ?? (serviceAccount ? 'istio' : 'disabled')
}
