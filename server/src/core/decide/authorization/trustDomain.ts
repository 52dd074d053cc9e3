// Trust domain aliases: one identity, several names. Source: istio/istio:pilot/pkg/security/trustdomain/bundle.go, util.go.
import type { MeshSettings } from '../../mesh/mesh.ts'

/** The trust domain of the mesh, then its aliases. */
export type TrustDomains = readonly string[]

export function trustDomainsOf({ trustDomain, trustDomainAliases }: MeshSettings): TrustDomains {
  return [trustDomain, ...trustDomainAliases]
}

/** A principal with one of these trust domains (or `cluster.local`, which stands for all of them) becomes one for each of them. */
export function withAliases(principals: readonly string[], domains: TrustDomains): readonly string[] {
  return principals.flatMap(principal => {
    const [written = '', ...rest] = principal.split('/')
    if (rest.length !== 4 || written === '*' || !isOneOf(written, domains)) return [principal]
    const renamed = domains.map(domain => (isSuffixOf(written, domain) ? principal : [domain, ...rest].join('/')))
    return [...new Set(renamed)]
  })
}

/** `trustDomains`: one of these becomes all of them. */
export function withAllDomains(values: readonly string[], domains: TrustDomains): readonly string[] {
  return [...new Set(values.flatMap(value => (domains.includes(value) ? domains : [value])))]
}

/** The star may stand on either side. */
function isOneOf(written: string, domains: TrustDomains): boolean {
  const fits = (domain: string) =>
    written === domain ||
    domain === '*' ||
    isPrefixOf(domain, written) ||
    isPrefixOf(written, domain) ||
    isSuffixOf(domain, written) ||
    isSuffixOf(written, domain)
  return written === 'cluster.local' || domains.some(fits)
}

function isPrefixOf(pattern: string, text: string): boolean {
  return pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1))
}

function isSuffixOf(pattern: string, text: string): boolean {
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1))
}
