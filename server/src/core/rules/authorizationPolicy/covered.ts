// The workloads a policy applies to, for rules that say what becomes of it there.
import { type AttachedPolicy, workloadsOf } from '../../decide/attachment.ts'
import { perMesh } from '../../decide/perMesh.ts'
import { isTemplated } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'

/** Empty where Pods are not all known, or a placeholder or the namespace of whoever applies the file decides. */
export function coveredBy(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const workloads = covered(mesh).get(policy) ?? cover(policy, mesh)
  covered(mesh).set(policy, workloads)
  return workloads
}

const covered = perMesh(() => new WeakMap<AttachedPolicy, readonly Workload[]>())

function cover(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const { namespace, selector, targetRefs, at } = policy
  const isEverywhere = namespace === mesh.settings.rootNamespace || targetRefs.length > 0
  if (!at.namespace || isPlaceholder(namespace) || (selector && isTemplated(selector))) return []
  return mesh.complete('Pod', isEverywhere ? undefined : namespace) ? workloadsOf(policy, mesh) : []
}

/** Those at which ztunnel enforces it; other proxies may too, at others. */
export function atZtunnel(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  return coveredBy(policy, mesh).filter(({ proxy }) => proxy === 'ztunnel')
}

/** The same; empty where another proxy enforces it too. */
export function onlyAtZtunnel(policy: AttachedPolicy, mesh: Mesh): readonly Workload[] {
  const enforced = coveredBy(policy, mesh).filter(({ proxy }) => proxy !== 'none')
  return enforced.every(({ proxy }) => proxy === 'ztunnel') ? enforced : []
}

/** `"checkout"`, `"checkout" and 2 more`. */
export function named([first, ...others]: readonly Workload[]): string {
  return `"${first?.name ?? ''}"${others.length > 0 ? ` and ${others.length} more` : ''}`
}

/** `methods`, `methods and paths`, `methods, paths and hosts`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${last}` : last
}
