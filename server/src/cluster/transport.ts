// Asks the API server: bounded in time and size, refused credentials renewed once, every failure an answer. Only GET.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Access, Credentials } from './access.ts'

export interface AskOptions {
  readonly signal: AbortSignal
  readonly accept?: string
  /** Milliseconds without a byte before the request is given up. */
  readonly idleMs?: number
}

export type Failure =
  /** The server answered with something other than 200. `message` is that of its Status, credentials blanked. */
  | { readonly kind: 'status'; readonly code: number; readonly message: string; readonly retryAfterMs?: number }
  /** No answer: refused, unknown host, cut off, too slow, bad certificate. */
  | { readonly kind: 'network'; readonly detail: string }
  | { readonly kind: 'credentials'; readonly detail: string }
  | { readonly kind: 'aborted' }

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export interface Transport {
  /** The JSON of one answer. Never rejects. */
  get(path: string, options: AskOptions): Promise<Reply<unknown>>
  /** Lines as they arrive; the iteration throws `StreamBroken` where the stream breaks, falls silent or sends an endless line. */
  lines(path: string, options: AskOptions): Promise<Reply<AsyncIterable<string>>>
}

/** The way out of an iteration over lines that has no proper end. */
export class StreamBroken extends Error {}

const longestAnswer = 64_000_000
const longestLine = 16_000_000

export function createTransport(access: Access): Transport {
  async function open(path: string, options: AskOptions, again: boolean): Promise<Reply<IncomingMessage>> {
    const credentials = await access.credentials()
    if (options.signal.aborted) return failed({ kind: 'aborted' })
    if (!credentials.ok) return failed({ kind: 'credentials', detail: credentials.detail })
    const sent = await send(access.server + path, credentials.value, options).catch((error: unknown) => error as Error)
    if (sent instanceof Error) return failed(failureOf(sent, options.signal, access))
    if (sent.statusCode === 200) return { ok: true, value: sent }
    const failure = await statusFailure(sent, access)
    if (failure.code !== 401 || again) return failed(failure)
    access.renew(credentials.value)
    return open(path, options, true)
  }

  return {
    async get(path, options) {
      const opened = await open(path, options, false)
      if (!opened.ok) return opened
      const body = await readAll(opened.value).catch((error: unknown) => error as Error)
      if (body instanceof Error) return failed(failureOf(body, options.signal, access))
      try {
        return { ok: true, value: JSON.parse(body) }
      } catch {
        // The parser's reason would quote an answer that may hold anything.
        return failed({ kind: 'network', detail: 'its answer is not JSON' })
      }
    },
    async lines(path, options) {
      const opened = await open(path, options, false)
      if (!opened.ok) return opened
      return { ok: true, value: readLines(opened.value) }
    },
  }
}

function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure }
}

async function send(url: string, credentials: Credentials, options: AskOptions): Promise<IncomingMessage> {
  const first = await sendOnce(url, credentials, options)
  // The server closed a kept connection just as it was used again: that says nothing about the server.
  const last = first.kind === 'reset' ? await sendOnce(url, credentials, options) : first
  if (last.kind === 'response') return last.response
  throw last.error
}

type Sent =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  /** The connection was an old one and broke before the answer. */
  | { readonly kind: 'reset'; readonly error: Error }
  | { readonly kind: 'error'; readonly error: Error }

function sendOnce(
  url: string,
  { headers, agent }: Credentials,
  { signal, accept = 'application/json', idleMs = 20_000 }: AskOptions,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const sent = request(url, { agent, signal, headers: { ...headers, accept } })
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`no answer for ${Math.round(idleMs / 1000)} s`)))
    sent.on('response', response => resolve({ kind: 'response', response }))
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: sent.reusedSocket && error.code === 'ECONNRESET' ? 'reset' : 'error', error }),
    )
    sent.on('close', () => reject(new Error('the connection closed without an answer')))
    sent.end()
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += (chunk as Buffer).length
    if (size > longestAnswer) throw new Error(`an answer of more than ${longestAnswer / 1_000_000} MB`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  try {
    let rest = ''
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > longestLine) throw new Error(`a line of more than ${longestLine / 1_000_000} MB`)
      for (const line of lines) if (line !== '') yield line
    }
  } catch (error) {
    throw new StreamBroken(error instanceof Error ? error.message : String(error))
  } finally {
    response.destroy()
  }
}

async function statusFailure(response: IncomingMessage, access: Access): Promise<Extract<Failure, { kind: 'status' }>> {
  const body = await readAll(response).catch(() => '')
  const retryAfter = Number(response.headers['retry-after'])
  return {
    kind: 'status',
    code: response.statusCode ?? 0,
    message: access.redact(messageOf(body) ?? response.statusMessage ?? ''),
    ...(retryAfter > 0 ? { retryAfterMs: Math.min(retryAfter, 600) * 1000 } : {}),
  }
}

/** The sentence of a Kubernetes Status; undefined for any other body, which may hold anything. */
export function messageOf(body: string): string | undefined {
  try {
    const status: unknown = JSON.parse(body)
    const message = (status as { message?: unknown } | null)?.message
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

function failureOf(error: Error, signal: AbortSignal, access: Access): Failure {
  if (signal.aborted) return { kind: 'aborted' }
  return { kind: 'network', detail: access.redact(networkWords[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message) }
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
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the CA of the kubeconfig',
  CERT_HAS_EXPIRED: 'its certificate has expired',
}
