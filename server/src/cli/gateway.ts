// `istio-security gateway`: a gateway's certificates, servers, backends, endpoints, routes and listeners in one report, from its running
// proxy or from what was saved of it.
import { readFile } from 'node:fs/promises'
import { maxInputBytes } from '../core/certificate/limits.ts'
import { gatewayReport } from '../core/live/gateway/gateway.ts'
import type { GatewayReport } from '../core/live/gateway/gatewayReport.ts'
import { readGatewayTexts } from '../core/live/gateway/said.ts'
import { readClusterStatuses } from '../core/proxy/envoy/endpoints.ts'
import { type Json, parseJson } from '../core/proxy/json.ts'
import { readZtunnelConfig } from '../core/proxy/ztunnelConfig.ts'
import { gatewayText } from '../core/report/gateway.ts'
import { gatewayCommands } from '../core/report/gatewayCommands.ts'
import { CannotRun } from './cannotRun.ts'
import { isRfc3339, notATime } from './certificate.ts'
import { type PodName, podNamed } from './podNamed.ts'
import { buildWorld, namesCluster, readSurroundings, type WorldOptions } from './world.ts'

export interface GatewayOptions extends WorldOptions {
  /** A saved `/config_dump`, best with `?include_eds`. */
  readonly dump?: string
  /** Beside it a saved `/clusters?format=json`, and a saved log. */
  readonly clusters?: string
  readonly log?: string
  /** RFC 3339; absent: now. */
  readonly now?: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  readonly width?: number
}

/** Returns the text to print. */
export async function gateway(named: string | undefined, options: GatewayOptions): Promise<string> {
  const { kubeconfig, context, format, color, width } = options
  if (options.now !== undefined && !isRfc3339(options.now)) throw new CannotRun(notATime(options.now))
  const pod = named === undefined ? undefined : podIn(named)
  if (options.dump === undefined && (options.clusters ?? options.log) !== undefined)
    throw new CannotRun('--clusters and --log stand beside a saved /config_dump: add --dump FILE')
  const { readAt, report } = options.dump === undefined ? await readLive(pod, options) : await readSaved(options.dump, pod, options)
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`
  const cluster = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) }
  return gatewayText(report, {
    now: readAt,
    color,
    commands: gatewayCommands(report, cluster),
    ...(width === undefined ? {} : { width }),
  })
}

interface Read {
  readonly readAt: string
  readonly report: GatewayReport
}

async function readLive(pod: PodName | undefined, options: GatewayOptions): Promise<Read> {
  if (!pod) throw new CannotRun('name the pod of a gateway, as NAMESPACE/POD, or its saved /config_dump: --dump FILE')
  const [{ connectOnce, inOneLine }, { readGateway }] = await Promise.all([
    import('./clusterOnce.ts'),
    import('../cluster/gatewayReading.ts'),
  ])
  const connection = await connectOnce(options, { tellsGaps: false })
  try {
    const { ClusterLayer } = await import('../core/mesh/build.ts')
    const { files } = await readSurroundings([], withoutCluster(options))
    const mesh = buildWorld([], { files, cluster: new ClusterLayer(connection.world()) }, options)
    const answer = await readGateway(connection, mesh, podNamed(mesh, pod), new AbortController().signal, options.now)
    if (!answer.ok) throw inOneLine(answer.problem)
    return answer.value
  } finally {
    connection.dispose()
  }
}

/** The connection is there already. */
function withoutCluster({ kubeconfig: _kubeconfig, context: _context, ...rest }: GatewayOptions): WorldOptions {
  return rest
}

async function readSaved(file: string, pod: PodName | undefined, options: GatewayOptions): Promise<Read> {
  const readAt = options.now ?? new Date().toISOString()
  const dump = await readText(file)
  const clusters = options.clusters === undefined ? undefined : await readText(options.clusters)
  const log = options.log === undefined ? undefined : await readText(options.log)
  if (clusters !== undefined && !readClusterStatuses(jsonOf(clusters) ?? null))
    throw new CannotRun(`"${options.clusters}" is no /clusters?format=json of Envoy`)
  const said = readGatewayTexts({ dump, ...(clusters === undefined ? {} : { clusters }), ...(log === undefined ? {} : { log }) }, readAt)
  if (!said) throw new CannotRun(noDump(file, dump))
  const isGiven = options.mesh.length > 0 || namesCluster(options)
  const mesh = isGiven ? { mesh: buildWorld([], await readSurroundings([], options), options) } : {}
  return { readAt, report: gatewayReport(said, { ...mesh, ...(pod ? { pod } : {}) }) }
}

function noDump(file: string, text: string): string {
  if (readZtunnelConfig(jsonOf(text) ?? null))
    return `"${file}" is a dump of ztunnel, which has no servers of a gateway; "certificate FILE" and "connection" read it`
  return `"${file}" is no /config_dump of Envoy`
}

function jsonOf(text: string): Json | undefined {
  const parsed = parseJson(text)
  return parsed.kind === 'value' ? parsed.value : undefined
}

async function readText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotRun(`cannot read "${file}": ${error.code === 'ENOENT' ? 'there is no such file' : (error.code ?? 'reading failed')}`)
  })
  if (text.length <= maxInputBytes) return text
  throw new CannotRun(`"${file}" is too large: at most ${Math.floor(maxInputBytes / 1024 / 1024)} MB are read`)
}

function podIn(text: string): PodName {
  const [namespace = '', name = '', ...more] = text.split('/')
  if (!namespace || !name || more.length > 0) throw new CannotRun(`"${text}" is no pod; write NAMESPACE/POD`)
  return { namespace, name }
}
