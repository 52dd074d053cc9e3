// An end read from what its proxy said: a saved dump, or the answer of a running proxy.
import type { Pod } from '../../istio/resources.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import type { ProxyKind } from '../../mesh/enrolment.ts'
import { readEnvoyConfig } from '../../proxy/envoy/config.ts'
import type { EnvoyNode } from '../../proxy/envoy/node.ts'
import { parseJson } from '../../proxy/json.ts'
import { readCertificates } from '../../proxy/readCertificates.ts'
import { readZtunnelConfig } from '../../proxy/ztunnelConfig.ts'
import type { End, Live } from './question.ts'

/** Undefined where the text is no dump of Envoy or ztunnel. `now` is RFC 3339. */
export function readLive(text: string, now: string): Live | undefined {
  const parsed = parseJson(text)
  if (parsed.kind !== 'value') return undefined
  const envoy = readEnvoyConfig(parsed.value)
  const ztunnel = envoy ? undefined : readZtunnelConfig(parsed.value)
  if (!envoy && !ztunnel) return undefined
  return { certificates: readCertificates(text, now), ...(envoy ? { envoy } : {}), ...(ztunnel ? { ztunnel } : {}) }
}

/** A pod that nothing but its proxy's dump tells of. */
export function endOf(live: Live, named: Pick<End, 'namespace' | 'name'>): End {
  const node = live.envoy?.node
  const workload = live.ztunnel?.workloads.find(each => each.namespace === named.namespace && each.name === named.name)
  const expectedIdentity = workload?.identity ?? (node && identityOf(node, live))
  return {
    ...named,
    proxy: live.ztunnel ? 'ztunnel' : roleOf(node),
    addresses: workload?.addresses ?? node?.addresses ?? [],
    live,
    ...(expectedIdentity === undefined ? {} : { expectedIdentity }),
  }
}

/** A proxy that does not say what it is stands beside an application, as most do. */
function roleOf(node: EnvoyNode | undefined): ProxyKind {
  return node === undefined || node.role === 'other' ? 'sidecar' : node.role
}

/** Which pod a dump is of, where it says so. */
export function podOf({ envoy }: Live): Pick<End, 'namespace' | 'name'> | undefined {
  const { namespace, name } = envoy?.node ?? {}
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined
}

/** A pod of the cluster, with what its proxy said. */
export function endOfPod(
  pod: Pod,
  proxy: ProxyKind,
  trustDomain: string | undefined,
  live: Live | { readonly silent: string; readonly remedy?: string } | undefined,
): End {
  const { namespace, name, serviceAccount, ip } = pod
  const told = live === undefined ? {} : 'silent' in live ? live : { live }
  return {
    namespace,
    name,
    proxy,
    addresses: ip === undefined ? [] : [ip],
    ...(trustDomain === undefined ? {} : { expectedIdentity: `spiffe://${formatPrincipal({ trustDomain, namespace, serviceAccount })}` }),
    ...told,
  }
}

/** Whose account it is, the node knows; its trust domain, only the certificate: the mesh's id may be another. */
function identityOf({ namespace, serviceAccount }: EnvoyNode, { certificates }: Live): string | undefined {
  const own = certificates.entries.find(({ role, chain }) => role === 'workload' && chain.length > 0)?.chain[0]?.identity
  const trustDomain = /^spiffe:\/\/([^/]+)/.exec(own ?? '')?.[1]
  if (namespace === undefined || serviceAccount === undefined || trustDomain === undefined) return undefined
  return `spiffe://${formatPrincipal({ trustDomain, namespace, serviceAccount })}`
}
