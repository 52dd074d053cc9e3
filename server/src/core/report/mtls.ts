// What a PeerAuthentication means for each workload it covers, in words.
import { effectiveMtls, selectedBy } from '../decide/mtls.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { count } from './words.ts'

export interface MtlsDescription {
  readonly headline: string
  /** One line for each workload, at most `most`, and one that counts the rest. */
  readonly workloads: readonly string[]
}

const most = 12

/** The effective mode of every workload a policy covers, with the policy that decides. */
export function describeMtls(policy: PeerAuthentication, mesh: Mesh): MtlsDescription {
  const workloads = selectedBy(policy, mesh).filter(each => each.pods.length > 0 || each.proxy !== 'none')
  const everywhere = policy.namespace === mesh.settings.rootNamespace
  if (workloads.length === 0) {
    const seen = mesh.complete('Pod', everywhere ? undefined : policy.namespace)
    return {
      headline: seen ? 'It covers no workload.' : 'Which workloads it covers is not known here: no cluster is connected.',
      workloads: [],
    }
  }
  const lines = workloads.slice(0, most).map(workload => describeWorkload(workload, policy, mesh, everywhere))
  const rest = workloads.length - lines.length
  return {
    headline: `Effective for the ${count(workloads.length, 'workload')} it covers:`,
    workloads: rest > 0 ? [...lines, `and ${rest} more`] : lines,
  }
}

function describeWorkload(workload: Workload, policy: PeerAuthentication, mesh: Mesh, withNamespace: boolean): string {
  const name = withNamespace ? `${workload.name} (${workload.namespace})` : workload.name
  if (workload.proxy === 'none') return `${name}: no proxy, nothing is enforced`
  if (workload.proxy === 'gateway') return `${name}: a gateway, its servers are decided by their own tls block`
  const mtls = effectiveMtls(mesh, workload)
  const decider =
    mtls.policy?.name === policy.name && mtls.policy.namespace === policy.namespace
      ? 'this policy'
      : mtls.policy
        ? `${mtls.policy.namespace}/${mtls.policy.name}`
        : "Istio's default"
  const ports = mtls.ports.filter(each => each.mode !== mtls.mode).map(each => `, port ${each.port} ${each.mode}`)
  const by = workload.proxy === 'ztunnel' ? ', by ztunnel' : ''
  return `${name}: ${mtls.mode} from ${decider}${ports.join('')}${by}`
}
