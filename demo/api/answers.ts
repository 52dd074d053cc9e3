// How answers leave the server: documents, statuses, told failures, refused upgrades.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { StatusFault } from './faults.ts'
import { internalError, type Status, tooManyRequests, unauthorized, unavailable } from './status.ts'

export function send(response: ServerResponse, code: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const sendStatus = (response: ServerResponse, status: Status): void => send(response, status.code, status)

export function sendFault(response: ServerResponse, fault: StatusFault): void {
  const { retryAfterSeconds: after, clockOffsetSeconds: offset, message } = fault
  const status = { ...statusOf(fault), ...(message === undefined ? {} : { message }) }
  send(
    response,
    fault.code,
    status,
    after === undefined ? {} : offset === undefined ? { 'retry-after': String(after) } : dates(after, offset),
  )
}

/** The server's own clock tells both the time and when to come again. */
function dates(afterSeconds: number, offsetSeconds: number): Readonly<Record<string, string>> {
  const now = Date.now() + offsetSeconds * 1000
  return { date: new Date(now).toUTCString(), 'retry-after': new Date(now + afterSeconds * 1000).toUTCString() }
}

export function statusOf({ code, retryAfterSeconds = 1 }: StatusFault): Status {
  switch (code) {
    case 401:
      return unauthorized()
    case 429:
      return tooManyRequests(retryAfterSeconds)
    case 500:
      return internalError()
    case 503:
      return unavailable()
  }
}

/** 200 and a page to sign in on. */
export function sendWebPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Sign in</title>')
}

/** As fast as it is read, until nobody reads it any more. */
export function sendEndlessLine(response: ServerResponse): void {
  const piece = 'x'.repeat(1 << 20)
  const more = () => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more)
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  more()
}

/** Answers an upgrade, and then breaks in the middle of the first frame. */
export function sendHalfFrame(socket: Duplex, protocol: string, key: string): void {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade', `sec-websocket-accept: ${accept}`]
  socket.write(`${[...head, `sec-websocket-protocol: ${protocol}`].join('\r\n')}\r\n\r\n`)
  // A binary frame of 100 bytes, of which three come.
  socket.write(Buffer.from([0x82, 100, 0, 0x98, 0x3a]), () => socket.destroy())
}

/** Answers an upgrade that is refused: an ordinary HTTP answer, then the end of the connection. */
export function refuseUpgrade(socket: Duplex, status: Status): void {
  const body = JSON.stringify(status)
  const head = [
    `HTTP/1.1 ${status.code} ${status.reason}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** The body of a request, or undefined where it is no JSON object. */
export async function readJson(message: IncomingMessage): Promise<object | undefined> {
  try {
    const parts: Buffer[] = []
    for await (const part of message) parts.push(part as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(parts).toString())
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    // Not JSON, or the client broke off: the caller answers 400.
    return undefined
  }
}
