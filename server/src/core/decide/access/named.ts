// Identities that policies name and that the mesh does not show: of other trust domains, or where accounts are not all known.
import { principalsOf, serviceAccountsOf } from '../../istio/policy.ts'
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type ExactPrincipal, formatPrincipal, parsePrincipal } from '../../istio/values/principal.ts'
import { isOwnTrustDomain } from '../../mesh/build.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { policiesInForce } from '../ambient/inForce.ts'
import type { Destination } from '../authorization/connection.ts'
import { inForceAt } from '../authorization/inForce.ts'
import { perMesh } from '../perMesh.ts'
import { callersIn, type Identity, identityOf } from './identities.ts'

export function namedAt(to: Destination, mesh: Mesh): readonly Identity[] {
  const strangers = strangersIn(mesh)
  const found = new Map<string, Identity>()
  for (const policy of policiesAt(to, mesh)) {
    const named = strangers.get(policy) ?? strangersNamed(policy, mesh)
    strangers.set(policy, named)
    for (const identity of named) found.set(identity.principal, found.get(identity.principal) ?? identity)
  }
  return [...found.values()]
}

const strangersIn = perMesh(() => new WeakMap<AuthorizationPolicy, readonly Identity[]>())

function strangersNamed(policy: AuthorizationPolicy, mesh: Mesh): readonly Identity[] {
  const { settings } = mesh
  const { identities } = callersIn(mesh)
  return namesIn(policy).flatMap(({ namespace, serviceAccount, trustDomain: written }) => {
    const trustDomain = written === undefined || isOwnTrustDomain(written, settings) ? settings.trustDomain : written
    const principal = formatPrincipal({ trustDomain, namespace, serviceAccount })
    if (identities.has(principal) || mesh.identity({ match: 'exact', trustDomain, namespace, serviceAccount }) === 'absent') return []
    return identityOf(principal) ?? []
  })
}

function policiesAt(to: Destination, mesh: Mesh): readonly AuthorizationPolicy[] {
  if (to.workload.proxy === 'ztunnel') return policiesInForce(to.workload, mesh).map(({ publication }) => publication.policy)
  return inForceAt(to, mesh).policies
}

/** Without a trust domain: of any, and so of the mesh's own. */
type Name = Omit<ExactPrincipal, 'match' | 'trustDomain'> & { readonly trustDomain?: string }

function namesIn(policy: AuthorizationPolicy): readonly Name[] {
  const isOpen = (text: string) => policy.source.from === 'file' && isPlaceholder(text)
  const principals = principalsOf(policy).flatMap(({ value }) => {
    const principal = parsePrincipal(value)
    return principal.match === 'exact' && !isOpen(value) ? [principal] : []
  })
  const accounts = serviceAccountsOf(policy).flatMap(({ written, namespace, name }) =>
    isOpen(written.value) ? [] : [{ namespace, serviceAccount: name }],
  )
  return [...principals, ...accounts]
}
