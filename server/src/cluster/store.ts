// What the cluster told, trimmed to what decides about security. Snapshots never change; changes are gathered and told once.
import { isDeepStrictEqual } from 'node:util'
import type { Kind, Resource } from '../core/istio/resources.ts'
import type { Clock } from './clock.ts'
import type { Draft, Shelf } from './reflector.ts'

export interface StoreOptions {
  /** Turns an object of the API server into a resource; undefined for one that decides nothing. */
  readonly read: (json: unknown) => Resource | undefined
  readonly clock: Clock
  /** The kinds that changed since the last call. */
  readonly onChange: (kinds: readonly Kind[]) => void
}

const gatherMs = 100

export class Store {
  private readonly options: StoreOptions
  private readonly shelves = new Map<string, ReadonlyMap<string, Resource>>()
  private readonly changed = new Set<Kind>()
  private cancelTelling: (() => void) | undefined
  private snapshot: readonly Resource[] | undefined

  constructor(options: StoreOptions) {
    this.options = options
  }

  /** Everything known; the same array until something changes. */
  objects(): readonly Resource[] {
    this.snapshot ??= [...this.shelves.values()].flatMap(shelf => [...shelf.values()])
    return this.snapshot
  }

  /** A place for the objects of one list. Lists carry neither apiVersion nor kind on their items, and metadata has another kind: both are given here. */
  shelf(id: string, kind: Kind, apiVersion: string, apiKind: string = kind): Shelf {
    let content = new Map<string, Resource>()
    const replace = (next: Map<string, Resource>) => {
      content = next
      this.shelves.set(id, content)
      this.touch(kind)
    }
    const read = (object: unknown) => this.options.read({ ...lean(object), apiVersion, kind: apiKind })
    return {
      put: object => {
        const key = keyOf(object)
        const resource = read(object)
        if (isDeepStrictEqual(resource, content.get(key))) return
        if (resource) content.set(key, resource)
        else content.delete(key)
        this.shelves.set(id, content)
        this.touch(kind)
      },
      remove: object => {
        if (content.delete(keyOf(object))) this.touch(kind)
      },
      clear: () => {
        if (content.size > 0) replace(new Map())
      },
      draft: (): Draft => {
        const next = new Map<string, Resource>()
        return {
          add: object => {
            const key = keyOf(object)
            const resource = read(object)
            if (!resource) return
            const before = content.get(key)
            // An equal object stays the same object, so whoever compares by identity sees no change.
            next.set(key, isDeepStrictEqual(resource, before) ? (before as Resource) : resource)
          },
          commit: () => {
            const same = next.size === content.size && [...next].every(([key, resource]) => content.get(key) === resource)
            if (!same) replace(next)
          },
        }
      },
    }
  }

  drop(id: string): void {
    if (this.shelves.delete(id)) this.snapshot = undefined
  }

  /** Something about this kind is different now: an object, or whether all of them are known. */
  touch(kind: Kind): void {
    this.snapshot = undefined
    this.changed.add(kind)
    this.cancelTelling ??= this.options.clock.after(gatherMs, () => {
      const kinds = [...this.changed]
      this.changed.clear()
      this.cancelTelling = undefined
      this.options.onChange(kinds)
    })
  }

  dispose(): void {
    this.cancelTelling?.()
  }
}

function keyOf(object: unknown): string {
  const { namespace = '', name = '' } = ((object as { metadata?: object } | null)?.metadata ?? {}) as { namespace?: string; name?: string }
  return `${namespace}/${name}`
}

/** Without what is large and decides nothing; kubectl's copy of the last applied object may hold anything. */
function lean(object: unknown): object {
  const { metadata = {}, ...rest } = (object ?? {}) as { metadata?: Record<string, unknown> }
  const { managedFields: _, annotations = {}, ...kept } = metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': __, ...others } = annotations as Record<string, unknown>
  return { ...rest, metadata: { ...kept, annotations: others } }
}
