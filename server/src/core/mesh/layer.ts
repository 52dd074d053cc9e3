// Objects found by kind, namespace and name. A mesh is one layer (files) over another (the cluster).
import type { Kind, Resource, ResourceOf } from '../istio/resources.ts'
import { identityOf, type KindLists, listsOf } from './lists.ts'

export class Layer {
  private readonly lists: KindLists
  private known: ReadonlySet<string> | undefined

  constructor(objects: readonly Resource[] | KindLists) {
    this.lists = objects instanceof Map ? objects : listsOf(objects as readonly Resource[])
  }

  /** Every namespace that an object here lives in. */
  get namespaces(): ReadonlySet<string> {
    this.known ??= new Set([...this.lists.values()].flatMap(({ byNamespace }) => [...byNamespace.keys()]))
    return this.known
  }

  all<K extends Kind>(kind: K): readonly ResourceOf<K>[] {
    return (this.lists.get(kind)?.all ?? none) as readonly ResourceOf<K>[]
  }

  /** The same array as long as it holds the same objects. */
  in<K extends Kind>(kind: K, namespace: string): readonly ResourceOf<K>[] {
    return (this.lists.get(kind)?.byNamespace.get(namespace) ?? none) as readonly ResourceOf<K>[]
  }

  find<K extends Kind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    return name === '' ? undefined : (this.indexIn(kind, namespace).byName.get(name) as ResourceOf<K> | undefined)
  }

  /** The object of this layer that is the same to the API server. */
  counterpart<R extends Resource>(object: R): R | undefined {
    if (object.name === '') return undefined
    return this.indexIn(object.kind, object.namespace).byIdentity.get(identityOf(object)) as R | undefined
  }

  private indexIn(kind: Kind, namespace: string): Index {
    return indexOf(this.in(kind, namespace))
  }
}

const none: readonly Resource[] = []

interface Index {
  readonly byName: ReadonlyMap<string, Resource>
  readonly byIdentity: ReadonlyMap<string, Resource>
}

/** Of one kind in one namespace: made when something there is looked for, and kept with the list. */
function indexOf(list: readonly Resource[]): Index {
  const known = indexes.get(list)
  if (known) return known
  const byName = new Map(list.map(object => [object.name, object]))
  const byIdentity = list.some(({ kind }) => kind === 'WorkloadOwner') ? new Map(list.map(object => [identityOf(object), object])) : byName
  const made = { byName, byIdentity }
  indexes.set(list, made)
  return made
}

const indexes = new WeakMap<readonly Resource[], Index>()
