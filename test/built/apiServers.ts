// API servers that misbehave in ways the demo does not: one that answers everything the same way, and a wire that can be cut.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface Listening {
  readonly port: number
  /** Requests of the first kind, connections of the second, so far. */
  readonly count: () => number
  readonly close: () => Promise<void>
}

/** Answers every request with `answer`; over plain HTTP, as `http://127.0.0.1:PORT`. */
export async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listening> {
  let requests = 0
  const server = createHttpServer((request, response) => {
    requests += 1
    answer(request, response)
  })
  return { port: await listen(server, 0), count: () => requests, close: () => end(server, () => server.closeAllConnections()) }
}

/** A cluster without Istio, and without anything else. */
export function emptyCluster({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  const refused = searchParams.has('sendInitialEvents')
  response.writeHead(refused ? 400 : 200, { 'content-type': 'application/json' })
  if (refused) response.end(JSON.stringify({ kind: 'Status', code: 400, message: 'unknown parameter' }))
  else if (searchParams.has('watch')) response.flushHeaders()
  else if (pathname === '/apis') response.end(JSON.stringify({ kind: 'APIGroupList', groups: [] }))
  else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }))
}

export interface Wire extends Listening {
  /** Breaks what is open and refuses what comes. */
  cut(): Promise<void>
  /** Carries nothing any more, and says nothing of it. */
  freeze(): void
  mend(): Promise<void>
}

/** A wire to another port of this machine. */
export async function wireTo(port: number): Promise<Wire> {
  let connections = 0
  const open = new Set<Socket>()
  let frozen = false
  const relay = (near: Socket) => {
    connections += 1
    if (frozen) {
      open.add(near.on('error', () => near.destroy()))
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }
  let server = createServer(relay)
  const own = await listen(server, 0)
  const cut = () =>
    end(server, () => {
      for (const socket of open) socket.destroy()
    })
  return {
    port: own,
    count: () => connections,
    close: cut,
    cut,
    freeze() {
      frozen = true
      for (const socket of open) socket.unpipe().pause()
    },
    async mend() {
      frozen = false
      server = createServer(relay)
      await listen(server, own)
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function end(server: Server, breakConnections: () => void): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    breakConnections()
  })
}
