// The names that a client asks of the certificate of a server.
// Source: istio/istio:pilot/pkg/model/push_context.go (addServiceAccounts), pkg/spiffe/spiffe.go (ExpandWithTrustDomains).
import type { Mesh } from '../../mesh/mesh.ts'
import { endpointsOf } from './endpoints.ts'
import type { Backend } from './instances.ts'
import type { Host } from './services.ts'

/** `spiffe://cluster.local/ns/shop/sa/checkout`. */
export function identityOf({ namespace, serviceAccount }: Backend, trustDomain: string): string | undefined {
  return serviceAccount === undefined ? undefined : `spiffe://${trustDomain.replace('@', '.')}/ns/${namespace}/sa/${serviceAccount}`
}

/** All that stand behind the host, by any port, and what its Service or ServiceEntry says of them; in order. */
export function identitiesBehind(mesh: Mesh, host: Host): readonly string[] {
  const { trustDomain, trustDomainAliases } = mesh.settings
  const behind = endpointsOf(mesh, host).flatMap(({ backend }) => identityOf(backend, trustDomain) ?? [])
  const all = [...new Set([...behind, ...written(host, trustDomain)])]
  return [...new Set(all.flatMap(id => [id, ...trustDomainAliases.flatMap(alias => inTrustDomain(id, alias))]))].toSorted()
}

function written({ origin }: Host, trustDomain: string): readonly string[] {
  if (origin.kind === 'ServiceEntry') return origin.subjectAltNames.map(({ value }) => value)
  const listed = (key: string) => origin.annotations[`alpha.istio.io/${key}`]?.split(',').filter(each => each !== '') ?? []
  const { namespace } = origin
  return [
    ...listed('canonical-serviceaccounts'),
    ...listed('kubernetes-serviceaccounts').flatMap(
      serviceAccount => identityOf({ namespace, labels: {}, serviceAccount }, trustDomain) ?? [],
    ),
  ]
}

const spiffe = /^spiffe:\/\/[^/]+(\/ns\/[^/]+\/sa\/[^/]+)$/

function inTrustDomain(id: string, trustDomain: string): readonly string[] {
  const path = spiffe.exec(id)?.[1]
  return path === undefined ? [] : [`spiffe://${trustDomain}${path}`]
}
