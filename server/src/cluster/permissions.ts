// What an account needs, derived from what is read. docs/rbac.yaml is written from here, and a test holds it against the requests that are sent.
import { permissionCosts } from '../core/report/permissionCosts.ts'
import { rootConfigMapAccess } from './distributedRoots.ts'
import { logAccess } from './podLog.ts'
import { resourceOf, watched } from './watched.ts'

export interface PermissionRule {
  readonly group: string
  /** `pods/portforward` is a subresource. */
  readonly resource: string
  readonly verbs: readonly string[]
  /** Only objects of these names. */
  readonly names?: readonly string[]
  /** What it pays for: a comment. */
  readonly pays: string
  /** What is missing without it: a comment. */
  readonly without: string
}

/** What the views, the rules and the decisions need. */
export const readerRules: readonly PermissionRule[] = watched.map(each => {
  const { pays = '', unknown = '' } = permissionCosts[resourceOf(each)] ?? {}
  const rule = { group: each.group, resource: each.plural, pays, without: `${unknown} are unknown` }
  if (each.byName) return { ...rule, verbs: ['get'], names: ['istio'] }
  // Where nobody may list the namespaces, the chosen ones are asked for one by one.
  return { ...rule, verbs: each.kind === 'Namespace' ? ['get', 'list', 'watch'] : ['list', 'watch'] }
})

/** What the certificates of proxies need besides. */
export const certificateRules: readonly PermissionRule[] = [
  // A WebSocket is a GET, and since Kubernetes 1.35 "create" is checked as well (kubernetes/kubernetes#134577).
  {
    group: '',
    resource: 'pods/portforward',
    verbs: ['get', 'create'],
    pays: 'the certificates that proxies hold, from their admin port: one GET, never a change',
    without: 'certificates are not shown',
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get'],
    pays: 'a pod that is named where pods may not be listed',
    without: 'such a pod is not found',
  },
  {
    group: logAccess.group,
    resource: logAccess.resource,
    verbs: [logAccess.verb],
    pays: "the lines of a gateway's log that tell of certificates",
    without: 'the analysis of a gateway leaves its log out',
  },
  {
    group: rootConfigMapAccess.group,
    resource: rootConfigMapAccess.resource,
    names: rootConfigMapAccess.resourceNames,
    verbs: rootConfigMapAccess.verbs,
    pays: 'the roots that each namespace trusts',
    without: 'no chain is held against them',
  },
]

export const roles = {
  reader: { name: 'istio-security-reader', rules: readerRules },
  certificates: { name: 'istio-security-certificates', rules: certificateRules },
} as const

/** As RBAC writes a rule. */
export function policyRuleOf({ group, resource, names, verbs }: PermissionRule): object {
  return { apiGroups: [group], resources: [resource], ...(names ? { resourceNames: names } : {}), verbs }
}
