// Indexes over a mesh are made when they are first asked for, and live as long as the mesh.
import type { Mesh } from '../mesh/mesh.ts'

/** The same answer for the same mesh; `make` runs at most once for each. */
export function perMesh<T>(make: (mesh: Mesh) => T): (mesh: Mesh) => T {
  const made = new WeakMap<Mesh, { readonly value: T }>()
  return mesh => {
    const known = made.get(mesh) ?? { value: make(mesh) }
    made.set(mesh, known)
    return known.value
  }
}
