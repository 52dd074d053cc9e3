// Objects of the open clusters: one as YAML, and where the workloads that an object of a file stands for are shown.
import type { CancellationToken } from 'vscode-languageserver'
import { workloadsOf } from '../core/decide/attachment.ts'
import { selectedBy } from '../core/decide/mtls/server.ts'
import { standsForWorkloads, workloadsBehind } from '../core/decide/workloadsBehind.ts'
import type { Resource } from '../core/istio/resources.ts'
import { yamlOf } from '../core/istio/written.ts'
import type { Mesh, Workload } from '../core/mesh/mesh.ts'
import { ownerOf } from '../core/mesh/workloads.ts'
import { meshPath } from '../core/report/meshTree.ts'
import type { Answer, FindMeshRowsParams, MeshRowPath, MeshView, ObjectRef, ObjectText } from '../protocol.ts'
import { clusterRow } from './clusterRow.ts'
import type { ClusterSession } from './clusterSession.ts'
import type { Server } from './context.ts'

type Serving = Pick<Server, 'sessions' | 'workspace'>

/** Of kinds that people write what is known already, else what one GET brings. */
export async function objectText(ref: ObjectRef, { sessions }: Serving, token: CancellationToken): Promise<Answer<ObjectText>> {
  return sessions.ask(ref.context, session =>
    session.ask<ObjectText>(token, async (connection, signal) => {
      const known = knownText(ref, session.mesh)
      if (known !== undefined) return { ok: true, value: { yaml: known } }
      const { readObjectText } = await import('../cluster/readObject.ts')
      const answer = await readObjectText(connection, ref, signal)
      return answer.ok ? { ok: true, value: { yaml: answer.value } } : answer
    }),
  )
}

function knownText({ kind, namespace = '', name }: ObjectRef, mesh: Mesh): string | undefined {
  const object = writtenKinds.find(each => each === kind)
  const found = object && mesh.find(object, namespace, name)
  return found && yamlOf(found)
}

const writtenKinds = [
  'PeerAuthentication',
  'AuthorizationPolicy',
  'RequestAuthentication',
  'DestinationRule',
] as const satisfies readonly Resource['kind'][]

/** In every open cluster, the judging one first. */
export async function findMeshRows(
  { uri, position, view = {} }: FindMeshRowsParams,
  { sessions, workspace }: Serving,
): Promise<Answer<readonly MeshRowPath[]>> {
  await workspace.prepare()
  await sessions.settled()
  const file = workspace.file(uri)
  const resource = file && resourceAt(file.resources, file.lines.offset(position))
  if (!resource) return { ok: true, value: [] }
  const clusters = sessions.rows()
  if (!clusters.ok) return clusters
  const all = sessions.all.toSorted((a, b) => Number(b === sessions.judging) - Number(a === sessions.judging))
  return { ok: true, value: all.flatMap(session => pathsIn(session, resource, view, session === sessions.judging)) }
}

function resourceAt(resources: readonly Resource[], offset: number): Resource | undefined {
  return resources.find(({ source }) => source.from === 'file' && source.span.start <= offset && offset <= source.span.end)
}

function pathsIn(session: ClusterSession, resource: Resource, view: MeshView, judging: boolean): readonly MeshRowPath[] {
  return behind(resource, session.mesh).flatMap(workload => pathTo(workload, session, view, judging))
}

/** None for a workload that has no row even without a filter. */
export function pathTo(workload: Workload, session: ClusterSession, view: MeshView, judging: boolean): readonly MeshRowPath[] {
  const { context, mesh } = session
  const cluster = { row: clusterRow(session.described, judging), limit: 0 }
  const seen = meshPath(mesh, workload, view)
  const steps = seen.length > 0 ? seen : meshPath(mesh, workload, view.group ? { group: view.group } : {})
  const path = [cluster, ...steps.map(({ node, limit }) => ({ row: { ...node, context }, limit }))]
  return steps.length > 0 ? [{ steps: path, shown: seen.length > 0 }] : []
}

/** In the mesh of a cluster, whose own object of this name may be another one. */
function behind(resource: Resource, mesh: Mesh): readonly Workload[] {
  if (standsForWorkloads(resource)) return workloadsBehind(resource, mesh)
  switch (resource.kind) {
    case 'PeerAuthentication':
      return selectedBy(resource, mesh)
    case 'RequestAuthentication':
      return workloadsOf(resource, mesh)
    case 'Namespace':
      return mesh.workloadsIn(resource.name)
    case 'Pod': {
      const owner = ownerOf(resource)
      return mesh
        .workloadsIn(resource.namespace)
        .filter(each => (each.ownerKind === owner.kind && each.name === owner.name) || each.pods.some(pod => pod.name === resource.name))
    }
    default:
      return []
  }
}
