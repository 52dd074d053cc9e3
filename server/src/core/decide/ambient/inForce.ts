// Which policies ztunnel holds, and which of them are in force at a workload.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/workloads.go (buildWorkloadPolicies), istio/ztunnel:src/state.rs (assert_rbac).
import { formatLabels, namesWorkloads } from '../../istio/selector.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { CallerIndex, type CallerKey, namespaceKey } from '../authorization/callerIndex.ts'
import type { Server } from '../mtls/server.ts'
import { perMesh } from '../perMesh.ts'
import { publishedWaypointAllows } from './allowWaypoint.ts'
import type { Facts } from './matches.ts'
import { publishedPeerAuthentications } from './peerAuthentication.ts'
import { asZtunnelPolicy, type Publication, publicationOf } from './publication.ts'
import { type Selected, selectedBy } from './selected.ts'
import type { ZtunnelPolicy } from './ztunnelPolicy.ts'

type Published = Publication & { readonly is: 'published' }
type LeftOut = Publication & { readonly is: 'left out' }

export type WithoutForce = LeftOut | Published

/** An AuthorizationPolicy at a workload. */
export interface InForce {
  readonly publication: Published
  /** Why it is not certain that it is attached. */
  readonly missing?: string
}

/** In the order of ztunnel: those of the namespace, those of the mesh, those attached by labels. */
export function policiesInForce(server: Server, mesh: Mesh): readonly InForce[] {
  const policies = inForce(mesh).get(server) ?? gather(server, mesh)
  inForce(mesh).set(server, policies)
  return policies
}

const inForce = perMesh(() => new WeakMap<Server, readonly InForce[]>())

/** Those that this caller can match at all, in their order. */
export function policiesFor(policies: readonly InForce[], { identity }: Pick<Facts, 'identity'>): readonly InForce[] {
  const index = indexes.get(policies) ?? new CallerIndex(policies, callersNamedBy)
  indexes.set(policies, index)
  // The namespace of plaintext is an empty text.
  return index.rulesFor(identity === 'none' ? [namespaceKey('')] : [identity.principal, namespaceKey(identity.namespace)])
}

const indexes = new WeakMap<readonly InForce[], CallerIndex<InForce>>()

function callersNamedBy({ publication }: InForce): readonly CallerKey[] | undefined {
  const callers = publication.rules.filter(({ clauses }) => clauses !== undefined).map(each => each.callers)
  return callers.every(each => each !== undefined) ? callers.flat() : undefined
}

function gather({ namespace, labels }: Server, mesh: Mesh): readonly InForce[] {
  const homes = homesOf(namespace, mesh)
  const everywhere = homes.flatMap(home => home.everywhere).map(publication => ({ publication }))
  const selected = selectedBy(labels)
  const byName = homes.toSorted((a, b) => compare(`${a.namespace}/`, `${b.namespace}/`)).flatMap(home => home.selecting)
  return [...everywhere, ...byName.flatMap(publication => attach(publication, selected(publication.policy.selector)))]
}

/** Policies that a sidecar would enforce at this workload and ztunnel never hears of, or does not attach. */
export function policiesWithoutForce(server: Server, mesh: Mesh): readonly WithoutForce[] {
  const policies = withoutForce(mesh).get(server) ?? gatherWithoutForce(server, mesh)
  withoutForce(mesh).set(server, policies)
  return policies
}

const withoutForce = perMesh(() => new WeakMap<Server, readonly WithoutForce[]>())

function gatherWithoutForce({ namespace, labels }: Server, mesh: Mesh): readonly WithoutForce[] {
  const selected = selectedBy(labels)
  const homes = homesOf(namespace, mesh)
  const leftOut = homes.flatMap(home => home.leftOut).filter(({ policy }) => selected(policy.selector) === 'yes')
  return [...leftOut, ...homes.flatMap(home => home.attachedToNobody)]
}

/** Everything that ztunnel holds: the AuthorizationPolicies it can read, and what istiod adds itself. */
export function publishedPolicies(mesh: Mesh): readonly ZtunnelPolicy[] {
  const authorization = mesh.all('AuthorizationPolicy').flatMap(policy => {
    const publication = publicationOf(policy, mesh.settings)
    return publication.is === 'published' ? [asZtunnelPolicy(publication)] : []
  })
  return [...authorization, ...publishedPeerAuthentications(mesh), ...publishedWaypointAllows(mesh)]
}

/** The policies of a namespace, sorted by what istiod does with them. */
interface Home {
  readonly namespace: string
  readonly everywhere: readonly Published[]
  /** By name. */
  readonly selecting: readonly Published[]
  /** An empty selector selects nobody here, while a sidecar takes it for none. */
  readonly attachedToNobody: readonly Published[]
  readonly leftOut: readonly LeftOut[]
}

function homesOf(namespace: string, mesh: Mesh): readonly Home[] {
  return [...new Set([namespace, mesh.settings.rootNamespace])].map(each => homeOf(each, mesh))
}

const homesIn = perMesh(() => new Map<string, Home>())

function homeOf(namespace: string, mesh: Mesh): Home {
  const homes = homesIn(mesh)
  const home = homes.get(namespace) ?? sortOut(namespace, mesh)
  homes.set(namespace, home)
  return home
}

function sortOut(namespace: string, mesh: Mesh): Home {
  const all = mesh.in('AuthorizationPolicy', namespace).map(policy => publicationOf(policy, mesh.settings))
  const published = all.filter(each => each.is === 'published')
  const selecting = published.filter(({ policy }) => policy.selector)
  return {
    namespace,
    everywhere: published.filter(({ policy }) => !policy.selector),
    selecting: selecting.filter(({ policy }) => namesWorkloads(policy.selector)).toSorted((a, b) => compare(a.policy.name, b.policy.name)),
    attachedToNobody: selecting.filter(({ policy }) => !namesWorkloads(policy.selector)),
    // Policies with targetRefs are for other proxies in every mode.
    leftOut: all.filter(each => each.is === 'left out').filter(({ policy }) => policy.targetRefs.length === 0),
  }
}

function attach(publication: Published, selected: Selected): readonly InForce[] {
  if (selected === 'no') return []
  if (selected === 'yes') return [{ publication }]
  return [{ publication, missing: `whether the workload has the ${formatLabels(publication.policy.selector?.labels ?? [])}` }]
}
