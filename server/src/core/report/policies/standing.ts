// What a policy does, to whom, by whose hand, and whether it counts: the line of its row and the sentences behind it.
import { conditionsOf } from '../../decide/ambient/conditions.ts'
import { publicationOf } from '../../decide/ambient/publication.ts'
import { protectedBy, workloadsOf } from '../../decide/attachment.ts'
import { resolvedHost } from '../../decide/mtls/destinationRules.ts'
import { contestants, effectiveOf, isSamePolicy, levelOf, selectedBy } from '../../decide/mtls/server.ts'
import { perMesh } from '../../decide/perMesh.ts'
import { knowsSelectables, selectables } from '../../decide/selectable.ts'
import type { AuthorizationPolicy, DestinationRule, PeerAuthentication, RequestAuthentication, Resource } from '../../istio/resources.ts'
import { selects } from '../../istio/selector.ts'
import { never } from '../../istio/values/principal.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { count, list } from '../words.ts'
import type { Effect, PolicyKind } from './nodes.ts'

export type Policy = PeerAuthentication | AuthorizationPolicy | RequestAuthentication | DestinationRule

export interface Standing {
  /** One word, or a few. */
  readonly does: string
  /** `1 workload, 2 pods`; `selects nothing`, where that is certain; empty where it is not known. */
  readonly selects: string
  /** `sidecar`, `ztunnel`, `waypoint bank-wp`, `gateway ingressgateway`. */
  readonly enforcers: readonly string[]
  readonly effect: Effect
  /** Why it counts for less than all, in a few words. */
  readonly because?: string
  /** The same in sentences. */
  readonly notes: readonly string[]
  /** Whom it is for. */
  readonly workloads: readonly Workload[]
}

/** Worked out once for each mesh. */
export function standingOf(policy: Policy, mesh: Mesh): Standing {
  const known = standings(mesh).get(policy) ?? workOut(policy, mesh)
  standings(mesh).set(policy, known)
  return known
}

const standings = perMesh(() => new WeakMap<Policy, Standing>())

function workOut(policy: Policy, mesh: Mesh): Standing {
  const standing = describe(policy, mesh)
  return standing.selects === nothing ? { ...standing, effect: 'none' } : standing
}

const nothing = 'selects nothing'

function describe(policy: Policy, mesh: Mesh): Standing {
  switch (policy.kind) {
    case 'PeerAuthentication':
      return ofPeerAuthentication(policy, mesh)
    case 'AuthorizationPolicy':
      return ofAuthorizationPolicy(policy, mesh)
    case 'RequestAuthentication':
      return ofRequestAuthentication(policy, mesh)
    case 'DestinationRule':
      return ofDestinationRule(policy)
    default:
      return never(policy)
  }
}

export const policyKinds = [
  'PeerAuthentication',
  'AuthorizationPolicy',
  'RequestAuthentication',
  'DestinationRule',
] as const satisfies PolicyKind[]

/** Of DestinationRules those that say how clients use TLS. */
export function isPolicy(object: Resource): object is Policy {
  return object.kind === 'DestinationRule' ? tlsModes(object).length > 0 : policyKinds.some(kind => kind === object.kind)
}

function ofAuthorizationPolicy(policy: AuthorizationPolicy, mesh: Mesh): Standing {
  const enforcing = workloadsOf(policy, mesh)
  const served = protectedBy(policy, mesh)
  const workloads = served.length > 0 ? served : enforcing
  const publication = publicationOf(policy, mesh.settings)
  const able = (each: Workload) => each.proxy !== 'none' && (each.proxy !== 'ztunnel' || publication.is === 'published')
  const notes = conditionsOf(policy, mesh).flatMap(({ type, status, reason, message }) => {
    const concerns = type === 'WaypointAccepted' || enforcing.some(({ proxy }) => proxy === 'ztunnel')
    return concerns && message && (status === 'False' || reason === 'UnsupportedValue' || reason === 'PartiallyInvalid')
      ? [sentence(message)]
      : []
  })
  const unbound = conditionsOf(policy, mesh).some(each => each.type === 'WaypointAccepted' && each.status === 'False')
  const dryRun = policy.dryRun && (policy.action === 'ALLOW' || policy.action === 'DENY')
  const provider = policy.action === 'CUSTOM' && policy.provider ? ` ${policy.provider.value}` : ''
  return {
    does: `${policy.action}${provider}${dryRun ? ' (dry run)' : ''}`,
    ...selection(policy, workloads, mesh),
    ...(unbound ? { enforcers: [], effect: 'none', because: 'no waypoint enforces it' } : enforcement(enforcing, able)),
    workloads,
    notes: [...notes, ...bareNotes(enforcing), ...(dryRun ? ['A dry run decides nothing: results show only in metrics and logs.'] : [])],
  }
}

function ofRequestAuthentication(policy: RequestAuthentication, mesh: Mesh): Standing {
  const enforcing = workloadsOf(policy, mesh)
  const issuers = [...new Set(policy.jwtRules.map(({ issuer }) => issuer?.value ?? 'any issuer'))]
  const atZtunnel = enforcing.filter(({ proxy }) => proxy === 'ztunnel')
  return {
    does: issuers.length > 0 ? `tokens of ${list(issuers, 2)}` : 'no tokens',
    ...selection(policy, enforcing, mesh),
    ...enforcement(enforcing, ({ proxy }) => proxy !== 'none' && proxy !== 'ztunnel'),
    workloads: enforcing,
    notes: [
      ...(atZtunnel.length > 0
        ? [`ztunnel does not look at tokens, so nothing is checked at ${namesOf(atZtunnel)}. Name a waypoint in "targetRefs".`]
        : []),
      ...bareNotes(enforcing),
    ],
  }
}

function ofPeerAuthentication(policy: PeerAuthentication, mesh: Mesh): Standing {
  const level = levelOf(policy, mesh.settings.rootNamespace)
  const ports = policy.portLevelMtls.map(({ port, mode }) => `${port.value} ${mode?.value ?? 'UNSET'}`)
  const does = [policy.mode?.value ?? 'UNSET', ...ports].join(' · ')
  if (!level) {
    const notes = ['Istio ignores a PeerAuthentication with a selector in the root namespace. Move it to the namespace of its workloads.']
    return { does, selects: nothing, enforcers: [], effect: 'none', because: 'ignored', notes, workloads: [] }
  }
  const workloads = selectedBy(policy, mesh)
  const older = olderRivals(policy, level, workloads, mesh)
  const shadowed = level === 'workload' ? older.size === workloads.length && workloads.length > 0 : older.size > 0
  const rivals = [...new Set([...older.values()].map(({ namespace, name }) => `${namespace}/${name}`))]
  const decided = workloads.filter(each => decides(policy, each, mesh))
  const overridden = workloads.length - decided.length
  // The servers of a gateway have a mode of their own.
  const reached = workloads.filter(({ proxy }) => proxy !== 'gateway' && proxy !== 'waypoint')
  const enforced = enforcement(reached, ({ proxy }) => proxy !== 'none')
  return {
    does,
    ...selection(policy, workloads, mesh),
    ...enforced,
    ...(shadowed ? { effect: 'none', because: `${list(rivals, 2)} is older and counts` } : {}),
    workloads,
    notes: [
      ...(rivals.length > 0 ? [`Of several policies for the same workloads only the oldest counts: ${list(rivals)}.`] : []),
      ...(!shadowed && policy.mode && overridden > 0 && decided.length > 0
        ? [`It sets the mode of ${decided.length} of ${count(workloads.length, 'workload')}; others have a policy nearer to them.`]
        : []),
      ...bareNotes(workloads),
    ],
  }
}

/** For each workload where an older policy of the level counts instead; for a whole namespace or mesh there is only one contest. */
function olderRivals(
  policy: PeerAuthentication,
  level: NonNullable<ReturnType<typeof levelOf>>,
  workloads: readonly Workload[],
  mesh: Mesh,
): ReadonlyMap<string, PeerAuthentication> {
  const { namespace } = policy
  const servers = level === 'workload' ? workloads : [{ namespace, name: '', ownerKind: '', labels: {} }]
  return new Map(
    servers.flatMap(server => {
      const [first] = contestants(level, mesh, server)
      // Without an age nobody knows which one counts.
      if (!first || isSamePolicy(first, policy) || first.created === undefined) return []
      return [[`${server.ownerKind}/${server.name}`, first] as const]
    }),
  )
}

function decides(policy: PeerAuthentication, workload: Workload, mesh: Mesh): boolean {
  const { policy: decider, ports } = effectiveOf(mesh, workload)
  return [decider, ...ports.map(each => each.policy)].some(each => each && isSamePolicy(each, policy))
}

function ofDestinationRule(rule: DestinationRule): Standing {
  return {
    does: list(tlsModes(rule)),
    selects: resolvedHost(rule),
    enforcers: [],
    effect: 'full',
    notes: [],
    workloads: [],
  }
}

/** In the order in which they stand. */
function tlsModes({ trafficPolicy, subsets }: DestinationRule): readonly string[] {
  const settings = [trafficPolicy, ...subsets.map(subset => subset.trafficPolicy)].flatMap(each => (each ? [each, ...each.ports] : []))
  return [...new Set(settings.flatMap(({ tls }) => (tls ? [tls.mode?.value ?? 'DISABLE'] : [])))]
}

type Selecting = PeerAuthentication | AuthorizationPolicy | RequestAuthentication

function selection(policy: Selecting, workloads: readonly Workload[], mesh: Mesh): Pick<Standing, 'selects'> {
  if (workloads.length > 0) {
    const pods = workloads.reduce((sum, each) => sum + each.pods.length, 0)
    return { selects: [count(workloads.length, 'workload'), ...(pods > 0 ? [count(pods, 'pod')] : [])].join(', ') }
  }
  return { selects: selectsNothing(policy, mesh) ? nothing : '' }
}

/** Only where everything that can be selected is known. What a target is bound to is told by its condition. */
function selectsNothing(policy: Selecting, mesh: Mesh): boolean {
  if (policy.kind !== 'PeerAuthentication' && policy.targetRefs.length > 0) return false
  const within = policy.namespace === mesh.settings.rootNamespace ? undefined : policy.namespace
  return knowsSelectables(mesh, within) && !selectables(mesh, within).some(({ labels }) => selects(policy.selector, labels))
}

/** Who can enforce the policy of those that it reaches, and what follows for its effect. */
function enforcement(
  reached: readonly Workload[],
  able: (workload: Workload) => boolean,
): Pick<Standing, 'enforcers' | 'effect' | 'because'> {
  const known = reached.filter(({ proxy }) => proxy !== 'unknown')
  const enforcing = known.filter(able)
  const enforcers = [...new Set(enforcing.map(enforcerName))].toSorted()
  if (known.length < reached.length || reached.length === 0) return { enforcers, effect: 'unknown' }
  if (enforcing.length === reached.length) return { enforcers, effect: 'full' }
  if (enforcing.length > 0) return { enforcers, effect: 'partial' }
  return { enforcers, effect: 'none', because: 'nobody enforces it' }
}

function enforcerName({ proxy, labels, name }: Workload): string {
  return proxy === 'waypoint' || proxy === 'gateway' ? `${proxy} ${labels[gatewayNameLabel] ?? name}` : proxy
}

function bareNotes(workloads: readonly Workload[]): readonly string[] {
  const bare = workloads.filter(({ proxy }) => proxy === 'none')
  return bare.length > 0 ? [`Not enforced at ${namesOf(bare)}: no proxy.`] : []
}

function namesOf(workloads: readonly Workload[]): string {
  return list(
    workloads.map(({ name }) => `"${name}"`),
    3,
  )
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
