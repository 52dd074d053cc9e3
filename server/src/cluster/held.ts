// What a list holds and how old each object of it is, so that an event from the past changes nothing.
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../core/istio/resources.ts'
import type { KubernetesObject } from './reflector.ts'

/** Turns an object into its trimmed form; undefined drops it. */
export type Read = (object: KubernetesObject) => Resource | undefined

export interface Held {
  /** Answers whether anything that is kept changed. */
  put(object: KubernetesObject): boolean
  /** Takes away the object; one that was never there is fine. */
  delete(object: KubernetesObject): boolean
  /** What is equal in both stays the same object. Answers whether anything differs from `other`. */
  succeed(other: Held): boolean
  find(key: string): Resource | undefined
  readonly all: Iterable<Resource>
  readonly size: number
}

interface Entry {
  readonly resource: Resource
  readonly version: string
}

/** Deletions that are remembered: the repetitions of a server come soon after. */
const rememberedDeletions = 1_000

export function createHeld(read: Read): Held {
  const entries = new Map<string, Entry>()
  const deleted = new Map<string, string>()

  function isPast(key: string, version: string): boolean {
    const deletion = deleted.get(key)
    return isNewer(entries.get(key)?.version ?? '', version) || deletion === version || isNewer(deletion ?? '', version)
  }

  function forget(key: string): boolean {
    return entries.delete(key)
  }

  return {
    put(object) {
      const key = keyOf(object)
      const version = versionOf(object)
      if (isPast(key, version)) return false
      const resource = read(object)
      if (!resource) return forget(key)
      const known = entries.get(key)?.resource
      const isEqual = isDeepStrictEqual(known, resource)
      entries.set(key, { resource: isEqual && known ? known : resource, version })
      return !isEqual
    },
    delete(object) {
      const key = keyOf(object)
      const version = versionOf(object)
      if (isPast(key, version)) return false
      deleted.delete(key)
      deleted.set(key, version)
      const [oldest] = deleted.keys()
      if (deleted.size > rememberedDeletions && oldest !== undefined) deleted.delete(oldest)
      return forget(key)
    },
    succeed(other) {
      let changed = other.size !== entries.size
      for (const [key, entry] of entries) {
        const known = other.find(key)
        if (known && isDeepStrictEqual(known, entry.resource)) entries.set(key, { ...entry, resource: known })
        else changed = true
      }
      return changed
    },
    find: key => entries.get(key)?.resource,
    get all() {
      return resourcesOf(entries)
    },
    get size() {
      return entries.size
    },
  }
}

function* resourcesOf(entries: ReadonlyMap<string, Entry>): Iterable<Resource> {
  for (const { resource } of entries.values()) yield resource
}

/**
 * Whether a resource version is later than another of the same list. Versions of what the API server itself stores are decimal numbers without
 * leading zeros and may be compared; others may not, and are never called newer.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isNewer(version: string, than: string): boolean {
  if (!decimal.test(version) || !decimal.test(than)) return false
  return version.length === than.length ? version > than : version.length > than.length
}

const decimal = /^[1-9]\d*$/

export function versionOf({ metadata }: KubernetesObject): string {
  const { resourceVersion } = metadata
  return typeof resourceVersion === 'string' ? resourceVersion : ''
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
