// `namespace/host` in Gateways and Sidecars. Source: istio/istio:pkg/config/validation/agent/validation.go
// (ValidateNamespaceSlashWildcardHostname, validateSidecarOrGatewayHostnamePart).
import { checkWildcardDomain, isDns1123Label } from './hostName.ts'
import { isIpAddress } from './ipAddress.ts'

export type HostOf = 'Gateway' | 'Sidecar'

/** Why a host is refused, as a clause; undefined where it is right. In a Gateway the namespace may be left out. */
export function checkNamespacedHost(text: string, of: HostOf): string | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return of === 'Gateway' ? checkHost(text, of) : 'it has no namespace before a slash, as in "./*" or "shop/*"'
  const namespace = text.slice(0, slash)
  const host = text.slice(slash + 1)
  if (namespace === '') return 'there is no namespace before the slash'
  if (host === '') return 'there is no host after the slash'
  if (!isNamespace(namespace, of)) return `"${namespace}" is no namespace`
  return checkHost(host, of)
}

/** A `~` excludes a namespace, or all, from what a sidecar sees. */
function isNamespace(text: string, of: HostOf): boolean {
  const name = of === 'Sidecar' && text.startsWith('~') ? text.slice(1) : text
  return name === '*' || name === '.' || isDns1123Label(name) || (name === '' && of === 'Sidecar')
}

function checkHost(host: string, of: HostOf): string | undefined {
  if (host === '*') return undefined
  if (host === '') return 'it is empty'
  if (!host.includes('.')) return 'a short name is not enough here'
  const reason = checkWildcardDomain(host)
  if (reason !== undefined && !(of === 'Gateway' && isIpAddress(host))) return reason
  return host.includes('*') && !host.startsWith('*.') ? 'a wildcard is a label of its own, as in "*.example.com"' : undefined
}
