// Objects found by kind, namespace and name. A mesh is one layer (files) over another (the cluster).
import type { Kind, Resource, ResourceOf } from '../istio/resources.ts'

export class Layer {
  /** Every namespace that an object here lives in. */
  readonly namespaces = new Set<string>()
  private readonly byKind = new Map<Kind, Resource[]>()
  private readonly byNamespace = new Map<string, Resource[]>()
  private readonly byName = new Map<string, Resource>()
  private readonly byIdentity = new Map<string, Resource>()

  constructor(objects: readonly Resource[]) {
    for (const object of objects) {
      // A later object with the same name replaces the earlier one, as applying both in order would.
      const earlier = this.counterpart(object)
      if (object.name !== '') {
        this.byName.set(nameKey(object.kind, object.namespace, object.name), object)
        this.byIdentity.set(identityKey(object), object)
      }
      this.namespaces.add(object.namespace)
      add(this.byKind, object.kind, object, earlier)
      add(this.byNamespace, namespaceKey(object.kind, object.namespace), object, earlier)
    }
  }

  all<K extends Kind>(kind: K): readonly ResourceOf<K>[] {
    return (this.byKind.get(kind) ?? []) as ResourceOf<K>[]
  }

  in<K extends Kind>(kind: K, namespace: string): readonly ResourceOf<K>[] {
    return (this.byNamespace.get(namespaceKey(kind, namespace)) ?? []) as ResourceOf<K>[]
  }

  find<K extends Kind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    return this.byName.get(nameKey(kind, namespace, name)) as ResourceOf<K> | undefined
  }

  /** The object of this layer that is the same to the API server. One without a name (`generateName`) is never another's. */
  counterpart<R extends Resource>(object: R): R | undefined {
    return object.name === '' ? undefined : (this.byIdentity.get(identityKey(object)) as R | undefined)
  }
}

function add<K>(lists: Map<K, Resource[]>, key: K, object: Resource, replaces: Resource | undefined): void {
  const list = lists.get(key)
  if (!list) lists.set(key, [object])
  else if (replaces) list[list.indexOf(replaces)] = object
  else list.push(object)
}

function namespaceKey(kind: Kind, namespace: string): string {
  return `${kind}\0${namespace}`
}

function nameKey(kind: Kind, namespace: string, name: string): string {
  return `${kind}\0${namespace}\0${name}`
}

/** A Deployment and a StatefulSet may have the same name. */
function identityKey(object: Resource): string {
  const owner = object.kind === 'WorkloadOwner' ? object.ownerKind : ''
  return `${nameKey(object.kind, object.namespace, object.name)}\0${owner}`
}
