// Which objects are certain to stand in one mesh.
import type { Resource } from '../istio/resources.ts'

/** Of the cluster, or of the same file. Another file may belong to another environment. */
export function standsBeside(object: Resource, other: Resource): boolean {
  if (other === object) return false
  if (other.source.from === 'cluster') return true
  return object.source.from === 'file' && object.source.uri === other.source.uri
}
