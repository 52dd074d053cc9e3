// Kinds that Istio had before 1.6. Source: istio/api authentication/v1alpha1, rbac/v1alpha1 at release-1.5, told in our words.
import { groupOf } from '../schema/index.ts'

/** What replaced each, in a sentence. */
const replacements: Readonly<Record<string, string>> = {
  'authentication.istio.io/Policy': 'Use a PeerAuthentication for "peers" and a RequestAuthentication for "origins".',
  'authentication.istio.io/MeshPolicy': 'Use a PeerAuthentication in the root namespace.',
  'rbac.istio.io/ServiceRole': 'Use an AuthorizationPolicy, which holds the role and its bindings.',
  'rbac.istio.io/ServiceRoleBinding': 'Use an AuthorizationPolicy, which holds the role and its bindings.',
  'rbac.istio.io/ClusterRbacConfig': 'Close a namespace with an AuthorizationPolicy that has an empty spec instead.',
  'rbac.istio.io/RbacConfig': 'Close a namespace with an AuthorizationPolicy that has an empty spec instead.',
  'rbac.istio.io/AuthorizationPolicy': 'Use the AuthorizationPolicy of security.istio.io, which has other fields.',
}

export function replacementOf(apiVersion: string, kind: string): string | undefined {
  const key = `${groupOf(apiVersion)}/${kind}`
  return Object.hasOwn(replacements, key) ? replacements[key] : undefined
}

export function isRemoved(apiVersion: string, kind: string): boolean {
  return replacementOf(apiVersion, kind) !== undefined
}
