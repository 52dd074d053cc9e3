// Meshes from the YAML of a test: as a cluster knows them, or as files say.
import { parseAllDocuments } from 'yaml'
import { readFile } from '../../server/src/core/istio/file.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Kind, Resource } from '../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer, type MeshSources } from '../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../server/src/core/mesh/mesh.ts'

/** Objects as the API server hands them out. */
export function clusterObjects(yaml: string): readonly Resource[] {
  return parseAllDocuments(yaml).flatMap(document => readObject(document.toJS(), { from: 'cluster', context: 'prod' }) ?? [])
}

/** Everything of a cluster was seen, or only these kinds. */
export function cluster(yaml: string, seen?: readonly Kind[]): ClusterLayer {
  return new ClusterLayer({ objects: clusterObjects(yaml), complete: kind => seen?.includes(kind) ?? true })
}

export function clusterMesh(yaml: string, options: Partial<MeshSources> = {}): Mesh {
  return buildMesh({ files: [], cluster: cluster(yaml), closedWorld: false, ...options })
}

export function fileMesh(yaml: string, options: Partial<MeshSources> = {}): Mesh {
  return buildMesh({ files: readFile('file:///mesh.yaml', yaml).resources, closedWorld: false, ...options })
}
