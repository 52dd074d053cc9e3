// What a PeerAuthentication means for each workload it covers, in words.
import { type Decided, effectiveMtls, isSamePolicy, selectedBy } from '../decide/mtls/server.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { count, list } from './words.ts'

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
      headline: seen ? 'It covers no workload.' : 'Which workloads it covers is not known here.',
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
  if (mtls.undecided.length > 0) {
    const rivals = mtls.undecided.map(rival => deciderName(rival, policy))
    return `${name}: the oldest of ${list(rivals)} decides; which that is, is not known here`
  }
  const ports = mtls.ports.filter(each => each.mode !== mtls.mode).map(each => `, port ${each.port} ${each.mode}`)
  const by = workload.proxy === 'ztunnel' ? ', by ztunnel' : ''
  return `${name}: ${mtls.mode} from ${deciderName(mtls.policy, policy)}${ports.join('')}${by}`
}

function deciderName(decider: Decided['policy'], policy: PeerAuthentication): string {
  if (!decider) return "Istio's default"
  if (isSamePolicy(decider, policy)) return 'this policy'
  const name = `${decider.namespace}/${decider.name}`
  return decider.name === policy.name && decider.namespace === policy.namespace ? `the other ${name}` : name
}
