// Namespaces that were asked for: a slip of the fingers reads like an empty cluster, so it is told.
import { nearest } from '../core/istio/nearest.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { asides, CannotRun } from './cannotRun.ts'

export interface KnownNamespaces {
  readonly names: ReadonlySet<string>
  /** No other is there. */
  readonly whole: boolean
}

/** Rejects what is certainly not there; says where that is not known. */
export function requireNamespaces(asked: readonly string[], { names, whole }: KnownNamespaces): void {
  for (const name of asked) {
    if (names.has(name)) continue
    if (whole) throw new CannotRun(`there is no namespace "${name}"${didYouMean(nearest(name, names))}`)
    asides.add(`whether there is a namespace "${name}" is not known, since not all namespaces could be read`)
  }
}

export function namespacesOf(mesh: Mesh): KnownNamespaces {
  return { names: mesh.namespaces, whole: mesh.complete('Namespace') }
}

export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `; did you mean "${name}"?`
}
