// Asks the proxy of a pod what it holds: one bounded GET to the admin port, through the API server. Never anything else.
import { get, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { readObject } from '../core/istio/read.ts'
import type { Pod } from '../core/istio/resources.ts'
import { Layer } from '../core/mesh/layer.ts'
import { proxyOf } from '../core/mesh/workloads.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ClusterProblem, PodRef, ProxyKind } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { forwardPort } from './portForward.ts'
import type { Reached } from './reached.ts'

const adminPort = 15000

/** The only paths that are ever asked. All only read; the private keys in them are blanked by the proxy itself. */
const paths = {
  secrets: '/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets',
  configuration: '/config_dump?include_eds',
  endpoints: '/clusters?format=json',
  ztunnel: '/config_dump',
} as const

export interface ProxyLimits {
  readonly limitBytes: number
  readonly timeoutMs: number
}

/** A ztunnel dump holds every workload of the mesh, an Envoy dump narrowed to secrets some kilobytes. */
export const defaultLimits: ProxyLimits = { limitBytes: 32_000_000, timeoutMs: 10_000 }

export interface ProxyDump {
  readonly text: string
  readonly pod: Pod
  readonly proxy: ProxyKind
}

/** Dumps of ztunnels by pod, for a reader of many pods: each serves all workloads of its node. */
export type SharedDumps = Map<string, Promise<Answer<string>>>

export interface ReadProxyOptions extends Partial<ProxyLimits> {
  /** Of an Envoy; ztunnel tells all in one. Absent: its secrets. */
  readonly wanted?: 'secrets' | 'configuration' | 'endpoints'
  readonly shared?: SharedDumps
  /** The connection's, where it is indexed already. */
  readonly world?: Layer
}

/** What a pod's proxy holds: its own Envoy's, or that of the ztunnel of its node. */
export async function readProxy(
  connection: ClusterConnection,
  ref: PodRef,
  signal: AbortSignal,
  { wanted = 'secrets', shared = new Map(), world = new Layer(connection.world().objects), ...given }: ReadProxyOptions = {},
): Promise<Answer<ProxyDump>> {
  const limits = { ...defaultLimits, ...given }
  const { reached } = connection
  if (!reached) return failed({ kind: 'not-connected' })
  const found = await findPod(world, reached, ref, signal)
  if (!found.ok) return found
  const pod = found.value
  const { complete } = connection.world()
  const proxy = proxyOf(pod, { find: (...object) => world.find(...object), complete })
  if (proxy === 'none' || proxy === 'unknown') return failed({ kind: 'no-proxy', pod: ref })
  if (pod.phase !== undefined && pod.phase !== 'Running') return failed({ kind: 'not-running', pod: ref, phase: pod.phase })
  const ztunnel = proxy === 'ztunnel' ? (ztunnelOf(pod, world) ?? (await askForZtunnel(pod, reached, signal))) : undefined
  if (proxy === 'ztunnel' && !ztunnel) return failed({ kind: 'no-ztunnel', pod: ref, node: pod.nodeName ?? '' })
  const answer = await (ztunnel ? askOnce(shared, reached, ztunnel, signal, limits) : ask(reached, ref, paths[wanted], signal, limits))
  return answer.ok ? { ok: true, value: { text: answer.value, pod, proxy } } : answer
}

/** From the watched list, or asked for by name where the list may not be read. */
export async function findPod(world: Layer, { transport, target }: Reached, ref: PodRef, signal: AbortSignal): Promise<Answer<Pod>> {
  const known = world.find('Pod', ref.namespace, ref.name)
  if (known) return { ok: true, value: known }
  const reply = await transport.get(`/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods/${encodeURIComponent(ref.name)}`, {
    signal,
  })
  if (reply.ok) {
    const pod = readObject(reply.value, { from: 'cluster', context: target.context.name })
    return pod?.kind === 'Pod' ? { ok: true, value: pod } : failed({ kind: 'unreadable', pod: ref, detail: 'the API server sent no Pod' })
  }
  const { failure } = reply
  if (failure.kind === 'aborted') return failed({ kind: 'cancelled' })
  if (failure.kind === 'status' && failure.code === 404)
    return failed({ kind: 'not-found', resource: 'pod', namespace: ref.namespace, name: ref.name })
  if (failure.kind === 'status' && failure.code === 403)
    return failed({ kind: 'forbidden', verb: 'get', resource: 'pods', namespace: ref.namespace })
  return failed({ kind: 'unreachable', context: target.context.name, detail: failure.kind === 'status' ? failure.message : failure.detail })
}

function ztunnelOf(pod: Pod, world: Layer): Pod | undefined {
  return world
    .all('Pod')
    .find(each => isZtunnel(each) && each.nodeName !== undefined && each.nodeName === pod.nodeName && each.phase === 'Running')
}

/** Anybody can label a pod, so its namespace and account count too: what it says is shown as the certificates of others. */
function isZtunnel({ labels, namespace, serviceAccount }: Pod): boolean {
  return labels.app === 'ztunnel' && serviceAccount === 'ztunnel' && ['istio-system', 'kube-system', 'ztunnel'].includes(namespace)
}

function askOnce(shared: SharedDumps, reached: Reached, ztunnel: Pod, signal: AbortSignal, limits: ProxyLimits): Promise<Answer<string>> {
  const key = `${ztunnel.namespace}/${ztunnel.name}`
  const answer = shared.get(key) ?? ask(reached, ztunnel, paths.ztunnel, signal, limits)
  shared.set(key, answer)
  return answer
}

/** Where only some namespaces are read, ztunnel's is seldom among them. */
async function askForZtunnel(pod: Pod, { transport, target }: Reached, signal: AbortSignal): Promise<Pod | undefined> {
  for (const path of ['/api/v1/pods', '/api/v1/namespaces/istio-system/pods']) {
    const reply = await transport.get(`${path}?labelSelector=${encodeURIComponent('app=ztunnel')}`, { signal })
    if (!reply.ok) continue
    const { items } = (reply.value ?? {}) as { items?: readonly object[] | null }
    const pods = (Array.isArray(items) ? items : []).map(item =>
      readObject({ ...item, apiVersion: 'v1', kind: 'Pod' }, { from: 'cluster', context: target.context.name }),
    )
    return ztunnelOf(pod, new Layer(pods.filter(each => each !== undefined)))
  }
  return undefined
}

async function ask(reached: Reached, pod: PodRef, path: string, cancelled: AbortSignal, limits: ProxyLimits): Promise<Answer<string>> {
  const deadline = AbortSignal.timeout(limits.timeoutMs)
  const signal = AbortSignal.any([cancelled, deadline, reached.closing])
  const forwarded = await forwardPort(reached, pod, adminPort, signal)
  const late = (): ClusterProblem =>
    cancelled.aborted || reached.closing.aborted
      ? { kind: 'cancelled' }
      : { kind: 'timed-out', what: `The proxy of "${pod.namespace}/${pod.name}"`, seconds: limits.timeoutMs / 1000 }
  if (forwarded.kind !== 'open') return failed(signal.aborted ? late() : refusal(forwarded, pod, reached.target.context.name))
  try {
    const read = await getOver(forwarded.stream, path, limits.limitBytes, signal)
    if (read.kind === 'text') return { ok: true, value: read.text }
    if (read.kind === 'too-large') return failed({ kind: 'too-large', pod, limitBytes: limits.limitBytes })
    if (signal.aborted) return failed(late())
    if (read.kind === 'truncated') return failed({ kind: 'truncated', pod, detail: read.detail })
    if (read.kind === 'unreadable') return failed({ kind: 'unreadable', pod, detail: read.detail })
    return failed({ kind: 'proxy-silent', pod, detail: read.detail })
  } finally {
    forwarded.stream.destroy()
  }
}

type Read =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'truncated'; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'silent'; readonly detail: string }

/** One HTTP GET over a stream that is there already. The WebSocket stays open behind a complete answer, so the message's own end counts. */
function getOver(stream: Duplex, path: string, limitBytes: number, signal: AbortSignal): Promise<Read> {
  return new Promise(resolve => {
    const request = get({ createConnection: () => stream, path, headers: { host: 'localhost', connection: 'close' }, signal })
    request.on('error', error => resolve(unanswered(error)))
    let responded = false
    // An upgrade, which nobody asked for, ends without an error. Behind a response, its own end counts.
    request.on('close', () => {
      if (!responded) resolve({ kind: 'unreadable', detail: 'it does not answer as a proxy does' })
    })
    stream.on('error', error => {
      if (!responded) resolve({ kind: 'silent', detail: error.message })
    })
    request.on('response', response => {
      responded = true
      void readBody(response, limitBytes).then(resolve)
    })
  })
}

/** Node's parser names its errors HPE_…: bytes came, but no HTTP. */
function unanswered(error: NodeJS.ErrnoException): Read {
  if (error.code?.startsWith('HPE_')) return { kind: 'unreadable', detail: 'it does not speak HTTP' }
  return { kind: 'silent', detail: error.message === 'socket hang up' ? 'the connection closed without an answer' : error.message }
}

async function readBody(response: IncomingMessage, limitBytes: number): Promise<Read> {
  if (response.statusCode !== 200) return { kind: 'unreadable', detail: `it answered ${response.statusCode}` }
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length
      if (size > limitBytes) return { kind: 'too-large' }
      chunks.push(chunk as Buffer)
    }
  } catch {
    return { kind: 'truncated', detail: `after ${size} bytes` }
  }
  return response.complete
    ? { kind: 'text', text: Buffer.concat(chunks).toString('utf8') }
    : { kind: 'truncated', detail: `after ${size} bytes` }
}

function refusal(
  forwarded: Exclude<Awaited<ReturnType<typeof forwardPort>>, { kind: 'open' }>,
  pod: PodRef,
  context: string,
): ClusterProblem {
  if (forwarded.kind === 'failed') return { kind: 'unreachable', context, detail: forwarded.detail }
  if (forwarded.code === 404) return { kind: 'not-found', resource: 'pod', namespace: pod.namespace, name: pod.name }
  if (forwarded.code === 401) return { kind: 'unauthorized', context, detail: forwarded.message }
  if (forwarded.code !== 403) return { kind: 'proxy-silent', pod, detail: forwarded.message || `the API server answered ${forwarded.code}` }
  // A WebSocket is checked for both verbs. The check for "get" comes first and says so; the second, for "create", gives no reason.
  const verb = /cannot (\w+) resource/.exec(forwarded.message)?.[1] ?? 'create'
  return { kind: 'forbidden', verb, resource: 'pods/portforward', namespace: pod.namespace }
}

function failed(problem: ClusterProblem): { readonly ok: false; readonly problem: ReturnType<typeof explainProblem> } {
  return { ok: false, problem: explainProblem(problem) }
}
