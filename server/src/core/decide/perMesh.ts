// Indexes over a mesh are made when they are first asked for, and live as long as the mesh.
import type { Mesh } from '../mesh/mesh.ts'

/** The same answer for the same mesh; `make` runs at most once for each. */
export function perMesh<T>(make: (mesh: Mesh) => T): (mesh: Mesh) => T {
  return keptWith(make)
}

/** The same answer for the same object, as long as it lives: a list that stays what it was from one mesh to the next. */
export function keptWith<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, { readonly value: T }>()
  return key => {
    const known = made.get(key) ?? { value: make(key) }
    made.set(key, known)
    return known.value
  }
}
