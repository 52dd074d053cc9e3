// Rows of a mesh, as the server sends them.
import type { FromContext, MeshRow, NamespaceNode } from '../../server/src/protocol.ts'

export const context = 'prod'

export const cluster: MeshRow = {
  kind: 'cluster',
  id: 'cluster/prod',
  context,
  name: 'prod',
  state: { kind: 'connecting', context },
  judging: true,
  description: '',
}

export const namespace = (name: string, description = 'STRICT'): NamespaceNode & FromContext => ({
  context,
  kind: 'namespace',
  id: `namespace/${name}`,
  name,
  dataplane: 'sidecar',
  workloads: 1,
  findings: 0,
  description,
})
