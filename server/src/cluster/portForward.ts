// One TCP stream to a port of a pod, through the API server's WebSocket port-forward.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (portforward), protocol v4.channel.k8s.io:
// channel 0 carries data, channel 1 an error text; each begins with two bytes that repeat the port.
import { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { PodRef } from '../protocol.ts'
import type { Reached } from './connection.ts'
import { messageOf } from './transport.ts'

export type Forwarded =
  | { readonly kind: 'open'; readonly stream: Duplex }
  /** The API server refused: 403, 404 … with the sentence of its Status. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  | { readonly kind: 'failed'; readonly detail: string }

const data = 0
const errors = 1
const longestReason = 300

/** The stream fails with the text of the error channel where the port does not answer: the upgrade succeeds all the same. */
export async function forwardPort({ access }: Reached, pod: PodRef, port: number, signal: AbortSignal): Promise<Forwarded> {
  const credentials = await access.credentials()
  if (!credentials.ok) return { kind: 'failed', detail: credentials.detail }
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward?ports=${port}`
  const { headers, agent } = credentials.value
  const socket = new WebSocket(access.server.replace(/^http/, 'ws') + path, ['v4.channel.k8s.io'], {
    agent,
    headers: headers as Record<string, string>,
    handshakeTimeout: 10_000,
    maxPayload: 1 << 20,
  })
  const stop = () => socket.terminate()
  signal.addEventListener('abort', stop, { once: true })
  socket.on('close', () => signal.removeEventListener('abort', stop))
  return new Promise(resolve => {
    const stream = streamOver(socket)
    socket.on('open', () => resolve({ kind: 'open', stream }))
    socket.on('unexpected-response', (request, response) => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('close', () => {
        const message = messageOf(Buffer.concat(chunks).toString('utf8')) ?? response.statusMessage ?? ''
        resolve({ kind: 'refused', code: response.statusCode ?? 0, message: access.redact(message) })
        request.destroy()
      })
    })
    socket.on('error', error => {
      resolve({ kind: 'failed', detail: access.redact(error.message) })
      stream.destroy(error)
    })
  })
}

function streamOver(socket: WebSocket): Duplex {
  const begun = new Set<number>()
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      socket.send(Buffer.concat([Buffer.from([data]), chunk]), done)
    },
    destroy(error, done) {
      socket.terminate()
      done(error)
    },
  })
  // Whoever opened the port looks at its answer; a late error must not end the process.
  stream.on('error', () => {})
  socket.on('message', (message: RawData) => {
    const bytes = Buffer.isBuffer(message) ? message : Array.isArray(message) ? Buffer.concat(message) : Buffer.from(message)
    const [channel = 0] = bytes
    const first = !begun.has(channel)
    begun.add(channel)
    const content = bytes.subarray(first ? 3 : 1)
    if (content.length === 0) return
    if (channel === data) stream.push(content)
    if (channel === errors) stream.destroy(new Error(content.toString('utf8', 0, longestReason).trim()))
  })
  socket.on('close', () => stream.push(null))
  return stream
}
