// What mode a server port really has: PeerAuthentications of mesh, namespace and workload composed as istiod composes them.
// Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication), pilot/pkg/model/authentication.go.
import type { PeerAuthentication, PeerAuthenticationMode } from '../istio/resources.ts'
import { namesWorkloads, selects } from '../istio/selector.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { compare } from '../mesh/workloads.ts'

export type MtlsMode = Exclude<PeerAuthenticationMode, 'UNSET'>

/** A mode and the policy whose words decide it; no policy: Istio's default, PERMISSIVE. */
export interface Decided {
  readonly mode: MtlsMode
  readonly policy?: PeerAuthentication
}

export interface EffectiveMtls extends Decided {
  /** Ports (of the container, not of the Service) with an entry of their own in the workload's policy. */
  readonly ports: readonly ({ readonly port: number } & Decided)[]
}

export type Level = 'mesh' | 'namespace' | 'workload'

/** What a policy can decide; undefined for one that istiod ignores: a selector in the root namespace. */
export function levelOf(policy: PeerAuthentication, rootNamespace: string): Level | undefined {
  if (namesWorkloads(policy.selector)) return policy.namespace === rootNamespace ? undefined : 'workload'
  return policy.namespace === rootNamespace ? 'mesh' : 'namespace'
}

export interface Server {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

/** The mode of every port of a workload. One policy per level counts: the oldest, then the first by name. */
export function effectiveMtls(mesh: Mesh, server: Server): EffectiveMtls {
  const { rootNamespace } = mesh.settings
  const namespaces = new Set([rootNamespace, server.namespace])
  const candidates = [...namespaces]
    .flatMap(namespace => mesh.in('PeerAuthentication', namespace))
    .filter(policy => selects(policy.selector, server.labels))
  const winner = (level: Level) => candidates.filter(policy => levelOf(policy, rootNamespace) === level).toSorted(byAge)[0]
  const workload = winner('workload')
  const decided = [winner('mesh'), winner('namespace'), workload].reduce<Decided>((inherited, policy) => over(inherited, policy), {
    mode: 'PERMISSIVE',
  })
  const ports = (workload?.portLevelMtls ?? []).map(({ port, mode }) => ({ port: port.value, ...over(decided, workload, mode?.value) }))
  return { ...decided, ports }
}

/** What a port of the server accepts. */
export function modeOfPort(mtls: EffectiveMtls, port: number): Decided {
  return mtls.ports.findLast(each => each.port === port) ?? mtls
}

function over(inherited: Decided, policy: PeerAuthentication | undefined, mode = policy?.mode?.value): Decided {
  return policy && mode && mode !== 'UNSET' ? { mode, policy } : inherited
}

/** Oldest first; what has no age yet (a file) comes last. Source: pilot/pkg/model/config.go (configCompareByCreationTime). */
export function byAge(a: PeerAuthentication, b: PeerAuthentication): number {
  return compare(a.created ?? '9', b.created ?? '9') || compare(a.name, b.name) || compare(a.namespace, b.namespace)
}

/** The workloads a policy covers, as far as they are known; none for a policy that istiod ignores. */
export function selectedBy(policy: PeerAuthentication, mesh: Mesh): readonly Workload[] {
  const level = levelOf(policy, mesh.settings.rootNamespace)
  if (!level) return []
  if (level === 'mesh') return mesh.workloads
  return mesh.workloadsIn(policy.namespace).filter(workload => selects(policy.selector, workload.labels))
}
