// A plain client for the demo's API server: credentials by the Kubernetes client's kubeconfig, requests by hand, so that tests see raw answers.
import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { WebSocket } from 'ws'
import type { Demo } from '../../demo/demo.ts'

export interface Answer {
  readonly code: number
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the server sent; tests compare them
  readonly body: any
}

export function kubeConfig(demo: Demo, context = 'demo'): KubeConfig {
  const config = new KubeConfig()
  config.loadFromString(demo.kubeconfig())
  config.setCurrentContext(context)
  return config
}

export interface Asking {
  readonly context?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

export async function ask(demo: Demo, path: string, { body, ...asking }: Asking = {}): Promise<Answer> {
  const sent = await send(demo, path, asking)
  sent.end(body && JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const text = Buffer.concat(await response.toArray()).toString()
  const json = response.headers['content-type']?.startsWith('application/json')
  return { code: response.statusCode ?? 0, headers: response.headers, body: json ? JSON.parse(text) : text }
}

export interface Event {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: any object of the API
  readonly object: any
}

/** The events of a watch as they come; ends with the stream. */
export async function* watch(demo: Demo, path: string): AsyncGenerator<Event> {
  const sent = await send(demo, `${path}${path.includes('?') ? '&' : '?'}watch=1`, {})
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let pending = ''
  for await (const part of response) {
    const lines = `${pending}${part}`.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}

/** The next events of a watch. */
export async function take(events: AsyncGenerator<Event>, count: number): Promise<readonly Event[]> {
  const taken: Event[] = []
  while (taken.length < count) {
    const { value, done } = await events.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

async function send(demo: Demo, path: string, { context = 'demo', method = 'GET', headers = {} }: Asking): Promise<ClientRequest> {
  const options: RequestOptions = { method, agent: false }
  await kubeConfig(demo, context).applyToHTTPSOptions(options)
  return request(`${demo.server}${path}`, { ...options, headers: { ...options.headers, ...headers } })
}

export interface Forwarded {
  /** What came on the data channel, without the port number. */
  readonly data: string
  /** What came on the error channel, without the port number. */
  readonly error: string
  /** The two bytes that open each channel. */
  readonly ports: readonly number[]
  readonly closed: number | undefined
}

/** Sends a text through a port-forward and reads until `until` holds or the socket closes. Rejects with the HTTP answer of a refused upgrade. */
export async function portForward(
  demo: Demo,
  pod: string,
  port: number,
  text: string,
  until: (data: string) => boolean,
): Promise<Forwarded> {
  const [namespace, name] = pod.split('/')
  const url = `${demo.server}/api/v1/namespaces/${namespace}/pods/${name}/portforward?ports=${port}`
  const headers = { authorization: `Bearer ${demo.tokens.viewer}` }
  const socket = new WebSocket(url, 'v4.channel.k8s.io', { ca: demo.ca, headers })
  const received: Buffer[][] = [[], []]
  const joined = (channel: number) => Buffer.concat(received[channel] ?? [])
  const portOf = (channel: number) => (joined(channel).length < 2 ? 0 : joined(channel).readUInt16LE())
  const textOf = (channel: number) => joined(channel).subarray(2).toString()
  return new Promise((resolve, reject) => {
    const finish = (closed: number | undefined) => {
      socket.terminate()
      resolve({ data: textOf(0), error: textOf(1), ports: [0, 1].map(portOf), closed })
    }
    socket.on('open', () => socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(text)])))
    socket.on('message', (frame: Buffer) => {
      received[frame[0] ?? 0]?.push(frame.subarray(1))
      if (frame[0] === 0 && until(textOf(0))) finish(undefined)
    })
    socket.on('close', finish)
    socket.on('error', reject)
  })
}

/** GET of a proxy's admin port through a port-forward: the decoded body. */
export async function admin(
  demo: Demo,
  pod: string,
  path: string,
): Promise<{ readonly status: string; readonly head: string; readonly body: string }> {
  const complete = (data: string) => decode(data) !== undefined
  const { data } = await portForward(demo, pod, 15000, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, complete)
  const [head = ''] = data.split('\r\n\r\n', 1)
  return { status: head.split('\r\n')[0] ?? '', head, body: decode(data) ?? '' }
}

// Envoy's answers are ASCII, so characters are bytes.
function decode(data: string): string | undefined {
  const start = data.indexOf('\r\n\r\n')
  if (start < 0) return undefined
  const [head, body] = [data.slice(0, start), data.slice(start + 4)]
  const length = /content-length: (\d+)/.exec(head)?.[1]
  if (length !== undefined) return body.length >= Number(length) ? body.slice(0, Number(length)) : undefined
  let content = ''
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.slice(at, end), 16)
    if (end < 0 || Number.isNaN(size) || body.length < end + 2 + size + 2) return undefined
    if (size === 0) return content
    content += body.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}

/** The first pod of a workload, `namespace/name`. */
export function podOf(demo: Demo, namespace: string, app: string): string {
  const found = demo.world.store
    .all()
    .find(({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace && metadata.labels?.app === app)
  if (!found) throw new Error(`No pod of ${namespace}/${app}`)
  return `${namespace}/${found.metadata.name}`
}
