// What the rules find in the policies that are written for a workload by name, as the cluster has them.
import { applies } from '../../decide/attachment.ts'
import { perMesh } from '../../decide/perMesh.ts'
import type { Resource } from '../../istio/resources.ts'
import { namesWorkloads, selects } from '../../istio/selector.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import type { RuleSettings } from '../../rules/run.ts'
import { liveFindings } from '../policies/liveFindings.ts'

export interface PolicyProblems {
  /** `AuthorizationPolicy shop/pay`. */
  readonly policy: string
  readonly errors: number
  readonly warnings: number
}

/** Only of policies with a selector or targets: those for a whole namespace are no concern of one workload. None where there are too many to judge at once. */
export function policyProblems(workload: Workload, mesh: Mesh, rules: RuleSettings): readonly PolicyProblems[] {
  const policies = selective(mesh).get(workload.namespace) ?? selectiveIn(workload.namespace, mesh)
  selective(mesh).set(workload.namespace, policies)
  return policies
    .filter(policy => (policy.kind === 'PeerAuthentication' ? selects(policy.selector, workload.labels) : applies(policy, workload, mesh)))
    .map(policy => problemsOf(policy, mesh, rules))
    .filter(({ errors, warnings }) => errors + warnings > 0)
}

/** Each is judged when its namespace is opened, and again with every change of the mesh while it is open. */
const mostPolicies = 30

const selective = perMesh(() => new Map<string, ReturnType<typeof selectiveIn>>())

function selectiveIn(namespace: string, mesh: Mesh) {
  const attached = [...mesh.in('AuthorizationPolicy', namespace), ...mesh.in('RequestAuthentication', namespace)]
  const policies = [
    ...attached.filter(({ selector, targetRefs }) => namesWorkloads(selector) || targetRefs.length > 0),
    ...mesh.in('PeerAuthentication', namespace).filter(({ selector }) => namesWorkloads(selector)),
  ]
  return policies.length > mostPolicies ? [] : policies
}

function problemsOf(policy: Resource, mesh: Mesh, rules: RuleSettings): PolicyProblems {
  const severities = liveFindings(policy, mesh, rules).map(({ severity }) => severity)
  return {
    policy: `${policy.kind} ${policy.namespace}/${policy.name}`,
    errors: severities.filter(each => each === 'error').length,
    warnings: severities.filter(each => each === 'warning').length,
  }
}
