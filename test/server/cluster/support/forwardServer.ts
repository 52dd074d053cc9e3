// The API server's side of a port-forward, byte by byte: what a WebSocket library would not let a test send.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Access, createAccess } from '../../../../server/src/cluster/access.ts'
import { systemClock } from '../../../../server/src/cluster/clock.ts'

export const port = 15000
const littleEndian = Buffer.from([port & 0xff, port >> 8])

export const binary = (...parts: readonly (number | string | Buffer)[]): Buffer => frame(2, join(parts))
export const text = (content: string): Buffer => frame(1, Buffer.from(content))
export const closing = (code: number): Buffer => frame(8, Buffer.from([code >> 8, code & 0xff]))
/** What a kubelet sends first. */
export const announced: readonly Buffer[] = [binary(0, littleEndian), binary(1, littleEndian)]
export const portBytes: readonly [number, number] = [port & 0xff, port >> 8]

/** Not masked, as a server sends it. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? Buffer.from([payload.length]) : Buffer.from([126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, payload])
}

function join(parts: readonly (number | string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))
}

export function acceptUpgrade(request: IncomingMessage, socket: Duplex, protocol = 'v4.channel.k8s.io'): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade']
  const accept = `sec-websocket-accept: ${createHash('sha1').update(key).digest('base64')}`
  socket.write(`${[...head, accept, ...(protocol ? [`sec-websocket-protocol: ${protocol}`] : [])].join('\r\n')}\r\n\r\n`)
}

export interface ForwardServer extends AsyncDisposable {
  readonly access: Access
  readonly open: () => number
  readonly requests: IncomingMessage[]
}

/** A server for whose upgrades `answer` is called; `reload` gives the token of the second try. */
export async function forwardServer(answer: (socket: Duplex, request: IncomingMessage, count: number) => void): Promise<ForwardServer> {
  const sockets = new Set<Duplex>()
  const requests: IncomingMessage[] = []
  const server = createServer((_, response) => response.end('{}'))
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket) => {
    // Who is not read does not notice that the client left.
    socket.resume().on('end', () => socket.destroy())
    answer(socket, request, requests.push(request))
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const target = {
    context: { name: 'prod', cluster: 'prod', user: 'me' },
    cluster: { name: 'prod', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTlsVerify: false },
    user: { name: 'me', token: 'token-of-yesterday' },
  }
  const access = createAccess({
    target,
    clock: systemClock,
    reload: async () => ({ ...target, user: { name: 'me', token: 'token-of-today' } }),
  })
  return {
    access,
    requests,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      access.dispose()
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
