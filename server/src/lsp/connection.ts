// Check Connection: both proxies are asked, and the handshake between them is judged with what the cluster means.
import type { CancellationToken } from 'vscode-languageserver'
import { servedBy } from '../core/decide/mtls/endpoints.ts'
import { instances } from '../core/decide/mtls/instances.ts'
import { checkConnection } from '../core/live/connection/connection.ts'
import { meantFor } from '../core/live/connection/meant.ts'
import { nameOf } from '../core/live/connection/question.ts'
import { whenTexts } from '../core/report/conditions.ts'
import { connectionText, verdictText } from '../core/report/connection.ts'
import type { Answer, ConnectionInspection, ConnectionQuestion, PodPort, PodRef } from '../protocol.ts'
import type { ClusterSessions } from './clusterSessions.ts'

/** Of the text twin, in columns. */
const textWidth = 120

/** Both pods are looked for in the cluster of `to`. */
export async function inspectConnection(
  sessions: ClusterSessions,
  { from, to, port }: ConnectionQuestion,
  token: CancellationToken,
): Promise<Answer<ConnectionInspection>> {
  const found = sessions.of(to.context ?? from.context)
  if (!found.ok) return found
  const session = found.value
  return session.ask(token, async (connection, signal) => {
    const { readEnd } = await import('../cluster/handshake.ts')
    const readAt = new Date().toISOString()
    const { mesh, context } = session
    const read = (pod: PodRef) => readEnd(connection, mesh, pod, readAt, signal)
    const [client, server] = await Promise.all([read(from), read(to)])
    if (!client.ok) return client
    if (!server.ok) return server
    const ends = { from: client.value, to: server.value, port }
    const report = checkConnection({ ...ends, now: readAt, meant: meantFor(mesh, ends, whenTexts) })
    return {
      ok: true,
      value: {
        from: { ...from, context },
        to: { ...to, context },
        port,
        readAt,
        report,
        verdict: verdictText(report),
        text: connectionText(report, { from: nameOf(client.value), to: nameOf(server.value), port, color: false, width: textWidth }),
      },
    }
  })
}

/** Those that its containers declare, with their names, and those that Services lead to; in order. */
export function portsOf(sessions: ClusterSessions, pod: PodRef): Answer<readonly PodPort[]> {
  const found = sessions.of(pod.context)
  if (!found.ok) return found
  const { mesh } = found.value
  const own = mesh.find('Pod', pod.namespace, pod.name)
  const named = new Map(own?.ports.map(({ port, name }) => [port, name]))
  const pods = instances(mesh).filter(({ namespace, name }) => namespace === pod.namespace && name === pod.name)
  const served = pods.flatMap(each => servedBy(mesh, each).map(({ endpoint }) => endpoint.port))
  const ports = new Set([...named.keys(), ...served].filter(port => port > 0))
  const value = [...ports]
    .toSorted((a, b) => a - b)
    .map(port => ({ port, ...(named.get(port) === undefined ? {} : { name: named.get(port) as string }) }))
  return { ok: true, value }
}
