// On the way to STRICT: what a workload would refuse that reaches it today, and the exception that keeps it working meanwhile.
import type { PeerAuthentication, Pod } from '../istio/resources.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { proxyOf } from '../mesh/workloads.ts'
import { type EffectiveMtls, effectiveMtls, selectedBy } from './mtls/server.ts'
import { isPartOfIstio } from './partOfIstio.ts'
import { serverPorts, servicesOf } from './ports.ts'

/** Someone who can only call in plaintext, so STRICT would shut them out. */
export interface PlaintextCaller {
  readonly kind: 'workload-without-proxy' | 'outside-the-cluster'
  /** The workload, or the Service that opens the server to the outside. */
  readonly name: string
  readonly namespace: string
  /** Ports of the workload they can reach. */
  readonly ports: readonly number[]
}

export interface Blocked {
  readonly workload: Workload
  readonly callers: readonly PlaintextCaller[]
  /** Pods of the workload itself without a proxy: STRICT is not enforced there. */
  readonly bare: readonly Pod[]
}

/**
 * The workloads whose mode a policy decides and that its STRICT would change for somebody, and servers where nothing
 * would enforce it; empty where nothing is known to stand in the way.
 */
export function blockedBy(policy: PeerAuthentication, mesh: Mesh): readonly Blocked[] {
  return selectedBy(policy, mesh)
    .filter(workload => workload.proxy === 'sidecar' || workload.proxy === 'ztunnel' || workload.proxy === 'none')
    .filter(workload => !isPartOfIstio(workload, mesh))
    .map(workload => ({ workload, mtls: effectiveMtls(mesh, workload) }))
    .filter(({ mtls }) => decides(policy, mtls))
    .map(({ workload, mtls }) => ({
      workload,
      callers: plaintextCallers(workload, mtls, mesh),
      bare: workload.pods.filter(pod => proxyOf(pod, mesh) === 'none'),
    }))
    .filter(
      ({ workload, callers, bare }) =>
        (bare.length > 0 && servicesOf(workload, mesh).length > 0) || (workload.proxy !== 'none' && callers.length > 0),
    )
}

/** A policy that another one overrides changes nothing there; one that may count is taken at its word. */
function decides(policy: PeerAuthentication, mtls: EffectiveMtls): boolean {
  return [mtls.policy, ...mtls.undecided].some(each => each?.namespace === policy.namespace && each.name === policy.name)
}

/** Workloads of the same namespace without a proxy, and Services that let callers in from outside the cluster. */
function plaintextCallers(workload: Workload, mtls: EffectiveMtls, mesh: Mesh): readonly PlaintextCaller[] {
  // A port with a mode of its own keeps it.
  const changes = (port: number) => mtls.mode !== 'STRICT' && !mtls.ports.some(each => each.port === port)
  const services = servicesOf(workload, mesh)
  const ports = serverPorts(workload, mesh).filter(each => each.servicePorts.length > 0 && changes(each.port))
  if (ports.length === 0) return []
  const outside = services
    .filter(service => service.type === 'LoadBalancer' || service.type === 'NodePort')
    .map(service => ({
      kind: 'outside-the-cluster' as const,
      name: service.name,
      namespace: service.namespace,
      ports: ports.map(each => each.port),
    }))
  const neighbours = mesh
    .workloadsIn(workload.namespace)
    .filter(each => each !== workload && !isPartOfIstio(each, mesh) && each.pods.some(pod => proxyOf(pod, mesh) === 'none'))
    .map(({ name, namespace }) => ({ kind: 'workload-without-proxy' as const, name, namespace, ports: ports.map(each => each.port) }))
  return [...neighbours, ...outside]
}

/** Labels that name this workload and no other of its namespace; the fewest that do. */
export function labelsNaming(workload: Workload, mesh: Mesh): Readonly<Record<string, string>> | undefined {
  const usable = Object.entries(workload.labels).filter(
    ([key]) =>
      !/(^|\/)(pod-template-hash|controller-revision-hash|statefulset\.kubernetes\.io.*|pod-index|canonical-.*)$|istio\.io\//.test(key),
  )
  const preferred = usable.toSorted(([a], [b]) => rank(a) - rank(b))
  const names = (labels: readonly (readonly [string, string])[]) =>
    mesh.workloadsIn(workload.namespace).filter(other => labels.every(([key, value]) => other.labels[key] === value)).length === 1
  const one = preferred.find(label => names([label]))
  if (one) return Object.fromEntries([one])
  return usable.length > 0 && names(usable) ? Object.fromEntries(usable) : undefined
}

function rank(key: string): number {
  const known = ['app', 'app.kubernetes.io/name', 'app.kubernetes.io/instance'].indexOf(key)
  return known < 0 ? 9 : known
}
