// Modes that are filled in later, or that Istio refuses: what they say is not known.
import type { ClientTls, PeerAuthentication } from '../../istio/resources.ts'
import { isTemplated } from '../../istio/selector.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { entriesAt, stringAt } from '../../yaml/tree.ts'
import { perMesh } from '../perMesh.ts'

/** The policies of a namespace of which it is not known what they say, or of whom. */
export function openPolicies(mesh: Mesh, namespace: string): readonly PeerAuthentication[] {
  return open(mesh).filter(policy => policy.namespace === namespace)
}

const open = perMesh(mesh => mesh.all('PeerAuthentication').filter(isOpen))

function isOpen({ mode, portLevelMtls, spec, selector }: PeerAuthentication): boolean {
  if (selector && isTemplated(selector)) return true
  if (!mode && stringAt(spec, 'mtls', 'mode')) return true
  const written = entriesAt(spec, 'portLevelMtls')
  return written.filter(({ value }) => stringAt(value, 'mode')).length !== portLevelMtls.filter(each => each.mode).length
}

const known: readonly (string | undefined)[] = ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL', undefined]

export function isOpenTls({ mode }: Pick<ClientTls, 'mode'>): boolean {
  return !known.includes(mode?.value)
}
