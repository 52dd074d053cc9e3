// Asks the API server: bounded in time and size, refused credentials renewed once, every failure an answer. Only GET.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createInterface } from 'node:readline'
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
  /** Lines as they arrive; the iteration throws where the stream breaks. */
  lines(path: string, options: AskOptions): Promise<Reply<AsyncIterable<string>>>
}

const longestAnswer = 64_000_000

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
      try {
        return { ok: true, value: JSON.parse(await readAll(opened.value)) }
      } catch (error) {
        return failed(failureOf(error as Error, options.signal, access))
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

function send(url: string, { headers, agent }: Credentials, { signal, accept = 'application/json', idleMs = 20_000 }: AskOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const sent = request(url, { agent, signal, headers: { ...headers, accept } })
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`no answer for ${Math.round(idleMs / 1000)} s`)))
    sent.on('response', resolve)
    sent.on('error', reject)
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
  let broken: Error | undefined
  response.on('error', error => {
    broken = error
  })
  const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const line of lines) yield line
    if (broken) throw broken
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
