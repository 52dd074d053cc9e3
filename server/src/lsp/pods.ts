// The pods of a cluster, for a choice by typing: all of them, or first by namespace where they are too many for one list.
import type { Answer, PodList, PodsQuestion } from '../protocol.ts'
import type { ClusterSessions } from './clusterSessions.ts'

export function podsOf(sessions: ClusterSessions, { context: asked, namespace, limit }: PodsQuestion): Promise<Answer<PodList>> {
  return sessions.ask(asked, async session => {
    await session.ready()
    const { mesh, context, world } = session
    if (!world) return { ok: false, problem: session.problem }
    const workloads = (namespace === undefined ? mesh.workloads : mesh.workloadsIn(namespace)).filter(({ pods }) => pods.length > 0)
    const pods = workloads.flatMap(({ namespace: within, name: workload, pods: all }) =>
      all.flatMap(({ name }) => (name === '' ? [] : [{ context, namespace: within, name, workload }])),
    )
    return {
      ok: true,
      value:
        namespace === undefined && pods.length > limit
          ? { kind: 'namespaces', context, namespaces: [...new Set(workloads.map(each => each.namespace))].sort() }
          : { kind: 'pods', pods },
    }
  })
}
