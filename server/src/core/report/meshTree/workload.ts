// A workload and its pods as rows.
import { bindingOf } from '../../decide/ambient/waypoint.ts'
import { effectiveOf, type MtlsMode } from '../../decide/mtls/server.ts'
import { own } from '../../istio/own.ts'
import type { PeerAuthentication, Pod } from '../../istio/resources.ts'
import { isSubset } from '../../istio/selector.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import type { ProxyKind } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { proxyOf } from '../../mesh/workloads.ts'
import { everyRule } from '../policies/liveFindings.ts'
import { count, list } from '../words.ts'
import { findingsOf, findingsOfPod } from './findings.ts'
import type { PodNode, WorkloadNode } from './nodes.ts'
import { type PolicyProblems, policyProblems } from './policyProblems.ts'
import { proxyVersion } from './proxyVersion.ts'

export function workloadId({ namespace, ownerKind, name }: Workload): string {
  return `workload/${namespace}/${ownerKind}.${name}`
}

/** `within` says where it stands: below its namespace, or beside those of others. */
export function workloadNode(workload: Workload, mesh: Mesh, within: 'namespace' | 'group', rules = everyRule): WorkloadNode {
  const { namespace, name, proxy, ownerKind, serviceAccount, pods } = workload
  const mtls = effectiveOf(mesh, workload)
  const findings = findingsOf(workload, mesh)
  const ready = pods.filter(isReady).length
  const enforcer = enforcerOf(workload, mesh)
  const problems = policyProblems(workload, mesh, rules)
  const exceptions = mtls.ports.filter(each => each.mode !== mtls.mode)
  const parts = [
    ...(within === 'group' ? [namespace] : []),
    describeMode(workload, mtls.mode, exceptions),
    ...(workload.idle ? ['no pods'] : []),
    ...(ready < pods.length ? [`${ready} of ${count(pods.length, 'pod')} ready`] : []),
    ...(findings.length > 0 ? [count(findings.length, 'finding')] : []),
    ...(problems.length > 0 ? [count(problems.length, 'faulty policy', 'faulty policies')] : []),
  ]
  return {
    kind: 'workload',
    id: workloadId(workload),
    namespace,
    name,
    owner: ownerKind,
    proxy,
    mode: mtls.mode,
    ports: mtls.ports.map(each => ({ port: each.port, mode: each.mode, ...policyOf(each.policy) })),
    pods: { ready, all: pods.length },
    serviceAccount,
    description: parts.join(' · '),
    findings,
    policyProblems: problems.map(inWords),
    ...policyOf(mtls.policy),
    ...identityOf(workload, proxy, mesh),
    ...(enforcer ? { enforcer } : {}),
  }
}

/** `AuthorizationPolicy shop/pay has 1 error and 2 warnings.` */
function inWords({ policy, errors, warnings }: PolicyProblems): string {
  const counts = [...(errors > 0 ? [count(errors, 'error')] : []), ...(warnings > 0 ? [count(warnings, 'warning')] : [])]
  return `${policy} has ${list(counts)}.`
}

export function policyOf(policy: PeerAuthentication | undefined): { readonly policy?: string } {
  return policy ? { policy: `${policy.namespace}/${policy.name}` } : {}
}

function describeMode(workload: Workload, mode: MtlsMode, exceptions: readonly { port: number; mode: MtlsMode }[]): string {
  const { proxy } = workload
  const part = partOfIstio(workload)
  if (part) return part
  if (proxy === 'none') return 'no proxy'
  if (proxy === 'gateway' || proxy === 'waypoint') return proxy
  const by = proxy === 'ztunnel' ? ' by ztunnel' : ''
  return [`${mode}${by}`, ...exceptions.map(each => `${each.port} ${each.mode}`)].join(' · ')
}

const parts: Readonly<Record<string, string>> = { istiod: 'control plane', ztunnel: 'ztunnel' }

/** What others need to be in the mesh is not in it itself. */
function partOfIstio({ labels, namespace, ownerKind }: Workload): string | undefined {
  return namespace !== '' && ownerKind !== 'Pod' && labels['sidecar.istio.io/inject'] === 'false' ? own(parts, labels.app ?? '') : undefined
}

const enforcers: Readonly<Partial<Record<ProxyKind, string>>> = {
  sidecar: 'Policies are enforced by the sidecar.',
  gateway: 'Policies are enforced by the gateway.',
  waypoint: 'It enforces the policies of what it serves.',
}

/** In ambient mode ztunnel enforces what needs no look into requests, a waypoint what comes through it. */
function enforcerOf(workload: Workload, mesh: Mesh): string | undefined {
  if (workload.proxy !== 'ztunnel') return enforcers[workload.proxy]
  const waypoints = waypointsOf(workload, mesh)
  return waypoints.length > 0
    ? `Policies are enforced by ztunnel, and by the waypoint ${list(waypoints)} for what comes through it.`
    : 'Policies are enforced by ztunnel.'
}

/** Of the workload itself, and of the Services that lead to it. */
function waypointsOf(workload: Workload, mesh: Mesh): readonly string[] {
  const services = mesh
    .in('Service', workload.namespace)
    .filter(({ selector }) => Object.keys(selector).length > 0 && isSubset(selector, workload.labels))
  const bindings = [bindingOf(workload, 'workload', mesh), ...services.map(service => bindingOf(service, 'service', mesh))]
  return [...new Set(bindings.flatMap(each => (each.is === 'bound' ? `"${each.waypoint.name}"` : [])))]
}

export function podNode(pod: Pod, workload: Workload, mesh: Mesh): PodNode {
  const { namespace, name, serviceAccount, phase = 'Unknown' } = pod
  const proxy = proxyOf(pod, mesh)
  const version = proxyVersion(pod, mesh)
  const state = phase === 'Running' ? (pod.ready === false ? ['not ready'] : []) : [phase]
  const carrier = partOfIstio(workload) ?? (proxy === 'none' ? 'no proxy' : proxy === 'unknown' ? undefined : proxy)
  const parts = [`sa/${serviceAccount}`, ...(carrier ? [version ? `${carrier} ${version}` : carrier] : []), ...state]
  return {
    kind: 'pod',
    id: `pod/${namespace}/${name}`,
    namespace,
    name,
    workload: workloadId(workload),
    proxy,
    phase,
    serviceAccount,
    description: parts.join(' · '),
    findings: findingsOfPod(pod, workload, mesh),
    ...(version ? { proxyVersion: version } : {}),
    ...identityOf(pod, proxy, mesh),
  }
}

function identityOf(
  { namespace, serviceAccount }: Pick<Workload, 'namespace' | 'serviceAccount'>,
  proxy: ProxyKind,
  mesh: Mesh,
): { readonly identity?: string } {
  if (proxy === 'none' || proxy === 'unknown') return {}
  return { identity: formatPrincipal({ trustDomain: mesh.settings.trustDomain, namespace, serviceAccount }) }
}

function isReady({ phase, ready }: Pod): boolean {
  return ready ?? phase === 'Running'
}
