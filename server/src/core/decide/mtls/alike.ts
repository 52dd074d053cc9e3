// Pods of one owner that nothing tells apart: asking about one of them answers for all.
import { perMesh } from '../perMesh.ts'
import { type Instance, instances, nameOf } from './instances.ts'

/** At least one; the first speaks for the others. */
export type Alike = readonly [Instance, ...Instance[]]

/** Of all instances of the mesh. */
export const clientsAlike = perMesh(mesh => alike(instances(mesh)))

/** By owner, and by what policies and rules can look at. */
export function alike(all: readonly Instance[]): readonly Alike[] {
  const groups = new Map<string, [Instance, ...Instance[]]>()
  for (const instance of all) {
    const { labels, annotations, proxy } = instance
    const key = JSON.stringify([ownerOf(instance), proxy, labels, annotations])
    const group = groups.get(key)
    if (group) group.push(instance)
    else groups.set(key, [instance])
  }
  return [...groups.values()]
}

/** `shop/checkout`: what makes the pod, else the instance itself. */
export function ownerOf(instance: Instance): string {
  return nameOf(instance.workload?.name ? instance.workload : instance)
}
