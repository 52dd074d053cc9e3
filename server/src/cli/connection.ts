// `istio-security connection`: the handshake between two pods, step by step, from live proxies or from saved dumps.
import { readFile } from 'node:fs/promises'
import type { ClusterConnection } from '../cluster/connection.ts'
import { maxInputBytes } from '../core/certificate/limits.ts'
import { checkConnection } from '../core/live/connection/connection.ts'
import { endOf, podOf, readLive } from '../core/live/connection/ends.ts'
import { meantFor } from '../core/live/connection/meant.ts'
import { type ConnectionQuestion, type End, type Live, nameOf } from '../core/live/connection/question.ts'
import { ClusterLayer } from '../core/mesh/build.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { whenTexts } from '../core/report/conditions.ts'
import { connectionText } from '../core/report/connection.ts'
import { CannotRun } from './cannotRun.ts'
import { isRfc3339, notATime } from './certificate.ts'
import { connectOnce, inOneLine } from './clusterOnce.ts'
import { type PodName, podNamed } from './podNamed.ts'
import { buildWorld, namesCluster, readInputs, readSurroundings, type WorldOptions } from './world.ts'

export interface ConnectionOptions extends WorldOptions {
  /** `namespace/pod`; absent with a dump that says whose it is. */
  readonly from?: string
  /** `namespace/pod:port`. */
  readonly to?: string
  readonly fromDump?: string
  readonly toDump?: string
  /** RFC 3339; absent: now. */
  readonly now?: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  readonly width?: number
}

export interface CommandOutput {
  readonly output: string
  readonly failed: boolean
}

const giveDumps = 'give --from-dump FILE and --to-dump FILE, or a cluster with --kubeconfig or --context'

export async function connection(paths: readonly string[], options: ConnectionOptions): Promise<CommandOutput> {
  const now = options.now ?? new Date().toISOString()
  if (!isRfc3339(now)) throw new CannotRun(notATime(now))
  const target = targetIn(options.to)
  const source = options.from === undefined ? undefined : podIn(options.from)
  const saved = {
    from: options.fromDump === undefined ? undefined : await readDump(options.fromDump, now),
    to: options.toDump === undefined ? undefined : await readDump(options.toDump, now),
  }
  const live = saved.from && saved.to ? undefined : await connectOnce(options, { instead: giveDumps })
  try {
    const mesh = await meshOf(paths, options, live)
    const read = (dump: Live | undefined, pod: PodName | undefined, option: string) =>
      dump || !live || !mesh ? Promise.resolve(savedEnd(dump, pod, option)) : liveEnd(live, mesh, pod, option, now)
    const [from, to] = await Promise.all([read(saved.from, source, '--from'), read(saved.to, target.pod, '--to')])
    return answer(
      { from, to, port: target.port, now, ...(mesh ? { meant: meantFor(mesh, { from, to, port: target.port }, whenTexts) } : {}) },
      options,
    )
  } finally {
    live?.dispose()
  }
}

function answer(question: ConnectionQuestion, options: ConnectionOptions): CommandOutput {
  const { from, to, port } = question
  const report = checkConnection(question)
  const words = {
    from: nameOf(from),
    to: nameOf(to),
    port,
    color: options.color,
    ...(options.width === undefined ? {} : { width: options.width }),
  }
  return {
    output: options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : connectionText(report, words),
    failed: report.verdict === 'fails',
  }
}

/** What configuration is known: that of the given paths, over that of the cluster; undefined where nothing is given. */
async function meshOf(
  paths: readonly string[],
  options: ConnectionOptions,
  live: ClusterConnection | undefined,
): Promise<Mesh | undefined> {
  const isGiven = paths.length > 0 || options.mesh.length > 0 || namesCluster(options)
  if (!isGiven && !live) return undefined
  const inputs = await readInputs(paths, options.namespace[0])
  if (!live) return buildWorld(inputs, await readSurroundings(inputs, options), options)
  const { kubeconfig: _, context: __, ...files } = options
  return buildWorld(inputs, { ...(await readSurroundings(inputs, files)), cluster: new ClusterLayer(live.world()) }, options)
}

async function liveEnd(connection: ClusterConnection, mesh: Mesh, pod: PodName | undefined, option: string, now: string): Promise<End> {
  if (!pod)
    throw new CannotRun(
      `name the pod with ${option} NAMESPACE/POD${option === '--to' ? ':PORT' : ''}, or give its saved dump with ${option}-dump FILE`,
    )
  const { readEnd } = await import('../cluster/handshake.ts')
  const end = await readEnd(connection, mesh, podNamed(mesh, pod), now, new AbortController().signal)
  if (!end.ok) throw inOneLine(end.problem)
  return end.value
}

function podIn(text: string): PodName {
  const [namespace = '', name = '', ...more] = text.split('/')
  if (!namespace || !name || more.length > 0) throw new CannotRun(`"${text}" is no pod; write NAMESPACE/POD`)
  return { namespace, name }
}

const highestPort = 65_535

function targetIn(to: string | undefined): { readonly pod?: PodName; readonly port: number } {
  const [, pod, port] = /^(.*):(\d+)$/.exec(to ?? '') ?? []
  if (port === undefined || Number(port) < 1 || Number(port) > highestPort) {
    throw new CannotRun('say who is called, with the port of the pod: --to NAMESPACE/POD:PORT')
  }
  return { port: Number(port), ...(pod ? { pod: podIn(pod) } : {}) }
}

async function readDump(file: string, now: string): Promise<Live> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotRun(`cannot read "${file}": ${error.code === 'ENOENT' ? 'there is no such file' : (error.code ?? 'reading failed')}`)
  })
  if (text.length > maxInputBytes)
    throw new CannotRun(`"${file}" is too large: at most ${Math.floor(maxInputBytes / 1024 / 1024)} MB are read`)
  const live = readLive(text, now)
  if (!live) throw new CannotRun(`"${file}" is no /config_dump of Envoy or ztunnel`)
  return live
}

function savedEnd(live: Live | undefined, named: PodName | undefined, option: string): End {
  if (!live) throw new CannotRun(`give the saved /config_dump of its proxy: ${option}-dump FILE`)
  const pod = named ?? podOf(live)
  if (!pod) throw new CannotRun(`the dump does not say whose it is; name the pod with ${option} NAMESPACE/POD`)
  return endOf(live, pod)
}
