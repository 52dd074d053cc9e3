// How answers leave the server: documents, statuses, told failures, refused upgrades.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Fault } from './faults.ts'
import { internalError, type Status, tooManyRequests, unavailable } from './status.ts'

export function send(response: ServerResponse, code: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const sendStatus = (response: ServerResponse, status: Status): void => send(response, status.code, status)

type StatusFault = Extract<Fault, { kind: 'status' }>

export function sendFault(response: ServerResponse, fault: StatusFault): void {
  const after = fault.retryAfterSeconds
  send(response, fault.code, statusOf(fault), after === undefined ? {} : { 'retry-after': String(after) })
}

export function statusOf({ code, retryAfterSeconds = 1 }: StatusFault): Status {
  switch (code) {
    case 429:
      return tooManyRequests(retryAfterSeconds)
    case 500:
      return internalError()
    case 503:
      return unavailable()
  }
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
