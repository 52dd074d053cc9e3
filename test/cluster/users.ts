// Who asks the API server, what each may do, and a kubeconfig for each: permissions and ways to log in are half of what can go wrong.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PermissionRule, policyRuleOf, roles } from '../../server/src/cluster/permissions.ts'
import type { Site } from './site.ts'

/**
 * - `viewer` has what docs/rbac.yaml gives, by token; `viewer-certificate` and `viewer-exec` are as entitled and log in with a client
 *   certificate and through an exec plugin
 * - `narrow` reads pods in the namespace `shop` only, everything else everywhere
 * - `no-forward` is a viewer without `pods/portforward`; `forward-get` has only its verb `get`
 * - `stranger` shows a token that the API server does not know
 * - `admin` sets up the cluster and may do everything
 */
export type User = (typeof userNames)[number]
const userNames = ['viewer', 'viewer-certificate', 'viewer-exec', 'narrow', 'no-forward', 'forward-get', 'stranger', 'admin'] as const

// What docs/rbac.yaml gives: whoever reads with less loses something, and nobody has to give more.
const isPods = ({ group, resource }: PermissionRule) => group === '' && resource === 'pods'
const isForward = ({ resource }: PermissionRule) => resource === 'pods/portforward'
const readMesh = [...roles.reader.rules, ...roles.certificates.rules.filter(rule => !isForward(rule))].filter(rule => !isPods(rule))
const readPods = [...roles.reader.rules, ...roles.certificates.rules].filter(isPods)
const forward = (...verbs: readonly string[]) => [{ apiGroups: [''], resources: ['pods/portforward'], verbs }]

/** The RBAC objects behind the users. */
export const permissions: readonly object[] = [
  clusterRole('read-mesh', readMesh.map(policyRuleOf)),
  clusterRole('read-pods', readPods.map(policyRuleOf)),
  clusterRole('forward', forward('get', 'create')),
  clusterRole('forward-get', forward('get')),
  everywhere('read-mesh', 'viewer', 'viewer-certificate', 'viewer-exec', 'narrow', 'no-forward', 'forward-get'),
  everywhere('read-pods', 'viewer', 'viewer-certificate', 'viewer-exec', 'no-forward', 'forward-get'),
  everywhere('forward', 'viewer', 'viewer-certificate', 'viewer-exec', 'narrow'),
  everywhere('forward-get', 'forward-get'),
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace: 'shop', name: 'read-pods' },
    ...binding('read-pods', ['narrow']),
  },
]

/** The static tokens, as `--token-auth-file` reads them. */
export async function writeTokens(file: string): Promise<void> {
  const known = userNames.filter(user => user !== 'stranger' && user !== 'viewer-certificate')
  const lines = known.map(user => `${tokenOf(user)},${user},${user}${user === 'admin' ? ',system:masters' : ''}`)
  await writeFile(file, `${lines.join('\n')}\n`)
}

export function tokenOf(user: User): string {
  return `token-of-${user}`
}

export function kubeconfigOf(folder: string, user: User): string {
  return join(folder, `${user}.kubeconfig`)
}

/** Writes a kubeconfig for every user, with one context named `rig`. */
export async function writeKubeconfigs(site: Site, server: string): Promise<void> {
  for (const user of userNames) {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'rig',
      clusters: [{ name: 'rig', cluster: { server, 'certificate-authority': site.kubernetes.certificate } }],
      users: [{ name: user, user: await login(site, user) }],
      contexts: [{ name: 'rig', context: { cluster: 'rig', user } }],
    }
    // JSON is YAML.
    await writeFile(kubeconfigOf(site.folder, user), JSON.stringify(config, undefined, 2), { mode: 0o600 })
  }
}

async function login({ folder, keys, kubernetes }: Site, user: User): Promise<object> {
  if (user === 'viewer-certificate') {
    const { certificate, key } = await keys.issue(user, { subject: `/CN=${user}`, usage: 'clientAuth' }, kubernetes)
    return { 'client-certificate': certificate, 'client-key': key }
  }
  if (user === 'viewer-exec') {
    const apiVersion = 'client.authentication.k8s.io/v1'
    const answer = join(folder, `${user}.json`)
    await writeFile(answer, JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: tokenOf(user) } }))
    return { exec: { apiVersion, command: 'cat', args: [answer], interactiveMode: 'Never' } }
  }
  return { token: tokenOf(user) }
}

function clusterRole(name: string, rules: readonly object[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules }
}

function everywhere(role: string, ...users: readonly User[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: role }, ...binding(role, users) }
}

function binding(role: string, users: readonly User[]): object {
  return {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: users.map(name => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })),
  }
}
