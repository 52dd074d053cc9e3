// A gateway as its running proxy tells it: its configuration, how its endpoints are, the end of its log; held against what is meant.
import { maxInputBytes } from '../core/certificate/limits.ts'
import type { GatewayReport } from '../core/live/gateway/gatewayReport.ts'
import { Layer } from '../core/mesh/layer.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { proxyOf } from '../core/mesh/workloads.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, PodRef } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { readPodLog } from './podLog.ts'
import { findPod, readProxy } from './proxies.ts'

export interface GatewayReading {
  /** RFC 3339: when the proxy was asked, unless told otherwise; times are judged then. */
  readonly readAt: string
  readonly report: GatewayReport
}

/** A whole configuration takes its time to be written. */
const limits = { limitBytes: maxInputBytes, timeoutMs: 30_000 } as const

/** What could not be read beside the configuration is told in the report. `now` is RFC 3339; absent: when the proxy was asked. */
export async function readGateway(
  connection: ClusterConnection,
  mesh: Mesh,
  ref: PodRef,
  signal: AbortSignal,
  now?: string,
): Promise<Answer<GatewayReading>> {
  const { reached } = connection
  if (!reached) return failed({ kind: 'not-connected' })
  const world = new Layer(connection.world().objects)
  const found = await findPod(world, reached, ref, signal)
  if (!found.ok) return found
  if (proxyOf(found.value, mesh) === 'ztunnel') return failed({ kind: 'no-envoy', pod: ref })
  const readAt = now ?? new Date().toISOString()
  const [dump, clusters, log] = await Promise.all([
    readProxy(connection, ref, signal, { wanted: 'configuration', world, ...limits }),
    readProxy(connection, ref, signal, { wanted: 'endpoints', world, ...limits }),
    readPodLog(reached, ref, 'istio-proxy', signal),
  ])
  if (!dump.ok) return dump
  // The decoder is a chunk of its own, loaded with the first certificate.
  const { readGatewayTexts } = await import('../core/live/gateway/said.ts')
  const said = readGatewayTexts(
    {
      dump: dump.value.text,
      ...(clusters.ok ? { clusters: clusters.value.text } : {}),
      ...(log.ok ? { log: log.value } : {}),
    },
    readAt,
  )
  if (!said) return failed({ kind: 'unreadable', pod: ref, detail: 'what it answered is no configuration of an Envoy' })
  const { gatewayReport } = await import('../core/live/gateway/gateway.ts')
  const notes = [
    ...(log.ok ? [] : [`Its log was not read. ${log.problem.message} ${log.problem.remedy}`]),
    ...(clusters.ok ? [] : [`How Envoy found its endpoints was not read. ${clusters.problem.message}`]),
  ]
  const { namespace, name } = ref
  return { ok: true, value: { readAt, report: gatewayReport(said, { pod: { namespace, name }, mesh, notes }) } }
}

function failed(problem: Parameters<typeof explainProblem>[0]): {
  readonly ok: false
  readonly problem: ReturnType<typeof explainProblem>
} {
  return { ok: false, problem: explainProblem(problem) }
}
