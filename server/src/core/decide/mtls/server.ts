// What mode a server port really has: PeerAuthentications of mesh, namespace and workload composed as istiod composes them.
// Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication), pilot/pkg/model/authentication.go.
import type { PeerAuthentication, PeerAuthenticationMode } from '../../istio/resources.ts'
import { namesWorkloads, selects } from '../../istio/selector.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { perMesh } from '../perMesh.ts'

export type MtlsMode = Exclude<PeerAuthenticationMode, 'UNSET'>

/** A mode and the policy whose words decide it; no policy: Istio's default, PERMISSIVE. */
export interface Decided {
  readonly mode: MtlsMode
  readonly policy?: PeerAuthentication
}

export interface EffectiveMtls extends Decided {
  /** Ports (of the container, not of the Service) to which the workload's policy gives a mode of their own. */
  readonly ports: readonly ({ readonly port: number } & Decided)[]
  /** Policies of one level of which the oldest decides, and no age is known: files. Empty where the answer is certain. */
  readonly undecided: readonly PeerAuthentication[]
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
  const candidates = candidatesFor(mesh, server)
  const contest = (level: Level) => ofLevel(level, candidates, mesh)
  const contests = [contest('mesh'), contest('namespace'), contest('workload')]
  const decided = contests.reduce<Decided>((inherited, [winner]) => over(inherited, winner), { mode: 'PERMISSIVE' })
  const workload = contests[2]?.[0]
  const ports = (workload?.portLevelMtls ?? [])
    .filter(({ mode }) => isSet(mode?.value))
    .map(({ port, mode }) => ({ port: port.value, ...over(decided, workload, mode?.value) }))
  return { ...decided, ports, undecided: contests.reduce(undecidedAfter, []) }
}

/** The policies of one level that cover a server, the one that counts first. */
export function contestants(level: Level, mesh: Mesh, server: Server): readonly PeerAuthentication[] {
  return ofLevel(level, candidatesFor(mesh, server), mesh)
}

function candidatesFor(mesh: Mesh, { namespace, labels }: Server): readonly PeerAuthentication[] {
  const namespaces = new Set([mesh.settings.rootNamespace, namespace])
  return [...namespaces].flatMap(each => mesh.in('PeerAuthentication', each)).filter(policy => selects(policy.selector, labels))
}

function ofLevel(level: Level, candidates: readonly PeerAuthentication[], { settings }: Mesh): readonly PeerAuthentication[] {
  return candidates.filter(policy => levelOf(policy, settings.rootNamespace) === level).toSorted(byAge)
}

/** What stays open below a level: its own contest where it matters, nothing once a certain winner has set the mode. */
function undecidedAfter(above: readonly PeerAuthentication[], contest: readonly PeerAuthentication[]): readonly PeerAuthentication[] {
  const [winner] = contest
  const ageless = contest.length > 1 && winner?.created === undefined
  if (ageless && contest.some(policy => isSet(policy.mode?.value) || policy.portLevelMtls.length > 0)) return contest
  return isSet(winner?.mode?.value) ? [] : above
}

/** Whether both are the same object, and not another one that happens to have its name. */
export function isSamePolicy(a: PeerAuthentication, b: PeerAuthentication): boolean {
  if (a.name !== b.name || a.namespace !== b.namespace) return false
  if (a.source.from === 'cluster' || b.source.from === 'cluster') return a.source.from === b.source.from
  return a.source.uri === b.source.uri && a.source.document === b.source.document
}

/** What a port of the server accepts; worked out once for each server. */
export function modeAt(mesh: Mesh, server: Server, port: number): Decided {
  return modeOfPort(effectiveOf(mesh, server), port)
}

/** `effectiveMtls`, worked out once for each server. */
export function effectiveOf(mesh: Mesh, server: Server): EffectiveMtls {
  const known = effective(mesh).get(server) ?? effectiveMtls(mesh, server)
  effective(mesh).set(server, known)
  return known
}

const effective = perMesh(() => new WeakMap<Server, EffectiveMtls>())

/** What policies for the whole namespace or mesh say: all that clients look at before they know an endpoint. */
export function namespaceMtls(mesh: Mesh, namespace: string): EffectiveMtls {
  const known = ofNamespace(mesh).get(namespace) ?? effectiveMtls(mesh, { namespace, labels: {} })
  ofNamespace(mesh).set(namespace, known)
  return known
}

const ofNamespace = perMesh(() => new Map<string, EffectiveMtls>())

/** What a port of the server accepts. */
export function modeOfPort(mtls: EffectiveMtls, port: number): Decided {
  return mtls.ports.findLast(each => each.port === port) ?? mtls
}

function over(inherited: Decided, policy: PeerAuthentication | undefined, mode = policy?.mode?.value): Decided {
  return policy && isSet(mode) ? { mode, policy } : inherited
}

function isSet(mode: PeerAuthenticationMode | undefined): mode is MtlsMode {
  return mode !== undefined && mode !== 'UNSET'
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
