// Analyze Gateway: a gateway's proxy is asked for all that it has, held against what the cluster means; and which gateways there are.
import type { CancellationToken } from 'vscode-languageserver'
import { gatewayText, gatewayVerdict } from '../core/report/gateway.ts'
import { gatewayCommands } from '../core/report/gatewayCommands.ts'
import type { Answer, GatewayInspection, GatewayPod, PodRef } from '../protocol.ts'
import type { ClusterSessions } from './clusterSessions.ts'

export async function inspectGateway(sessions: ClusterSessions, pod: PodRef, token: CancellationToken): Promise<Answer<GatewayInspection>> {
  return sessions.ask(pod.context, session =>
    session.ask(token, async (connection, signal) => {
      const { readGateway } = await import('../cluster/gatewayReading.ts')
      const answer = await readGateway(connection, session.mesh, pod, signal)
      if (!answer.ok) return answer
      const { readAt, report } = answer.value
      const commands = gatewayCommands(report, session.commandLine)
      return {
        ok: true,
        value: {
          pod: { namespace: pod.namespace, name: pod.name, context: session.context },
          readAt,
          report,
          verdict: gatewayVerdict(report),
          commands,
          text: gatewayText(report, { now: readAt, color: false, commands }),
        },
      }
    }),
  )
}

/** Pods of gateways in every open cluster, in order. Whoever cancels gets those of the clusters that are connected by then. */
export async function gatewayPods(sessions: ClusterSessions, token: CancellationToken): Promise<readonly GatewayPod[]> {
  const cancelled = new Promise<void>(resolve => token.onCancellationRequested(() => resolve()))
  const ready = sessions.opened().then(() => Promise.all(sessions.all.map(session => session.ready())))
  await Promise.race([ready, cancelled])
  return sessions.all.flatMap(({ context, mesh }) =>
    mesh.workloads
      .filter(({ proxy }) => proxy === 'gateway')
      .flatMap(workload => workload.pods.map(({ namespace, name }) => ({ namespace, name, context, workload: workload.name })))
      .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1)),
  )
}
