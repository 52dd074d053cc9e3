// Everybody who can call with an identity, and everybody who can only call in plaintext.
import { formatPrincipal, parsePrincipal } from '../../istio/values/principal.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare, proxyOf } from '../../mesh/workloads.ts'
import { tlsModeOfAddress } from '../mtls/instances.ts'
import { perMesh } from '../perMesh.ts'

export interface Identity {
  /** `cluster.local/ns/shop/sa/frontend` */
  readonly principal: string
  readonly trustDomain: string
  readonly namespace: string
  readonly serviceAccount: string
  /** `shop/frontend`: who shows it; empty for an account that nobody known here uses with a proxy. */
  readonly workloads: readonly string[]
}

export interface Callers {
  /** By principal, in order. */
  readonly identities: ReadonlyMap<string, Identity>
  /** `shop/legacy`: whoever has no proxy, or pods without one. */
  readonly plaintext: readonly string[]
}

/** Of the service accounts of the mesh, and of workloads whose account nobody wrote down. */
export const callersIn = perMesh<Callers>(mesh => {
  const { trustDomain } = mesh.settings
  const workloads = new Map<string, string[]>()
  const plaintext: string[] = []
  const account = (namespace: string, serviceAccount: string) => {
    const principal = formatPrincipal({ trustDomain, namespace, serviceAccount })
    const known = workloads.get(principal) ?? []
    workloads.set(principal, known)
    return known
  }
  for (const { namespace, name } of mesh.all('ServiceAccount')) account(namespace, name)
  for (const workload of mesh.workloads) {
    const name = `${workload.namespace}/${workload.name}`
    const users = account(workload.namespace, workload.serviceAccount)
    if (workload.proxy !== 'none') users.push(name)
    if (hasBarePods(workload, mesh)) plaintext.push(name)
  }
  for (const { namespace, name, labels, workloadLabels, serviceAccount, annotations } of mesh.all('WorkloadEntry')) {
    const hasProxy =
      tlsModeOfAddress({ ...workloadLabels, ...labels }, serviceAccount) === 'istio' ||
      annotations['istio.io/autoRegistrationGroup'] !== undefined
    if (!hasProxy) plaintext.push(`${namespace}/${name}`)
    else if (serviceAccount) account(namespace, serviceAccount).push(`${namespace}/${name}`)
  }
  const identities = [...workloads].toSorted(([a], [b]) => compare(a, b)).map(([principal, users]) => identityOf(principal, users))
  return {
    identities: new Map(identities.flatMap(each => (each ? [[each.principal, each] as const] : []))),
    plaintext: [...new Set(plaintext)].toSorted(compare),
  }
})

/** Undefined for a text of another form than Istio gives out. */
export function identityOf(principal: string, workloads: readonly string[] = []): Identity | undefined {
  const parsed = parsePrincipal(principal)
  if (parsed.match !== 'exact') return undefined
  const { trustDomain, namespace, serviceAccount } = parsed
  return { principal, trustDomain, namespace, serviceAccount, workloads: [...new Set(workloads)] }
}

function hasBarePods({ proxy, pods }: Workload, mesh: Mesh): boolean {
  return proxy === 'none' || (proxy !== 'unknown' && pods.length > 1 && pods.some(pod => proxyOf(pod, mesh) === 'none'))
}
