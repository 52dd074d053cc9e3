// Pods gathered into the workloads people think in: a Deployment, a StatefulSet, a pod of its own.
import type { ContainerPort, Pod, WorkloadOwner } from '../istio/resources.ts'
import { gatewayNameLabel, type ProxyKind, proxyOfPod, proxyOfTemplate, type Surroundings } from './enrolment.ts'
import type { Mesh, Workload } from './mesh.ts'

type Gathered = Pick<Mesh, 'in' | 'find' | 'complete'>

/** The workloads of one namespace: those with pods, then those that only a file describes. The same array as long as nothing changed of which they are made. */
export function gatherWorkloads(mesh: Gathered, namespace: string): readonly Workload[] {
  const pods = mesh.in('Pod', namespace)
  const made = [
    pods,
    mesh.in('WorkloadOwner', namespace),
    mesh.in('Gateway', namespace),
    mesh.find('Namespace', '', namespace),
    mesh.complete('Namespace'),
    mesh.complete('Pod', namespace),
  ] as const
  const known = kept.get(pods)
  if (known?.of.every((each, index) => each === made[index])) return known.workloads
  const workloads = gather(mesh, namespace)
  if (pods.length > 0) kept.set(pods, { of: made, workloads })
  return workloads
}

interface Kept {
  readonly of: readonly unknown[]
  readonly workloads: readonly Workload[]
}

/** By the pods of a namespace. */
const kept = new WeakMap<readonly Pod[], Kept>()

/** Finished pods are none. */
function gather(mesh: Gathered, namespace: string): readonly Workload[] {
  const groups = new Map<string | Pod, { readonly owner: Owner; readonly pods: Pod[] }>()
  for (const pod of mesh.in('Pod', namespace)) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue
    const owner = ownerOf(pod)
    // Pods that get their name from the API server are not one pod.
    const key = owner.name === '' ? pod : keyOf(pod.namespace, owner)
    const group = groups.get(key)
    if (group) group.pods.push(pod)
    else groups.set(key, { owner, pods: [pod] })
  }
  const workloads: Workload[] = []
  const named = new Set<string>()
  for (const { owner, pods } of groups.values()) {
    const [first] = pods
    if (!first) continue
    named.add(keyOf(first.namespace, owner))
    workloads.push({
      namespace: first.namespace,
      name: owner.name,
      ownerKind: owner.kind,
      labels: first.labels,
      annotations: first.annotations,
      serviceAccount: first.serviceAccount,
      proxy: commonProxy(pods.map(pod => proxyOf(pod, mesh))),
      pods,
      ports: portsOf(pods),
    })
  }
  for (const owner of mesh.in('WorkloadOwner', namespace)) {
    const hasPods = named.has(keyOf(owner.namespace, { kind: owner.ownerKind, name: owner.name }))
    if (owner.name === '' || !hasPods) workloads.push(fromTemplate(owner, mesh))
  }
  return workloads.toSorted((a, b) => compare(a.name, b.name))
}

/** Which proxy carries this pod's traffic; `unknown` for a pod of a file that injection may still change. */
export function proxyOf(pod: Pod, mesh: Surrounded): ProxyKind {
  const around = { ...surroundings(pod.namespace, mesh), gateway: gatewayOf(pod, mesh) }
  return isPlanned(pod) ? proxyOfTemplate(pod, around) : proxyOfPod(pod, around)
}

/** Whether only a file describes it, so that it is not injected yet. */
export function isPlanned(pod: Pod): boolean {
  return pod.source.from === 'file' && pod.phase === undefined
}

type Surrounded = Pick<Mesh, 'find' | 'complete'>

function surroundings(name: string, mesh: Surrounded): Surroundings {
  const namespace = mesh.find('Namespace', '', name)
  return { namespace, complete: () => namespace?.source.from === 'cluster' || mesh.complete('Namespace') }
}

function gatewayOf(pod: Pod, mesh: Surrounded) {
  const name = pod.labels[gatewayNameLabel]
  return name === undefined ? undefined : mesh.find('Gateway', pod.namespace, name)
}

function fromTemplate(owner: WorkloadOwner, mesh: Surrounded): Workload {
  const { template } = owner
  return {
    namespace: owner.namespace,
    name: owner.name,
    ownerKind: owner.ownerKind,
    labels: template.labels,
    annotations: template.annotations,
    serviceAccount: template.serviceAccount,
    proxy: proxyOfTemplate({ ...template, namespace: owner.namespace }, surroundings(owner.namespace, mesh)),
    pods: [],
    ports: template.ports,
    ...(owner.source.from === 'cluster' && mesh.complete('Pod', owner.namespace) ? { idle: true } : {}),
  }
}

interface Owner {
  readonly kind: string
  readonly name: string
}

function keyOf(namespace: string, { kind, name }: Owner): string {
  return `${namespace}/${kind}/${name}`
}

/** A ReplicaSet of a Deployment is named after it and the hash of its template. */
export function ownerOf(pod: Pod): Owner {
  if (!pod.owner) return { kind: 'Pod', name: pod.name }
  const hash = pod.labels['pod-template-hash']
  if (pod.owner.kind === 'ReplicaSet' && hash && pod.owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: pod.owner.name.slice(0, -hash.length - 1) }
  }
  return pod.owner
}

function commonProxy(proxies: readonly ProxyKind[]): ProxyKind {
  const [first = 'unknown'] = proxies
  // Half-injected: the pods with a proxy decide what the workload is, the others are told apart pod by pod.
  return proxies.every(each => each === first) ? first : (proxies.find(each => each !== 'none' && each !== 'unknown') ?? 'unknown')
}

function portsOf(pods: readonly Pod[]): readonly ContainerPort[] {
  const ports = new Map(pods.flatMap(pod => pod.ports.map(port => [port.port, port])))
  return [...ports.values()].toSorted((a, b) => a.port - b.port)
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
