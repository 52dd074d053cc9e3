// What needs attention at a workload and at each of its pods. Certain or silent.
import { applies } from '../../decide/attachment.ts'
import { effectiveOf, levelOf, type MtlsMode } from '../../decide/mtls/server.ts'
import { perMesh } from '../../decide/perMesh.ts'
import type { Pod } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { proxyOf } from '../../mesh/workloads.ts'
import { count } from '../words.ts'
import { clientConflicts } from './conflicts.ts'
import { asksForProxy } from './enrolment.ts'
import type { Finding } from './nodes.ts'
import { minorsBehind, proxyVersion } from './proxyVersion.ts'

/** The most severe first; worked out once for each workload. */
export function findingsOf(workload: Workload, mesh: Mesh): readonly Finding[] {
  const known = found(mesh).get(workload) ?? find(workload, mesh)
  found(mesh).set(workload, known)
  return known
}

const found = perMesh(() => new WeakMap<Workload, readonly Finding[]>())

function find(workload: Workload, mesh: Mesh): readonly Finding[] {
  const conflicts = clientConflicts(workload, mesh).map(message => ({ kind: 'clients-conflict', message }) as const)
  return [...missingProxy(workload, mesh), ...missingAccount(workload, mesh), ...conflicts, ...oldProxies(workload, mesh)]
}

/** Of one pod, beside those of its workload that are about no pod. */
export function findingsOfPod(pod: Pod, workload: Workload, mesh: Mesh): readonly Finding[] {
  if (proxyOf(pod, mesh) === 'none') {
    const matters = missingProxy(workload, mesh).length > 0
    return matters ? [{ kind: 'no-proxy', message: 'No proxy: it presents no certificate, and policies are not enforced here.' }] : []
  }
  return oldProxies({ ...workload, pods: [pod] }, mesh)
}

function missingProxy(workload: Workload, mesh: Mesh): readonly Finding[] {
  const { pods } = workload
  const bare = pods.filter(pod => proxyOf(pod, mesh) === 'none')
  if (bare.length === 0) return []
  const { mode, policy } = effectiveOf(mesh, workload)
  if (bare.length < pods.length) {
    const message = `${count(bare.length, 'pod')} of ${pods.length} without a proxy: ${mode} is not enforced there.`
    return [{ kind: 'partly-injected', message }]
  }
  // A mode for the whole mesh is not meant for each of the workloads that nobody brought into it.
  const meant = mode === 'STRICT' && policy && levelOf(policy, mesh.settings.rootNamespace) !== 'mesh'
  if (meant || (asksForProxy(workload, mesh) && mode === 'STRICT')) return [noProxy(mode)]
  if (isProtected(workload, mesh)) return [{ kind: 'no-proxy', message: 'No proxy: the authorization policies for it are not enforced.' }]
  return asksForProxy(workload, mesh) ? [noProxy(mode)] : []
}

function noProxy(mode: MtlsMode): Finding {
  const message = mode === 'STRICT' ? 'No proxy: STRICT is not enforced here.' : 'No proxy: it takes no part in mTLS and has no identity.'
  return { kind: 'no-proxy', message }
}

/** By a policy of its own namespace. */
function isProtected(workload: Workload, mesh: Mesh): boolean {
  return mesh.in('AuthorizationPolicy', workload.namespace).some(policy => !policy.dryRun && applies(policy, workload, mesh))
}

function missingAccount({ namespace, serviceAccount }: Workload, mesh: Mesh): readonly Finding[] {
  if (mesh.presence('ServiceAccount', namespace, serviceAccount) !== 'absent') return []
  const message = `Service account "${serviceAccount}" is gone: new pods cannot start and certificates cannot be renewed.`
  return [{ kind: 'account-gone', message }]
}

function oldProxies({ pods }: Workload, mesh: Mesh): readonly Finding[] {
  const versions = new Set(pods.flatMap(pod => proxyVersion(pod, mesh) ?? []))
  const [oldest] = [...versions]
    .flatMap(version => ({ version, behind: minorsBehind(version, mesh) ?? 0 }))
    .filter(({ behind }) => behind > 0)
    .toSorted((a, b) => b.behind - a.behind)
  if (!oldest) return []
  const message = `Its proxy, Istio ${oldest.version}, is ${oldest.behind} minor versions behind the control plane: restart the pods to update it.`
  return [{ kind: 'old-proxy', message }]
}
