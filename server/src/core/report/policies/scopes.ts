// Policies by what they are for: the whole mesh or namespace, the workloads they select, the gateway or Service they name; and rules for clients.
import { levelOf } from '../../decide/mtls/server.ts'
import { perMesh } from '../../decide/perMesh.ts'
import { formatLabels, namesWorkloads } from '../../istio/selector.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { workloadId } from '../meshTree/workload.ts'
import { list } from '../words.ts'
import type { ScopeNode } from './nodes.ts'
import { isPolicy, type Policy, policyKinds, standingOf } from './standing.ts'

export interface Scope {
  readonly id: string
  readonly kind: ScopeNode['scope']
  readonly name: string
  readonly namespace: string
  readonly policies: readonly Policy[]
}

/** Every policy of the mesh, by its namespace, in the order of their names. */
export const policiesByNamespace = perMesh((mesh): ReadonlyMap<string, readonly Policy[]> => {
  const all = policyKinds.flatMap((kind): readonly Policy[] => mesh.all(kind)).filter(isPolicy)
  return groupBy(all.toSorted(inOrder), ({ namespace }) => namespace)
})

/** Kinds in the order in which they decide, then names. */
function inOrder(a: Policy, b: Policy): number {
  return policyKinds.indexOf(a.kind) - policyKinds.indexOf(b.kind) || compare(a.name, b.name)
}

/** The mesh first. */
export function namespaceScope(namespace: string, policies: readonly Policy[], mesh: Mesh): Scope {
  const isRoot = namespace === mesh.settings.rootNamespace
  return {
    id: `namespace/${encodeURIComponent(namespace)}`,
    kind: isRoot ? 'mesh' : 'namespace',
    name: isRoot ? 'Mesh' : `Namespace ${namespace}`,
    namespace,
    policies,
  }
}

/** What stands below a namespace: policies for all of it, and scopes within. */
export function partsOf(policies: readonly Policy[], mesh: Mesh): { readonly whole: readonly Policy[]; readonly scopes: readonly Scope[] } {
  const groups = groupBy(policies, policy => partOf(policy, mesh)?.id ?? '')
  const scopes = [...groups].flatMap(([id, group]): Scope[] => {
    const [first] = group
    const part = first && partOf(first, mesh)
    return id !== '' && part ? [{ ...part, namespace: first.namespace, policies: group }] : []
  })
  return { whole: groups.get('') ?? [], scopes: scopes.toSorted(byKind) }
}

const order: readonly ScopeNode['scope'][] = ['workloads', 'target', 'clients']

function byKind(a: Scope, b: Scope): number {
  return order.indexOf(a.kind) - order.indexOf(b.kind) || compare(a.name, b.name)
}

type Part = Pick<Scope, 'id' | 'kind' | 'name'>

/** Undefined for what is for the whole namespace. */
function partOf(policy: Policy, mesh: Mesh): Part | undefined {
  const part = (kind: Part['kind'], name: string, key = name) => ({
    id: `scope/${[policy.namespace, kind, key].map(encodeURIComponent).join('/')}`,
    kind,
    name,
  })
  if (policy.kind === 'DestinationRule') return part('clients', 'Clients')
  if (policy.kind !== 'PeerAuthentication' && policy.targetRefs.length > 0) {
    const targets = policy.targetRefs.map(({ targetKind, targetName }) => `${targetKind.value} ${targetName.value}`)
    return part('target', list(targets))
  }
  if (!namesWorkloads(policy.selector)) return undefined
  const { workloads } = standingOf(policy, mesh)
  const [only, ...others] = workloads
  if (only && others.length === 0) return part('workloads', `Workload ${only.name}`, workloadId(only))
  const ignored = policy.kind === 'PeerAuthentication' && levelOf(policy, mesh.settings.rootNamespace) === undefined
  return part(
    'workloads',
    `${ignored ? 'Ignored: workloads' : 'Workloads'} with ${formatLabels(policy.selector?.labels ?? []).replace(/^labels? /, '')}`,
  )
}
