// Which objects are certain to stand in one mesh.
import type { Resource } from '../istio/resources.ts'

/** The same object as it is written; the mesh has it with the age of the one that it replaces. */
export function isSame(object: Resource, other: Resource): boolean {
  return other.at === object.at
}

/** Of the cluster, or of the same file. Another file may belong to another environment. */
export function standsBeside(object: Resource, other: Resource): boolean {
  if (isSame(object, other)) return false
  if (other.source.from === 'cluster') return true
  return object.source.from === 'file' && object.source.uri === other.source.uri
}
