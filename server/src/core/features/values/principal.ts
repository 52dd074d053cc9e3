// Identities to choose from: the service accounts that are known, those that pods really present first.

import type { ServiceAccount, Source } from '../../istio/resources.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { count } from '../../report/words.ts'
import type { OfferedValue } from './value.ts'

export function principals(mesh: Mesh, own: string): readonly OfferedValue[] {
  // `cluster.local` always works and survives a change of the trust domain on sidecars, but ztunnel compares literally.
  const { trustDomain } = mesh.settings
  return accounts(mesh).map(({ account, pods }) => ({
    value: formatPrincipal({ trustDomain, namespace: account.namespace, serviceAccount: account.name }),
    detail: `${presenters(pods)} · ${origin(account.source)}`,
    rank: rankOf(account, pods, own),
  }))
}

/** `namespace/name`, the form of `serviceAccounts`. */
export function serviceAccounts(mesh: Mesh, own: string): readonly OfferedValue[] {
  return accounts(mesh).map(({ account, pods }) => ({
    value: `${account.namespace}/${account.name}`,
    detail: `${presenters(pods)} · ${origin(account.source)}`,
    rank: rankOf(account, pods, own),
  }))
}

export function namespaces(mesh: Mesh): readonly OfferedValue[] {
  return mesh
    .all('Namespace')
    .map(({ name, source }) => ({ value: name, detail: origin(source), rank: /^(kube|istio)-/.test(name) ? 1 : 0 }))
}

export function trustDomains(mesh: Mesh): readonly OfferedValue[] {
  const { trustDomain, trustDomainAliases, known } = mesh.settings
  const own = { value: trustDomain, detail: known ? 'trust domain of this mesh' : "Istio's default", rank: 0 }
  return [own, ...trustDomainAliases.map(value => ({ value, detail: 'alias of the trust domain', rank: 1 }))]
}

function accounts(mesh: Mesh): readonly { readonly account: ServiceAccount; readonly pods: number }[] {
  const pods = new Map<string, number>()
  for (const workload of mesh.workloads) {
    if (workload.proxy === 'none') continue
    const key = `${workload.namespace}/${workload.serviceAccount}`
    pods.set(key, (pods.get(key) ?? 0) + workload.pods.length)
  }
  return mesh.all('ServiceAccount').map(account => ({ account, pods: pods.get(`${account.namespace}/${account.name}`) ?? 0 }))
}

/** Neighbours call most; an account that nothing runs as calls nobody. */
function rankOf(account: ServiceAccount, pods: number, own: string): number {
  if (pods === 0) return 2
  return account.namespace === own ? 0 : 1
}

function presenters(pods: number): string {
  return pods > 0 ? `presented by ${count(pods, 'pod')}` : 'no pod presents it'
}

function origin(source: Source): string {
  return source.from === 'cluster' ? source.context : 'files'
}
