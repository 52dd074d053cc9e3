// Objects by kind and namespace. A list stays the same array as long as it holds the same objects: what is made of it can be kept with it.
import type { Kind, Resource } from '../istio/resources.ts'
import { groupBy } from './groupBy.ts'

export interface KindList {
  readonly all: readonly Resource[]
  /** `""` for kinds without namespaces. */
  readonly byNamespace: ReadonlyMap<string, readonly Resource[]>
}

export type KindLists = ReadonlyMap<Kind, KindList>

const nothing: KindList = { all: [], byNamespace: new Map() }

/** Of one kind. What is as it was `before` is the same array as then. */
export function listOf(objects: readonly Resource[], before: KindList = nothing): KindList {
  if (areSame(objects, before.all)) return before
  const groups = groupBy(objects, ({ namespace }) => namespace)
  const byNamespace = [...groups].map(([namespace, group]) => {
    const known = before.byNamespace.get(namespace)
    return [namespace, known && areSame(known, group) ? known : group] as const
  })
  return { all: objects, byNamespace: new Map(byNamespace) }
}

/** Of any kinds, in any order. */
export function listsOf(objects: readonly Resource[]): KindLists {
  return new Map([...groupBy(objects, ({ kind }) => kind)].map(([kind, group]) => [kind, listOf(distinct(group))]))
}

/** A later object that is the same to the API server replaces the earlier one, as applying both in order would. */
export function distinct(objects: readonly Resource[]): readonly Resource[] {
  const kept = new Map<unknown, Resource>()
  // One without a name (`generateName`) is never another's.
  for (const object of objects) kept.set(object.name === '' ? object : `${object.namespace}\0${identityOf(object)}`, object)
  return kept.size === objects.length ? objects : [...kept.values()]
}

/** Within a kind and a namespace: a Deployment and a StatefulSet may have the same name. */
export function identityOf(object: Resource): string {
  return object.kind === 'WorkloadOwner' ? `${object.name}\0${object.ownerKind}` : object.name
}

function areSame(one: readonly Resource[], other: readonly Resource[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}
