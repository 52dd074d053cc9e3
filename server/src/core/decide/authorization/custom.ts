// CUSTOM policies: an external authorizer decides what their rules match.
// Source: istio/istio:pilot/pkg/security/authz/builder/builder.go (buildHTTP, buildTCP), extauthz.go (processExtensionProvider).
import type { ExtensionProvider } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { knowsHosts } from '../hosts.ts'
import type { Connection } from './connection.ts'
import type { RuleInForce } from './inForce.ts'
import { type Judged, missingOf, nameOf, passed, type Stage } from './stage.ts'

/** What becomes of the connections that CUSTOM policies match. */
export type Provider =
  | { readonly is: 'asked'; readonly name: string }
  | { readonly is: 'silent' }
  | { readonly is: 'unusable'; readonly because: string }

/** One provider for each workload: with more, or with one that does not exist, all that the rules match is refused. `rules`: all at the workload. */
export function askProvider(
  judged: readonly Judged[],
  rules: readonly RuleInForce[],
  connection: Connection,
  protocol: 'http' | 'tcp',
  mesh: Mesh,
): Stage {
  const hit = judged.find(({ truth }) => truth.is === 'yes')
  const missing = hit ? [] : missingOf(judged)
  if (!hit && missing.length === 0) return passed
  const provider = providerFor(
    rules.filter(({ action }) => action === 'CUSTOM'),
    protocol,
    mesh,
  )
  if (provider.is === 'silent') return passed
  if (provider.is === 'unusable') {
    if (!hit) return { is: 'unknown', missing, refusal: 403 }
    return {
      is: 'refused',
      layer: 'rbac',
      status: 403,
      by: hit.rule,
      because: `${nameOf(hit.rule)} asks an authorizer, and ${provider.because}.`,
    }
  }
  if (connection.provider === 'allow') return passed
  const answer = connection.provider === undefined ? [`what the authorizer ${provider.name} answers`] : []
  if (!hit || answer.length > 0) return { is: 'unknown', missing: [...missing, ...answer], refusal: 403 }
  return {
    is: 'refused',
    layer: 'ext_authz',
    status: 403,
    by: hit.rule,
    because: `${nameOf(hit.rule)} asks the authorizer ${provider.name}, which refuses.`,
  }
}

/** `rules`: all CUSTOM rules at the workload. */
export function providerFor(rules: readonly RuleInForce[], protocol: 'http' | 'tcp', mesh: Mesh): Provider {
  const { settings } = mesh
  const names = [...new Set(rules.map(providerOf))]
  const [name = ''] = names
  if (names.length > 1) return { is: 'unusable', because: `istiod takes one authorizer for a workload, not ${names.join(' and ')}` }
  const found = settings.extensionProviders.filter(each => each.authorizer !== undefined && each.name === name)
  const [provider] = found
  if (provider) return usable(provider, found.length, protocol, mesh)
  // Who does not know the settings of the mesh does not know its providers.
  if (!settings.known && !mesh.complete('MeshConfig')) return { is: 'asked', name }
  return { is: 'unusable', because: `the mesh has no authorizer "${name}"` }
}

function usable({ name, authorizer, service = '' }: ExtensionProvider, count: number, protocol: 'http' | 'tcp', mesh: Mesh): Provider {
  if (count > 1) return { is: 'unusable', because: `the mesh has ${count} authorizers "${name}"` }
  if (!/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(name)) return { is: 'unusable', because: `istiod takes no authorizer named "${name}"` }
  if (isNowhere(service, mesh))
    return { is: 'unusable', because: `there is no Service at "${service}", where the mesh looks for "${name}"` }
  // An authorizer that speaks HTTP cannot be asked about a connection.
  return protocol === 'tcp' && authorizer === 'http' ? { is: 'silent' } : { is: 'asked', name }
}

/** Hosts are looked up as they are written: a short name finds nothing. Source: pilot/pkg/model/telemetry_logging.go (LookupCluster). */
function isNowhere(written: string, mesh: Mesh): boolean {
  const slash = written.indexOf('/')
  const host = written.slice(slash + 1)
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? []
  if (name && namespace && mesh.find('Service', namespace, name)) return slash >= 0 && written.slice(0, slash) !== namespace
  if (isPlaceholder(written)) return false
  return !mesh.all('ServiceEntry').some(({ hosts }) => hosts.some(({ value }) => value === host)) && knowsHosts(mesh)
}

function providerOf({ policy }: RuleInForce): string {
  return policy.provider?.value ?? ''
}
