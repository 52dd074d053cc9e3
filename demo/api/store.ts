// The objects of the demo cluster with their history: every write makes a new revision, so that paging and watches see one consistent past.
import type { KubeObject } from './object.ts'
import { idOf, type ResourceType, typeOf } from './resources.ts'

export interface Change {
  readonly revision: number
  readonly type: ResourceType
  /** Undefined: added. */
  readonly before?: KubeObject
  /** Undefined: deleted. */
  readonly after?: KubeObject
}

type Snapshot = ReadonlyMap<string, KubeObject>

export const keyOf = (type: ResourceType, namespace: string | undefined, name: string): string => `${idOf(type)}/${namespace ?? ''}/${name}`

export class Store {
  #revision = 1000
  #compacted = 0
  #current: Snapshot = new Map()
  #snapshots = new Map<number, Snapshot>()
  #changes: Change[] = []
  #listeners = new Set<(change: Change) => void>()

  /** The revision of the latest write. */
  get revision(): number {
    return this.#revision
  }

  /** True where the state at a revision is forgotten: the caller answers 410. */
  isCompacted(revision: number): boolean {
    return revision < this.#compacted
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#current.get(keyOf(type, namespace, name))
  }

  /** All objects of a type, by namespace and name, as they were at a revision. */
  list(type: ResourceType, namespace?: string, revision = this.#revision): readonly KubeObject[] {
    const snapshot = this.#snapshots.get(revision) ?? this.#current
    const prefix = namespace === undefined ? `${idOf(type)}/` : `${idOf(type)}/${namespace}/`
    const keys = [...snapshot.keys()].filter(key => key.startsWith(prefix)).sort()
    return keys.flatMap(key => snapshot.get(key) ?? [])
  }

  all(): readonly KubeObject[] {
    return [...this.#current.values()]
  }

  /** The changes after a revision, oldest first. */
  since(revision: number): readonly Change[] {
    return this.#changes.filter(change => change.revision > revision)
  }

  /** Adds or replaces; writes nothing where nothing changes. */
  put(object: KubeObject): void {
    const type = typeOf(object)
    const before = this.get(type, object.metadata.namespace, object.metadata.name)
    if (before && sameContent(before, object)) return
    const revision = this.#revision + 1
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
    this.#record({ revision, type, after, ...(before && { before }) })
  }

  remove(object: KubeObject): void {
    const type = typeOf(object)
    const before = this.get(type, object.metadata.namespace, object.metadata.name)
    if (before) this.#record({ revision: this.#revision + 1, type, before })
  }

  /** Forgets the past, as etcd does after some minutes: older revisions answer 410 from now on. */
  compact(): void {
    this.#compacted = this.#revision
    this.#changes = []
    this.#snapshots = new Map([[this.#revision, this.#current]])
  }

  /** Calls back after each write, until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #record(change: Change): void {
    const { type, before, after, revision } = change
    const metadata = (after ?? before)?.metadata
    if (!metadata) return
    const next = new Map(this.#current)
    const key = keyOf(type, metadata.namespace, metadata.name)
    if (after) next.set(key, after)
    else next.delete(key)
    this.#current = next
    this.#revision = revision
    this.#snapshots.set(revision, next)
    this.#changes.push(change)
    for (const listener of this.#listeners) listener(change)
  }
}

function sameContent(stored: KubeObject, offered: KubeObject): boolean {
  const { resourceVersion } = stored.metadata
  const candidate = { ...offered, metadata: { ...offered.metadata, resourceVersion } }
  return JSON.stringify(stored) === JSON.stringify(candidate)
}
