// One TCP stream to a port of a pod, through the API server's WebSocket port-forward.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (portforward), protocol v4.channel.k8s.io:
// channel 0 carries data, channel 1 an error text; each begins with two bytes that repeat the port.
import { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { PodRef } from '../protocol.ts'
import type { Access, Credentials } from './access.ts'
import type { Redact } from './redact.ts'
import { plain, statusFailure, wordsOf } from './transport.ts'

export type Forwarded =
  | { readonly kind: 'open'; readonly stream: Duplex }
  /** The API server refused: 403, 404 … with the sentence of its Status. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  | { readonly kind: 'failed'; readonly detail: string }

const protocol = 'v4.channel.k8s.io'
const data = 0
const errors = 1
const portBytes = 2
const longestReason = 300
const handshakeMs = 10_000
/** The kubelet sends 32 kB at a time. */
const longestFrame = 1 << 20

/**
 * Opens the port, with credentials renewed once where they are refused. The stream fails with the text of the error channel where the port does
 * not answer: the upgrade succeeds all the same. An abort closes everything, at any moment. Never rejects.
 */
export async function forwardPort(
  { access }: { readonly access: Access },
  pod: PodRef,
  port: number,
  signal: AbortSignal,
): Promise<Forwarded> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward?ports=${port}`
  const first = await attempt(access, path, port, signal)
  if (first.answer.kind !== 'refused' || first.answer.code !== 401 || !first.credentials) return first.answer
  access.renew(first.credentials)
  return (await attempt(access, path, port, signal)).answer
}

interface Attempt {
  readonly answer: Forwarded
  readonly credentials?: Credentials
}

async function attempt(access: Access, path: string, port: number, signal: AbortSignal): Promise<Attempt> {
  const credentials = await unlessAborted(access.credentials(), signal)
  if (!credentials) return { answer: { kind: 'failed', detail: 'cancelled' } }
  if (!credentials.ok) return { answer: { kind: 'failed', detail: credentials.detail } }
  return { answer: await connect(access, path, credentials.value, port, signal), credentials: credentials.value }
}

function connect(access: Access, path: string, { headers, agent }: Credentials, port: number, signal: AbortSignal): Promise<Forwarded> {
  return new Promise(resolve => {
    const fail = (error: Error) => resolve({ kind: 'failed', detail: plain(access.redact(reasonOf(error))) })
    const socket = openSocket(access.server.replace(/^http/, 'ws') + path, {
      agent,
      headers: headers as Record<string, string>,
      handshakeTimeout: handshakeMs,
      maxPayload: longestFrame,
      perMessageDeflate: false,
    })
    if (socket instanceof Error) return fail(socket)
    const stop = () => socket.terminate()
    signal.addEventListener('abort', stop, { once: true })
    socket.on('close', () => signal.removeEventListener('abort', stop))
    const stream = streamOver(socket, port, access.redact)
    socket.on('open', () => resolve({ kind: 'open', stream }))
    socket.on('unexpected-response', (_, response) => {
      void statusFailure(response, access).then(({ code, message }) => {
        resolve({ kind: 'refused', code, message })
        socket.terminate()
      })
    })
    socket.on('error', error => {
      fail(error)
      stream.destroy(new Error(reasonOf(error)))
    })
  })
}

function openSocket(url: string, options: ConstructorParameters<typeof WebSocket>[2]): WebSocket | Error {
  try {
    return new WebSocket(url, [protocol], options)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function streamOver(socket: WebSocket, port: number, redact: Redact): Duplex {
  /** What came of the port at the beginning of each channel. */
  const begun = [Buffer.alloc(0), Buffer.alloc(0)]
  const stream = new Duplex({
    read() {
      socket.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      socket.send(Buffer.concat([Buffer.from([data]), chunk]), done)
    },
    destroy(error, done) {
      socket.terminate()
      done(error)
    },
  })
  const fail = (reason: string) => stream.destroy(new Error(reason))
  // Whoever opened the port looks at its answer; a late error must not end the process.
  stream.on('error', () => {})
  socket.on('message', (message: RawData, isBinary) => {
    const bytes = bytesOf(message)
    const [channel] = bytes
    if (stream.destroyed || channel === undefined) return
    const prefix = begun[channel]
    if (!isBinary || !prefix) return fail(`what answers does not speak ${protocol}`)
    const missing = portBytes - prefix.length
    const announced = missing > 0 ? Buffer.concat([prefix, bytes.subarray(1, 1 + missing)]) : prefix
    begun[channel] = announced
    if (missing > 0 && announced.length === portBytes && announced.readUInt16LE() !== port)
      return fail(`what answers does not speak ${protocol}`)
    const content = bytes.subarray(1 + Math.max(0, missing))
    if (content.length === 0) return
    if (channel === errors) return fail(plain(redact(content.toString('utf8', 0, longestReason))))
    if (!stream.push(content)) socket.pause()
  })
  // Without a farewell (1006), what came may be half of an answer, which HTTP can only see where the answer tells its length.
  socket.on('close', code => (code === 1006 ? fail('connection lost') : stream.push(null)))
  return stream
}

function bytesOf(message: RawData): Buffer {
  if (Buffer.isBuffer(message)) return message
  return Array.isArray(message) ? Buffer.concat(message) : Buffer.from(message)
}

/** The library names its own errors WS_ERR_…, and those of the handshake only by their sentence. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code?.startsWith('WS_ERR_')) return 'a broken WebSocket frame'
  if (/subprotocol|Sec-WebSocket|Upgrade header/i.test(error.message)) return `what answers does not speak ${protocol}`
  if (/handshake has timed out/.test(error.message)) return `no answer for ${handshakeMs / 1000} s`
  return wordsOf(error)
}

/** Undefined where the signal came first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined)
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
