// The mesh as a tree for people: namespaces, their workloads, their pods, each with its mode and identity in one line.
import { effectiveMtls, type MtlsMode } from '../decide/mtls/server.ts'
import type { Pod } from '../istio/resources.ts'
import { formatPrincipal } from '../istio/values/principal.ts'
import { gatewayNameLabel, type ProxyKind } from '../mesh/enrolment.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { proxyOf } from '../mesh/workloads.ts'
import { count } from './words.ts'

export type { MtlsMode } from '../decide/mtls/server.ts'
export type { ProxyKind } from '../mesh/enrolment.ts'

export interface NamespaceNode {
  readonly kind: 'namespace'
  readonly id: string
  readonly name: string
  /** Effective mode of the namespace for workloads without a policy of their own; absent where no workload has a proxy. */
  readonly mode?: MtlsMode
  readonly dataplane: 'sidecar' | 'ambient' | 'mixed' | 'none'
  readonly workloads: number
  /** One line for the tree, such as `STRICT · 3 workloads`. */
  readonly description: string
}

export interface WorkloadNode {
  readonly kind: 'workload'
  readonly id: string
  readonly namespace: string
  readonly name: string
  /** Kind of the owner: Deployment, StatefulSet, DaemonSet, Job, Pod … */
  readonly owner: string
  readonly proxy: ProxyKind
  readonly mode: MtlsMode
  /** The PeerAuthentication that decides, `namespace/name`; absent = the built-in default. */
  readonly policy?: string
  readonly ports: readonly { readonly port: number; readonly mode: MtlsMode; readonly policy?: string }[]
  readonly description: string
  /** A sentence where something needs attention: no proxy, account missing … */
  readonly note?: string
}

export interface PodNode {
  readonly kind: 'pod'
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly proxy: ProxyKind
  readonly phase: string
  readonly serviceAccount: string
  /** SPIFFE id without `spiffe://`; absent where no proxy presents one. */
  readonly identity?: string
  readonly description: string
  readonly note?: string
}

export type MeshNode = NamespaceNode | WorkloadNode | PodNode

/** Children of a node by its id; the namespaces that have workloads for no parent; nothing for an id that is gone. */
export function meshNodes(mesh: Mesh, parent: string | undefined): readonly MeshNode[] {
  if (parent === undefined) return namespaceNodes(mesh)
  const [kind, namespace = '', name = ''] = parent.split('/')
  const workloads = mesh.workloadsIn(namespace)
  if (kind === 'namespace') return workloads.map(workload => workloadNode(workload, mesh))
  return workloads
    .filter(each => kind === 'workload' && `${each.ownerKind}.${each.name}` === name)
    .flatMap(each => each.pods.map(pod => podNode(pod, mesh)))
}

function namespaceNodes(mesh: Mesh): readonly NamespaceNode[] {
  const names = [...new Set(mesh.workloads.map(each => each.namespace))]
  const nodes = names.map(name => namespaceNode(name, mesh))
  // What is in the mesh comes first; system namespaces without a proxy are seldom what somebody looks for.
  return nodes.toSorted((a, b) => Number(a.dataplane === 'none') - Number(b.dataplane === 'none'))
}

function namespaceNode(name: string, mesh: Mesh): NamespaceNode {
  const workloads = mesh.workloadsIn(name)
  const proxies = new Set(workloads.map(each => each.proxy))
  const sidecars = proxies.has('sidecar') || proxies.has('gateway')
  const ambient = proxies.has('ztunnel')
  const dataplane = sidecars && ambient ? 'mixed' : sidecars ? 'sidecar' : ambient ? 'ambient' : 'none'
  const { mode } = effectiveMtls(mesh, { namespace: name, labels: {} })
  const waypoints = workloads
    .filter(each => each.proxy === 'waypoint')
    .map(each => `waypoint ${each.labels[gatewayNameLabel] ?? each.name}`)
  const enforced =
    dataplane === 'none' ? ['no proxies'] : dataplane === 'ambient' ? [`${mode} by ztunnel`, ...waypoints] : [mode, ...waypoints]
  return {
    kind: 'namespace',
    id: `namespace/${name}`,
    name,
    dataplane,
    workloads: workloads.length,
    description: [...enforced, count(workloads.length, 'workload')].join(' · '),
    ...(dataplane === 'none' ? {} : { mode }),
  }
}

function workloadNode(workload: Workload, mesh: Mesh): WorkloadNode {
  const { namespace, name, proxy, ownerKind } = workload
  const mtls = effectiveMtls(mesh, workload)
  const policyOf = (policy: typeof mtls.policy) => (policy ? { policy: `${policy.namespace}/${policy.name}` } : {})
  const note = noteOf(workload, mtls.mode, mesh)
  return {
    kind: 'workload',
    id: `workload/${namespace}/${ownerKind}.${name}`,
    namespace,
    name,
    owner: ownerKind,
    proxy,
    mode: mtls.mode,
    ports: mtls.ports.map(each => ({ port: each.port, mode: each.mode, ...policyOf(each.policy) })),
    description: describeWorkload(
      workload,
      mtls.mode,
      mtls.ports.filter(each => each.mode !== mtls.mode),
    ),
    ...policyOf(mtls.policy),
    ...(note ? { note } : {}),
  }
}

function describeWorkload({ proxy }: Workload, mode: MtlsMode, exceptions: readonly { port: number; mode: MtlsMode }[]): string {
  if (proxy === 'none') return 'no proxy'
  if (proxy === 'gateway' || proxy === 'waypoint') return proxy
  const by = proxy === 'ztunnel' ? ' by ztunnel' : ''
  return [`${mode}${by}`, ...exceptions.map(each => `${each.port} ${each.mode}`)].join(' · ')
}

function noteOf(workload: Workload, mode: MtlsMode, mesh: Mesh): string | undefined {
  const bare = workload.pods.filter(pod => proxyOf(pod, mesh) === 'none')
  if (bare.length > 0 && bare.length === workload.pods.length)
    return mode === 'STRICT' ? 'No proxy: STRICT is not enforced here.' : 'No proxy: it takes no part in mTLS and has no identity.'
  if (bare.length > 0) return `${count(bare.length, 'pod')} of ${workload.pods.length} without a proxy: ${mode} is not enforced there.`
  const account = mesh.presence('ServiceAccount', workload.namespace, workload.serviceAccount)
  return account === 'absent'
    ? `Service account "${workload.serviceAccount}" is gone: new pods cannot start and certificates cannot be renewed.`
    : undefined
}

function podNode(pod: Pod, mesh: Mesh): PodNode {
  const { namespace, name, serviceAccount, phase = 'Unknown' } = pod
  const proxy = proxyOf(pod, mesh)
  const state = phase === 'Running' ? (pod.ready === false ? ['not ready'] : []) : [phase]
  const parts = [`sa/${serviceAccount}`, ...(proxy === 'none' ? ['no proxy'] : []), ...state]
  return {
    kind: 'pod',
    id: `pod/${namespace}/${name}`,
    namespace,
    name,
    proxy,
    phase,
    serviceAccount,
    description: parts.join(' · '),
    ...(proxy === 'none' ? { note: 'No proxy: it presents no certificate, and policies are not enforced here.' } : {}),
    ...(proxy === 'none' || proxy === 'unknown'
      ? {}
      : { identity: formatPrincipal({ trustDomain: mesh.settings.trustDomain, namespace, serviceAccount }) }),
  }
}
