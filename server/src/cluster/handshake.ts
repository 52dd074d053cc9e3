// Both ends of a connection, read from their proxies, and what the cluster's configuration means for it.
import { endOfPod, readLive } from '../core/live/connection/ends.ts'
import type { End, Live } from '../core/live/connection/question.ts'
import { Layer } from '../core/mesh/layer.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { proxyOf } from '../core/mesh/workloads.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, PodRef } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { findPod, readProxy } from './proxies.ts'

/** An end as its proxy says it is. What could not be asked is told in it; only a pod that is not there is a failure. `now` is RFC 3339. */
export async function readEnd(
  connection: ClusterConnection,
  mesh: Mesh,
  ref: PodRef,
  now: string,
  signal: AbortSignal,
): Promise<Answer<End>> {
  const { reached } = connection
  if (!reached) return { ok: false, problem: explainProblem({ kind: 'not-connected' }) }
  const world = new Layer(connection.world().objects)
  const found = await findPod(world, reached, ref, signal)
  if (!found.ok) return found
  const pod = found.value
  const dump = await readProxy(connection, ref, signal, { wanted: 'configuration', world })
  if (!dump.ok && dump.problem.kind === 'cancelled') return dump
  const trustDomain = mesh.settings.known ? mesh.settings.trustDomain : undefined
  const proxy = proxyOf(pod, mesh)
  const silent = (sentence: string, remedy?: string) =>
    proxy === 'none' ? undefined : { silent: sentence, ...(remedy === undefined ? {} : { remedy }) }
  const live: Live | { readonly silent: string; readonly remedy?: string } | undefined = dump.ok
    ? (readLive(dump.value.text, now) ?? silent('what it answered is no dump'))
    : silent(dump.problem.message, dump.problem.remedy)
  return { ok: true, value: endOfPod(pod, proxy, trustDomain, live) }
}
