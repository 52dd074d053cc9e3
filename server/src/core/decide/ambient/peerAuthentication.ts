// mTLS in ambient: ztunnel knows no modes, so istiod turns PeerAuthentications into DENY policies, which it names at the workload and publishes apart.
// Both sides see the parents of a policy differently, so that some names are published by nobody: then every port accepts plaintext.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go (convertedSelectorPeerAuthentications, convertPeerAuthentication),
// workloads.go (fetchPeerAuthentications), policies.go (PolicyCollections).
import type { PeerAuthentication, PeerAuthenticationMode } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { type Truth, unknown } from '../authorization/truth.ts'
import { type Level, levelOf, type Server } from '../mtls/server.ts'
import { type Facts, ruleMatches } from './matches.ts'
import { type Selected, selectedBy } from './selected.ts'
import { type Clause, type Clauses, keyOf, type Match, type ZtunnelPolicy } from './ztunnelPolicy.ts'

/** What istiod makes of the PeerAuthentications of one workload. */
export interface AmbientMtls {
  /** Keys of policies: `istio-system/istio_converted_static_strict`, `shop/converted_peer_authentication_ledger`. */
  readonly references: readonly string[]
  /** Keys among them that istiod does not publish; ztunnel skips them. */
  readonly dangling: readonly string[]
  /** The others, as ztunnel holds them. */
  readonly policies: readonly ZtunnelPolicy[]
}

/**
 * One outcome where it is certain. Several where policies of one level are equally old, so that any of them may be the one that counts, or where a
 * placeholder may become a label of the workload.
 */
export function ambientMtls(mesh: Mesh, server: Server): readonly AmbientMtls[] {
  const { rootNamespace } = mesh.settings
  const candidates = candidatesFor(server, mesh)
  const contest = (level: Level) => winners(candidates.filter(({ policy }) => levelOf(policy, rootNamespace) === level))
  const outcomes = new Map<string, AmbientMtls>()
  for (const root of contest('mesh')) {
    for (const namespace of contest('namespace')) {
      for (const workload of contest('workload')) {
        const references = referencesOf(root, namespace, workload, rootNamespace)
        for (const outcome of resolve(references, workload, mesh)) outcomes.set(JSON.stringify(outcome), outcome)
      }
    }
  }
  return [...outcomes.values()]
}

export interface Plaintext {
  readonly is: 'refused' | 'accepted' | 'unknown'
  /** The converted policy that refuses, or the one that is missing. */
  readonly key?: string
  readonly because: string
}

/** Whether ztunnel takes a connection without identity to this port of the workload. */
export function plaintextAt(outcomes: readonly AmbientMtls[], port: number): Plaintext {
  const { denies, key } = deniedBy(outcomes, { identity: 'none', port })
  const [dangling] = outcomes.flatMap(each => each.dangling)
  if (denies.is === 'unknown') return { is: 'unknown', because: denies.because }
  if (denies.is === 'yes') return { is: 'refused', because: denies.because, ...(key === undefined ? {} : { key }) }
  if (dangling === undefined) return { is: 'accepted', because: denies.because }
  return { is: 'accepted', because: `istiod names ${dangling} and does not publish it`, key: dangling }
}

/** Whether a converted policy refuses the connection, and which. */
export function deniedBy(outcomes: readonly AmbientMtls[], facts: Facts): { readonly denies: Truth; readonly key?: string } {
  const judged = outcomes.map(({ policies }) => policies.find(policy => policy.rules.some(rule => ruleMatches(rule, facts).is === 'yes')))
  const [first] = judged
  if (judged.some(each => (each === undefined) !== (first === undefined))) {
    return { denies: unknown(['which PeerAuthentication istiod takes for the workload']) }
  }
  if (first) return { denies: { is: 'yes', because: 'the caller has no identity, and the port is strict' }, key: keyOf(first) }
  return { denies: { is: 'no', because: facts.identity === 'none' ? 'the port is not strict' : 'the caller has an identity' } }
}

/** Every policy that istiod publishes for PeerAuthentications, named by a workload or not. */
export function publishedPeerAuthentications(mesh: Mesh): readonly ZtunnelPolicy[] {
  const all = mesh.all('PeerAuthentication')
  const converted = all.flatMap(policy => publications(policy, mesh)[0] ?? [])
  return all.length > 0 ? [staticStrict(mesh.settings.rootNamespace), ...converted] : []
}

interface Candidate {
  readonly policy: PeerAuthentication
  readonly selected: Exclude<Selected, 'no'>
}

/** Of the root namespace only what has no selector at all counts for workloads elsewhere; `selector: {}` does not. */
function candidatesFor({ namespace, labels }: Server, mesh: Mesh): readonly Candidate[] {
  const { rootNamespace } = mesh.settings
  const selected = selectedBy(labels)
  const own = mesh.in('PeerAuthentication', namespace)
  const root = namespace === rootNamespace ? [] : withoutSelector(mesh.in('PeerAuthentication', rootNamespace))
  return [...own, ...root].flatMap(policy => {
    const outcome = selected(policy.selector)
    return outcome === 'no' ? [] : [{ policy, selected: outcome }]
  })
}

function withoutSelector(policies: readonly PeerAuthentication[]): readonly PeerAuthentication[] {
  return policies.filter(({ selector }) => selector === undefined)
}

/**
 * The policy that counts; several where no age tells them apart: istiod then keeps the first that its unordered index yields.
 * What has no age yet (a file) is younger than what has one.
 */
function oldest(policies: readonly PeerAuthentication[]): readonly (PeerAuthentication | undefined)[] {
  const [first] = policies.map(age).toSorted()
  return first === undefined ? [undefined] : policies.filter(each => age(each) === first)
}

/** Of candidates that may select the workload or not, each counts that is not younger than what certainly does. */
function winners(candidates: readonly Candidate[]): readonly (PeerAuthentication | undefined)[] {
  const certain = oldest(candidates.filter(({ selected }) => selected === 'yes').map(({ policy }) => policy))
  const [rival] = certain
  const open = candidates.filter(({ policy, selected }) => selected === 'unknown' && (!rival || age(policy) <= age(rival)))
  return [...certain, ...open.map(({ policy }) => policy)]
}

function age({ created }: PeerAuthentication): string {
  return created ?? '9'
}

function modeOf(policy: PeerAuthentication | undefined): PeerAuthenticationMode {
  return policy?.mode?.value ?? 'UNSET'
}

function portsIn(policy: PeerAuthentication | undefined, ...modes: readonly PeerAuthenticationMode[]): readonly number[] {
  const found = (policy?.portLevelMtls ?? []).filter(({ mode }) => modes.includes(mode?.value ?? 'UNSET'))
  return found.map(({ port }) => port.value).toSorted((a, b) => a - b)
}

/** What istiod names at the workload: the static policy, the converted one, or none. */
function referencesOf(
  root: PeerAuthentication | undefined,
  namespace: PeerAuthentication | undefined,
  workload: PeerAuthentication | undefined,
  rootNamespace: string,
): readonly string[] {
  const parentStrict = modeOf(modeOf(namespace) === 'UNSET' ? root : namespace) === 'STRICT'
  const mode = modeOf(workload)
  const strict = mode === 'UNSET' ? parentStrict : mode === 'STRICT'
  // Under a strict parent a port with DISABLE alone is no exception.
  const exceptions = mode === 'STRICT' ? portsIn(workload, 'PERMISSIVE', 'DISABLE') : portsIn(workload, 'PERMISSIVE')
  const differing = strict ? exceptions : portsIn(workload, 'STRICT')
  if (workload && differing.length > 0) return [convertedKey(workload)]
  return strict ? [`${rootNamespace}/${staticStrictName}`] : []
}

function resolve(references: readonly string[], workload: PeerAuthentication | undefined, mesh: Mesh): readonly AmbientMtls[] {
  const [reference] = references
  if (reference === undefined) return [{ references, dangling: [], policies: [] }]
  if (!workload || reference !== convertedKey(workload)) {
    return [{ references, dangling: [], policies: [staticStrict(mesh.settings.rootNamespace)] }]
  }
  return publications(workload, mesh).map(policy =>
    policy ? { references, dangling: [], policies: [policy] } : { references, dangling: references, policies: [] },
  )
}

/** What is published for one policy, for each pair of parents that may be the oldest. Only parents without a `selector` key are seen here. */
function publications(policy: PeerAuthentication, mesh: Mesh): readonly (ZtunnelPolicy | undefined)[] {
  const { rootNamespace } = mesh.settings
  if (policy.namespace === rootNamespace || !policy.selector || policy.portLevelMtls.length === 0) return [undefined]
  const parents = (namespace: string) => oldest(withoutSelector(mesh.in('PeerAuthentication', namespace)))
  return parents(policy.namespace).flatMap(namespace => parents(rootNamespace).map(root => convert(policy, namespace, root)))
}

const staticStrictName = 'istio_converted_static_strict'
const anonymous: Match = { notPrincipals: [{ Presence: [] }] }

function staticStrict(rootNamespace: string): ZtunnelPolicy {
  return denying({ namespace: rootNamespace, name: staticStrictName }, [[[anonymous]]])
}

function convertedKey({ namespace, name }: PeerAuthentication): string {
  return `${namespace}/${convertedName(name)}`
}

function convertedName(name: string): string {
  return `converted_peer_authentication_${name}`
}

/** One rule for each port that is stricter than the rest; one more, with a clause for each port that is laxer, where the rest is strict. */
function convert(
  policy: PeerAuthentication,
  namespace: PeerAuthentication | undefined,
  root: PeerAuthentication | undefined,
): ZtunnelPolicy | undefined {
  const mode = modeOf(policy)
  const own = modeOf(namespace)
  const meshStrict = own === 'UNSET' && modeOf(root) === 'STRICT'
  // Operators of different precedence make the mesh's mode count whatever the policy's own mode is.
  const strictAlready = mode === 'STRICT' || (mode === 'UNSET' && own === 'STRICT') || meshStrict
  const parentStrict = modeOf(namespace ?? root) === 'STRICT'
  // A namespace policy that is there but UNSET hides the mesh's here.
  const laxerCounts = mode === 'STRICT' || (mode === 'UNSET' && parentStrict)
  const stricter = strictAlready ? [] : portsIn(policy, 'STRICT')
  const laxer = laxerCounts ? portsIn(policy, 'PERMISSIVE', 'DISABLE') : []
  if (mode === 'STRICT' && laxer.length === 0) return undefined
  if (stricter.length + laxer.length === 0) return undefined
  const exceptLaxer = [
    ...(mode === 'STRICT' ? [[anonymous]] : []),
    ...laxer.map((port): Clause => [{ notDestinationPorts: [port] }]),
    ...(own === 'STRICT' || meshStrict ? [[anonymous]] : []),
  ]
  const rules = [
    ...stricter.map((port): Clauses => [[{ ...anonymous, destinationPorts: [port] }]]),
    ...(laxer.length > 0 ? [exceptLaxer] : []),
  ]
  return denying({ namespace: policy.namespace, name: convertedName(policy.name) }, rules)
}

function denying(named: Pick<ZtunnelPolicy, 'namespace' | 'name'>, rules: readonly Clauses[]): ZtunnelPolicy {
  return { ...named, scope: 'WorkloadSelector', action: 'Deny', rules, dryRun: false }
}
