// The external authorizers that the mesh has.
import type { ExtensionProvider } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'

/** Undefined where the settings of the mesh are not known: repositories seldom hold them. */
export function authorizersOf(mesh: Mesh): readonly ExtensionProvider[] | undefined {
  const { extensionProviders } = mesh.settings
  if (mesh.all('MeshConfig').length !== 1 || !mesh.complete('MeshConfig') || extensionProviders.some(({ name }) => isPlaceholder(name)))
    return undefined
  return extensionProviders.filter(({ authorizer }) => authorizer !== undefined)
}
