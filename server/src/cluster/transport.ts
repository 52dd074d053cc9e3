// Asks the API server: bounded in time and size, refused credentials renewed once, every failure an answer. Only GET.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Distrusted } from '../protocol.ts'
import type { Access, Credentials } from './access.ts'

export interface AskOptions {
  readonly signal: AbortSignal
  readonly accept?: string
  /** Milliseconds without a byte of the answer before the request is given up. */
  readonly idleMs?: number
}

export type Failure =
  /** The server answered with something other than 200. `message` is that of its Status, credentials blanked. */
  | { readonly kind: 'status'; readonly code: number; readonly message: string; readonly retryAfterMs?: number }
  /** No answer: refused, unknown host, cut off, too slow. `distrusted`: somebody answers, whose certificate is not accepted. */
  | { readonly kind: 'network'; readonly detail: string; readonly distrusted?: Distrusted }
  /** It answered 200, and not as an API server does: a web page, half an answer, an endless line. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  /** `refusedProgram`: somebody did not let this program run. */
  | { readonly kind: 'credentials'; readonly detail: string; readonly refusedProgram?: string }
  | { readonly kind: 'aborted' }

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export interface Transport {
  /** The JSON of one answer. Never rejects. */
  get(path: string, options: AskOptions): Promise<Reply<unknown>>
  /** Lines as they arrive; the iteration throws `StreamBroken` where the stream breaks, falls silent or sends an endless line. */
  lines(path: string, options: AskOptions): Promise<Reply<AsyncIterable<string>>>
}

export interface ServerTransport extends Transport {
  /** Whether anybody answers at all now, over a new connection: the kept ones may be dead without knowing it. Never rejects. */
  reaches(signal: AbortSignal): Promise<boolean>
}

/** The way out of an iteration over lines that has no proper end. */
export class StreamBroken extends Error {
  /** What came cannot be read, so that asking for the same again would not help. */
  readonly unreadable: boolean

  constructor(message: string, unreadable = false) {
    super(message)
    this.unreadable = unreadable
  }
}

const longestAnswer = 64_000_000
const longestLine = 16_000_000
/** For one page or object. A server that drips would hold its list up for ever. */
const slowestAnswerMs = 120_000
const longestRefusal = 64_000
/** A server begins to answer at once, also where a watch then stays quiet. */
const firstByteMs = 20_000
const slowestRefusalMs = 5_000
const reachMs = 5_000
const longestMessage = 500
const longestRetryAfterMs = 600_000

class Unreadable extends Error {}

export function createTransport(access: Access): ServerTransport {
  // The server packs pages of more than 128 kB to an eighth. Unpacking takes a third of the time of parsing, which pays on any wire, and there is none to this machine itself.
  const packed = isThisMachine(access.server) || !access.compression ? {} : { 'accept-encoding': 'gzip' }

  async function open(path: string, options: AskOptions, headers: OutgoingHttpHeaders, again = false): Promise<Reply<Readable>> {
    const credentials = await access.credentials()
    if (options.signal.aborted) return failed({ kind: 'aborted' })
    if (!credentials.ok) {
      const { ok: _, ...failure } = credentials
      return failed({ kind: 'credentials', ...failure })
    }
    const sent = await send(access.server + path, credentials.value, options, headers).catch((error: unknown) => error as Error)
    if (sent instanceof Error) return failed(failureOf(sent, options.signal, access))
    if (sent.statusCode === 200) return contentOf(sent)
    const failure = await statusFailure(sent, access)
    if (options.signal.aborted) return failed({ kind: 'aborted' })
    if (failure.code !== 401 || again) return failed(failure)
    access.renew(credentials.value)
    return open(path, options, headers, true)
  }

  return {
    async get(path, options) {
      const opened = await open(path, options, packed)
      if (!opened.ok) return opened
      const body = await readAll(opened.value).catch((error: unknown) => error as Error)
      if (body instanceof Error) return failed(failureOf(body, options.signal, access))
      try {
        return { ok: true, value: JSON.parse(body) }
      } catch {
        // The parser's reason would quote an answer that may hold anything.
        return failed({ kind: 'unreadable', detail: 'its answer is not JSON' })
      }
    },
    async lines(path, options) {
      const opened = await open(path, options, {})
      if (!opened.ok) return opened
      return { ok: true, value: readLines(opened.value) }
    },
    async reaches(signal) {
      const credentials = await access.credentials()
      if (signal.aborted || !credentials.ok) return false
      const { agent } = credentials.value
      for (const idle of Object.values(agent.freeSockets ?? {}).flat()) idle?.destroy()
      const sent = await sendOnce(`${access.server}/version`, credentials.value, { signal, idleMs: reachMs }, {})
      if (sent.kind !== 'response') return false
      sent.response.destroy()
      return (sent.response.statusCode ?? 0) < 500
    },
  }
}

function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure }
}

/** What was asked for: bytes of JSON, unpacked. */
function contentOf(response: IncomingMessage): Reply<Readable> {
  const refuse = (detail: string): Reply<Readable> => {
    response.destroy()
    return failed({ kind: 'unreadable', detail })
  }
  // Sign-in portals and proxies answer 200 too.
  if (/\b(?:html|xml)\b/i.test(response.headers['content-type'] ?? '')) return refuse('it answers with a web page')
  switch (response.headers['content-encoding']?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return { ok: true, value: response }
    case 'gzip':
    case 'x-gzip':
      // Whoever reads gets the error.
      return { ok: true, value: pipeline(response, createGunzip(), () => {}) }
    default:
      return refuse('its answer is packed in a way that was not asked for')
  }
}

async function send(url: string, credentials: Credentials, options: AskOptions, headers: OutgoingHttpHeaders): Promise<IncomingMessage> {
  const first = await sendOnce(url, credentials, options, headers)
  // The server closed a kept connection just as it was used again: that says nothing about the server.
  const last = first.kind === 'reset' ? await sendOnce(url, credentials, options, headers) : first
  if (last.kind === 'response') return last.response
  throw last.error
}

type Sent =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  /** The connection was an old one and broke before the answer. */
  | { readonly kind: 'reset'; readonly error: Error }
  | { readonly kind: 'error'; readonly error: Error }

/** A redirect is an answer like any other: credentials never go to another address. */
function sendOnce(
  url: string,
  { headers, agent }: Credentials,
  { signal, accept = 'application/json', idleMs = firstByteMs }: AskOptions,
  more: OutgoingHttpHeaders,
): Promise<Sent> {
  return new Promise(resolve => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const sent = request(url, { agent, signal, headers: { ...headers, ...more, accept } })
    const giveUp = (milliseconds: number) => sent.destroy(new Error(`no answer for ${Math.round(milliseconds / 1000)} s`))
    // The timeout of a socket begins anew when it is connected, and again when TLS is.
    const firstWait = Math.min(idleMs, firstByteMs)
    const deadline = setTimeout(() => giveUp(firstWait), firstWait)
    sent.on('response', response => {
      clearTimeout(deadline)
      sent.setTimeout(idleMs, () => giveUp(idleMs))
      resolve({ kind: 'response', response })
    })
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: sent.reusedSocket && error.code === 'ECONNRESET' ? 'reset' : 'error', error }),
    )
    sent.on('close', () => {
      clearTimeout(deadline)
      resolve({ kind: 'error', error: new Error('the connection closed without an answer') })
    })
    sent.end()
  })
}

async function readAll(content: Readable): Promise<string> {
  const seconds = slowestAnswerMs / 1000
  const deadline = setTimeout(() => content.destroy(new Error(`its answer was not complete after ${seconds} s`)), slowestAnswerMs)
  try {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of content as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestAnswer) throw new Unreadable(`an answer of more than ${longestAnswer / 1_000_000} MB`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    clearTimeout(deadline)
  }
}

async function* readLines(content: Readable): AsyncGenerator<string> {
  try {
    let pieces: string[] = []
    let length = 0
    for await (const chunk of content.setEncoding('utf8') as AsyncIterable<string>) {
      const [first = '', ...further] = chunk.split('\n')
      pieces.push(first)
      length += first.length
      if (length > longestLine) throw new Unreadable(`a line of more than ${longestLine / 1_000_000} MB`)
      const last = further.pop()
      if (last === undefined) continue
      for (const line of [pieces.join(''), ...further]) if (line !== '') yield line
      pieces = [last]
      length = last.length
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StreamBroken(error.message, error instanceof Unreadable || codeOf(error).startsWith('Z_'))
  } finally {
    content.destroy()
  }
}

/** Why it refused, from as much of the answer as comes soon. */
export async function statusFailure(response: IncomingMessage, access: Access): Promise<Extract<Failure, { kind: 'status' }>> {
  const { statusCode: code = 0, statusMessage = '', headers } = response
  const body = await readRefusal(response)
  const message = redirection(code, headers.location) ?? messageOf(body) ?? statusMessage
  const retryAfterMs = retryAfter(headers['retry-after'], headers.date)
  return { kind: 'status', code, message: plain(access.redact(message)), ...(retryAfterMs > 0 ? { retryAfterMs } : {}) }
}

/** As much of it as comes soon: it only gives the reason. */
async function readRefusal(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const deadline = setTimeout(() => response.destroy(), slowestRefusalMs)
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > longestRefusal) break
    }
  } catch {
    // Cut off: the status code is there all the same.
  } finally {
    clearTimeout(deadline)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function redirection(code: number, location: string | undefined): string | undefined {
  if (code < 300 || code > 399) return undefined
  const host = location && URL.canParse(location) ? new URL(location).host : ''
  return `it redirects ${host === '' ? 'elsewhere' : `to "${host}"`}, which is not followed`
}

/** Seconds, or a date by the clock of the server, which need not be ours. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(value: string | undefined, serverDate: string | undefined): number {
  const seconds = Number(value)
  const date = Date.parse(serverDate ?? '')
  const wait = Number.isNaN(seconds) ? Date.parse(value ?? '') - (Number.isNaN(date) ? Date.now() : date) : seconds * 1000
  return wait > 0 ? Math.min(wait, longestRetryAfterMs) : 0
}

/** The sentence of a Kubernetes Status; undefined for any other body, which may hold anything. */
export function messageOf(body: string): string | undefined {
  try {
    const status: unknown = JSON.parse(body)
    const message = (status as { message?: unknown } | null)?.message
    return typeof message === 'string' ? plain(message) : undefined
  } catch {
    return undefined
  }
}

/** One line without control and direction characters, for logs and sentences: what a server says may hold anything. */
export function plain(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line
}

function failureOf(error: Error, signal: AbortSignal, access: Access): Failure {
  if (signal.aborted) return { kind: 'aborted' }
  const code = codeOf(error)
  if (error instanceof Unreadable) return { kind: 'unreadable', detail: error.message }
  if (code.startsWith('HPE_')) return { kind: 'unreadable', detail: 'what answers there does not speak HTTP' }
  if (code.startsWith('Z_')) return { kind: 'unreadable', detail: 'its packed answer is broken' }
  const distrusted = distrust[code]
  return { kind: 'network', detail: plain(access.redact(wordsOf(error))), ...(distrusted ? { distrusted } : {}) }
}

/** The usual troubles of a network in words. */
export function wordsOf(error: Error): string {
  return networkWords[codeOf(error)] ?? error.message
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

function isThisMachine(server: string): boolean {
  const { hostname } = new URL(server)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the CA of the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the CA of the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the CA of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not signed by the CA of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the CA of the kubeconfig',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the CA of the kubeconfig',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
}

/** By the code of Node's TLS. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const distrust: Readonly<Record<string, Distrusted>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'issuer',
  UNABLE_TO_GET_ISSUER_CERT: 'issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'issuer',
  CERT_SIGNATURE_FAILURE: 'issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name',
  CERT_HAS_EXPIRED: 'time',
  CERT_NOT_YET_VALID: 'time',
}
