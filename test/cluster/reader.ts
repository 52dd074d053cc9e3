// The permissions that the documentation tells people to give, as the manifest has them.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

export interface ClusterRole {
  readonly metadata: { readonly name: string }
  readonly rules: readonly PolicyRule[]
}

export const reader = 'istio-security-reader'
export const certificates = 'istio-security-certificates'

/** The roles of docs/rbac.yaml. */
export async function documentedRoles(): Promise<readonly ClusterRole[]> {
  const text = await readFile(fileURLToPath(new URL('../../docs/rbac.yaml', import.meta.url)), 'utf8')
  return parseAllDocuments(text)
    .map(document => document.toJS() as ClusterRole & { readonly kind: string })
    .filter(({ kind }) => kind === 'ClusterRole')
}

export function clusterRole(name: string, rules: readonly PolicyRule[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules }
}

/** Gives a user a role in one namespace, or everywhere. */
export function bind(role: string, user: string, namespace?: string): object {
  const group = 'rbac.authorization.k8s.io'
  return {
    apiVersion: `${group}/v1`,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name: `${role}-${user}`, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: group, kind: 'User', name: user }],
  }
}
