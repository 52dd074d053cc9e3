// The admin port of a proxy as a function from a request to an answer, and the little HTTP that carries it through a port-forward.
import { Buffer } from 'node:buffer'
import { STATUS_CODES } from 'node:http'

export interface AdminResponse {
  readonly status: number
  readonly type: 'application/json' | 'text/plain; charset=UTF-8'
  readonly body: string
  /** Envoy sends config dumps in chunks and short answers with a length. */
  readonly chunked?: boolean
}

export type Admin = (method: string, url: URL) => AdminResponse

/** One connection to an admin port: bytes in, bytes out; several requests may follow each other. */
export function adminConnection(admin: Admin): (received: Buffer) => Buffer | undefined {
  let pending = Buffer.alloc(0)
  return received => {
    pending = Buffer.concat([pending, received])
    const answers: Buffer[] = []
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      answers.push(answer(admin, pending.subarray(0, end).toString('latin1')))
      pending = pending.subarray(end + 4)
    }
    return answers.length > 0 ? Buffer.concat(answers) : undefined
  }
}

const wellFormed = /^([A-Z]+) (\/\S*) HTTP\/1\.[01](?:\r\n|$)/

function answer(admin: Admin, head: string): Buffer {
  const [, method, path] = wellFormed.exec(head) ?? []
  if (!method || !path || !URL.canParse(path, 'http://localhost'))
    return encode({ status: 400, type: 'text/plain; charset=UTF-8', body: 'Bad Request' })
  return encode(admin(method, new URL(path, 'http://localhost')))
}

const chunkBytes = 16_384

function encode({ status, type, body, chunked }: AdminResponse): Buffer {
  const content = Buffer.from(body)
  const length = chunked ? 'transfer-encoding: chunked' : `content-length: ${content.length}`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${type}`,
    'cache-control: no-cache, max-age=0',
    'x-content-type-options: nosniff',
    `date: ${new Date().toUTCString()}`,
    'server: envoy',
    length,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...(chunked ? chunks(content) : [content])])
}

function chunks(content: Buffer): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < content.length; at += chunkBytes) {
    const part = content.subarray(at, at + chunkBytes)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return [...parts, Buffer.from('0\r\n\r\n')]
}
