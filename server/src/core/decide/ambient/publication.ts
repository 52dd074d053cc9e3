// What istiod publishes to ztunnel for an AuthorizationPolicy, and why it publishes nothing.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go (convertAuthorizationPolicy).
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import type { MeshSettings } from '../../mesh/mesh.ts'
import { type ConvertedRule, convertRules } from './rule.ts'
import type { ZtunnelPolicy } from './ztunnelPolicy.ts'

export type Publication =
  | {
      readonly is: 'published'
      readonly policy: AuthorizationPolicy
      readonly rules: readonly ConvertedRule[]
      readonly scope: ZtunnelPolicy['scope']
    }
  | { readonly is: 'left out'; readonly policy: AuthorizationPolicy; readonly why: 'dry-run' | 'targetRefs' | 'action' }

/** The order of the reasons is istiod's: a dry run is refused even beside targetRefs. */
export function publicationOf(policy: AuthorizationPolicy, { rootNamespace, istiod }: MeshSettings): Publication {
  const leftOut = (why: (Publication & { is: 'left out' })['why']) => ({ is: 'left out', policy, why }) as const
  if (policy.dryRun && !istiod.ambientDryRun) return leftOut('dry-run')
  if (policy.targetRefs.length > 0) return leftOut('targetRefs')
  if (policy.action === 'AUDIT' || policy.action === 'CUSTOM') return leftOut('action')
  return { is: 'published', policy, rules: convertRules(policy), scope: scopeOf(policy, rootNamespace) }
}

/** An empty selector is one too: istiod then attaches the policy to nobody. */
function scopeOf({ selector, namespace }: AuthorizationPolicy, rootNamespace: string): ZtunnelPolicy['scope'] {
  if (selector) return 'WorkloadSelector'
  return namespace === rootNamespace ? 'Global' : 'Namespace'
}

/** As ztunnel holds it. */
export function asZtunnelPolicy({ policy, rules, scope }: Publication & { is: 'published' }): ZtunnelPolicy {
  const { namespace, name, action, dryRun } = policy
  return {
    namespace,
    name,
    scope,
    action: action === 'DENY' ? 'Deny' : 'Allow',
    rules: rules.flatMap(({ clauses }) => (clauses ? [clauses] : [])),
    dryRun,
  }
}
