// Hosts of Services that are known, and who may see a rule.
import type { Mesh } from '../../mesh/mesh.ts'
import type { OfferedValue } from './value.ts'

/** Whole names: a short one means another Service as soon as the rule moves. */
export function serviceHosts(mesh: Mesh, own: string): readonly OfferedValue[] {
  return mesh.all('Service').map(({ name, namespace, source }) => ({
    value: `${name}.${namespace}.svc.cluster.local`,
    detail: `Service of ${namespace} · ${source.from === 'cluster' ? source.context : 'files'}`,
    rank: namespace === own ? 0 : 1,
  }))
}

export const visibilities: readonly OfferedValue[] = [
  { value: '.', detail: 'this namespace only', rank: 0 },
  { value: '*', detail: 'every namespace', rank: 0 },
]
