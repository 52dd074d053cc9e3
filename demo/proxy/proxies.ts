// Which proxy a pod has and which secrets that proxy holds: the healthy ones, and those that make the demo worth looking at.
import type { Authority, Chain } from '../certificates/authority.ts'
import { gatewayCredentials } from '../mesh/bookinfo.ts'
import type { Pod } from '../mesh/workload.ts'

/** One secret of an Envoy; without content it is still warming. */
export interface Secret {
  readonly name: string
  readonly updated: Date
  readonly content?: { readonly kind: 'certificate'; readonly chain: Chain } | { readonly kind: 'trust'; readonly root: Chain }
}

export interface Envoy {
  readonly kind: 'envoy'
  readonly role: 'sidecar' | 'gateway' | 'waypoint'
  readonly pod: Pod
  readonly secrets: readonly Secret[]
}

export interface Ztunnel {
  readonly kind: 'ztunnel'
  readonly pod: Pod
  /** One for each identity among the ambient pods of its node. */
  readonly certificates: readonly { readonly identity: string; readonly chain: Chain; readonly root: Chain }[]
}

/** What answers at a pod's admin port; `none` covers pods without a proxy and a proxy that hangs. */
export type PodProxy = Envoy | Ztunnel | { readonly kind: 'none' }

const hour = 3_600_000

// By namespace and label `app`. Everything else is healthy.
const troubles: Readonly<Record<string, 'expired' | 'warming' | 'hangs'>> = {
  'billing/invoicer': 'expired',
  'billing/ledger': 'warming',
  'billing/archive': 'hangs',
}
// Issued so many hours ago; Istio renews after about 12.
const ages: Readonly<Record<string, number>> = { 'billing/invoicer': 27, 'bookinfo/ratings': 13 }

// Since the CA of the mesh was replaced.
const notRestarted: ReadonlySet<string> = new Set(['bookinfo/details'])

export const identityOf = ({ metadata, spec }: Pod): string =>
  `spiffe://cluster.local/ns/${metadata.namespace}/sa/${spec.serviceAccountName}`

export const isAmbient = ({ metadata }: Pod): boolean => metadata.annotations?.['ambient.istio.io/redirection'] === 'enabled'

/** When a pod's certificate was issued at the start of the demo: spread over the last nine hours, as in a mesh that has been running. */
export function issuedAtStart(pod: Pod, now: Date): Date {
  const spread = 1 + ([...pod.metadata.name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 90) / 10
  return new Date(now.getTime() - (ages[keyOf(pod)] ?? spread) * hour)
}

/** The pod's proxy, with a workload certificate issued at the given time for each identity it serves. */
export async function createProxy(pod: Pod, pods: readonly Pod[], authority: Authority, issuedAt: Date): Promise<PodProxy> {
  if (pod.metadata.labels?.app === 'ztunnel') return createZtunnel(pod, pods, authority, issuedAt)
  const role = roleOf(pod)
  if (role === undefined || troubles[keyOf(pod)] === 'hangs') return { kind: 'none' }
  if (troubles[keyOf(pod)] === 'warming') {
    return { kind: 'envoy', role, pod, secrets: ['default', 'ROOTCA'].map(name => ({ name, updated: issuedAt })) }
  }
  const before = notRestarted.has(keyOf(pod))
  const chain = await authority.issueWorkload({ identity: identityOf(pod), key: keyKindOf(pod), issuedAt, before })
  const own: readonly Secret[] = [
    { name: 'default', updated: issuedAt, content: { kind: 'certificate', chain } },
    { name: 'ROOTCA', updated: issuedAt, content: { kind: 'trust', root: authority.root } },
  ]
  if (role !== 'gateway') return { kind: 'envoy', role, pod, secrets: own }
  return { kind: 'envoy', role, pod, secrets: [...own, ...(await gatewaySecrets(authority, issuedAt))] }
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.labels?.app}`

function roleOf({ metadata, spec }: Pod): Envoy['role'] | undefined {
  const proxy = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === 'istio-proxy')
  if (!proxy) return undefined
  if (metadata.labels?.['gateway.networking.k8s.io/gateway-name']) return 'waypoint'
  return proxy.args?.includes('router') ? 'gateway' : 'sidecar'
}

// The shop runs with ECC_SIGNATURE_ALGORITHM=ECDSA, the others with the default.
const keyKindOf = ({ metadata }: Pod): 'EC' | 'RSA' => (metadata.namespace === 'shop' ? 'EC' : 'RSA')

async function createZtunnel(pod: Pod, pods: readonly Pod[], authority: Authority, issuedAt: Date): Promise<Ztunnel> {
  const served = pods.filter(other => isAmbient(other) && other.spec.nodeName === pod.spec.nodeName)
  const identities = [...new Set(served.map(identityOf))].sort()
  const certificates = identities.map(async identity => {
    const chain = await authority.issueWorkload({ identity, key: 'EC', issuedAt })
    return { identity, chain, root: authority.root }
  })
  return { kind: 'ztunnel', pod, certificates: await Promise.all(certificates) }
}

async function gatewaySecrets(authority: Authority, updated: Date): Promise<readonly Secret[]> {
  const secrets = gatewayCredentials.map(async ({ name, host, arrived, mutual }): Promise<readonly Secret[]> => {
    if (!arrived) return [{ name: `kubernetes://${name}`, updated }]
    const chain = await authority.issueWeb(host, new Date(updated.getTime() - 48 * hour))
    const certificate: Secret = { name: `kubernetes://${name}`, updated, content: { kind: 'certificate', chain } }
    if (!mutual) return [certificate]
    return [certificate, { name: `kubernetes://${name}-cacert`, updated, content: { kind: 'trust', root: authority.webRoot } }]
  })
  return (await Promise.all(secrets)).flat()
}
