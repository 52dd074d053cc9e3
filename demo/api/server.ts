// The Kubernetes API server of the demo: TLS on 127.0.0.1, bearer tokens, reads only.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { World } from '../world.ts'
import { type AccessAttributes, may, type User } from './access.ts'
import { refuseUpgrade, send, sendEndlessLine, sendFault, sendHalfFrame, sendStatus, sendWebPage, statusOf } from './answers.ts'
import { discovery } from './discovery.ts'
import type { Faults } from './faults.ts'
import { sendLog } from './log.ts'
import { forward, type PodTarget, portForwardProtocol, type Target, targetOf } from './portForward.ts'
import { read } from './read.ts'
import { type ApiRequest, parseRequest } from './request.ts'
import { serveReview } from './reviews.ts'
import { selectedName } from './selectors.ts'
import { spoil } from './spoil.ts'
import { forbidden, gone, invalid, type Status, unauthorized, unknownPath } from './status.ts'
import { eventLine, Watch } from './watch.ts'

export interface ServerOptions {
  readonly world: World
  readonly users: readonly User[]
  readonly faults: Faults
  readonly tls: { readonly certificate: string; readonly key: string }
  readonly bookmarkSeconds: number
  /** False: as servers without WatchList, which refuse to stream a list. */
  readonly streamsLists?: boolean
  /** Live commands of the demo: POST `/demo/<command>` with this token. `run` answers undefined for a command it does not know. */
  readonly control: { readonly token: string; readonly run: (command: string) => Promise<string | undefined> }
}

/** What a client asked, for tests of what it must not ask. */
export interface SeenRequest {
  readonly user: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

export class ApiServer {
  readonly requests: SeenRequest[] = []
  #options: ServerOptions
  #server: Server
  #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => (offered.has(portForwardProtocol) ? portForwardProtocol : false),
  })
  #watches = new Set<Watch>()
  #delays = new Set<NodeJS.Timeout>()

  constructor(options: ServerOptions) {
    this.#options = options
    const { certificate, key } = options.tls
    this.#server = createServer({ cert: certificate, key })
    this.#server.on('request', (message, response) => this.#serve(message, response))
    this.#server.on('upgrade', (message, socket, head) => this.#upgrade(message, socket, head))
  }

  /** Starts to listen; answers the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Breaks the open watches, of one kind or all. Answers how many. */
  cutWatches(resource?: string): number {
    const hit = [...this.#watches].filter(({ type }) => resource === undefined || type.plural === resource)
    for (const watch of hit) watch.cut()
    return hit.length
  }

  async close(): Promise<void> {
    for (const delay of this.#delays) clearTimeout(delay)
    for (const watch of this.#watches) watch.cut()
    for (const socket of this.#sockets.clients) socket.terminate()
    const closed = new Promise<void>(resolve => {
      this.#server.close(() => resolve())
    })
    this.#server.closeAllConnections()
    await closed
  }

  #serve(message: IncomingMessage, response: ServerResponse): void {
    const url = urlOf(message)
    if (url.pathname.startsWith('/demo/')) {
      void this.#serveControl(message, url, response)
      return
    }
    const user = this.#userOf(message)
    if (!user) sendStatus(response, unauthorized())
    else if (['/healthz', '/livez', '/readyz'].includes(url.pathname)) response.end('ok')
    else if (url.pathname.startsWith('/apis/authorization.k8s.io/v1/self')) void serveReview(message, user, url, response)
    else this.#serveResource(message, user, url, response)
  }

  #serveResource(message: IncomingMessage, user: User, url: URL, response: ServerResponse): void {
    const { method = '', headers } = message
    const document = method === 'GET' && discovery(url.pathname.replace(/\/$/, ''))
    const request = parseRequest(method, url)
    const refusal = request && this.#admit(user, request)
    if (document) send(response, 200, document)
    else if (!request) sendStatus(response, unknownPath())
    else if (refusal) sendStatus(response, refusal)
    else if (request.type.plural === 'pods' && request.subresource === 'log')
      this.#withFault(request, response, () => sendLog(request, this.#options.world, response))
    else this.#withFault(request, response, () => this.#answer(request, headers.accept ?? '', response))
  }

  #userOf(message: IncomingMessage): User | undefined {
    const token = /^Bearer (.+)$/.exec(message.headers.authorization ?? '')?.[1]
    return this.#options.users.find(user => user.token === token)
  }

  /** Notes the request and says why it is refused, if it is. */
  #admit(user: User, request: ApiRequest): Status | undefined {
    const { type, namespace, subresource, query } = request
    const name = request.name ?? selectedName(query)
    const resource = subresource ? `${type.plural}/${subresource}` : type.plural
    // A namespace is its own namespace for RBAC.
    const scope = namespace ?? (type.plural === 'namespaces' ? name : undefined)
    const where = { ...(scope !== undefined && { namespace: scope }), ...(name !== undefined && { name }) }
    this.requests.push({ user: user.name, verb: request.verb, group: type.group, resource, ...where })
    const verbs = subresource === 'portforward' ? ['get', 'create'] : [request.verb]
    const asked = verbs.map((verb): AccessAttributes => ({ verb, group: type.group, resource, ...where }))
    const refused = asked.find(attributes => !may(user, attributes))
    return refused && forbidden(user, refused)
  }

  #withFault(request: ApiRequest, response: ServerResponse, proceed: () => void): void {
    const fault = this.#options.faults.take(targetOfFault(request))
    if (!fault) {
      proceed()
      return
    }
    switch (fault.kind) {
      case 'gone':
        this.#answerGone(request, response)
        break
      case 'status':
        sendFault(response, fault)
        break
      case 'slow':
        this.#later(fault.milliseconds, proceed)
        break
      case 'cut':
        response.destroy()
        break
      case 'half-open':
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
        break
      case 'web-page':
        sendWebPage(response)
        break
      case 'redirect':
        response.writeHead(302, { location: fault.location }).end()
        break
      case 'endless-line':
        sendEndlessLine(response)
        break
      case 'silent':
      case 'other-protocol':
      case 'half-frame':
        break
      default:
        spoil(response, fault)
        proceed()
    }
  }

  #answerGone({ verb, query }: ApiRequest, response: ServerResponse): void {
    const status = gone(query.get('resourceVersion') ?? '0', this.#options.world.store.revision)
    if (verb === 'watch') response.setHeader('content-type', 'application/json').end(eventLine({ type: 'ERROR', object: status }))
    else sendStatus(response, status)
  }

  #answer(request: ApiRequest, accept: string, response: ServerResponse): void {
    const { world, bookmarkSeconds, streamsLists = true } = this.#options
    const isRefused = !streamsLists && request.query.has('sendInitialEvents')
    const reading = isRefused ? ({ kind: 'refused', status: noWatchList } as const) : read(world.store, request, accept)
    switch (reading.kind) {
      case 'document':
        send(response, 200, reading.body)
        break
      case 'refused':
        sendStatus(response, reading.status)
        break
      case 'watch': {
        const watch = new Watch(reading.request, response, world.store, bookmarkSeconds)
        this.#watches.add(watch)
        response.on('close', () => this.#watches.delete(watch))
      }
    }
  }

  #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that breaks off in the middle of the upgrade must not end the demo.
    socket.on('error', () => socket.destroy())
    const target = this.#targetOf(message)
    if (target.kind === 'refused') refuseUpgrade(socket, target.status)
    else this.#connect(message, socket, head, target)
  }

  #targetOf(message: IncomingMessage): Target {
    const user = this.#userOf(message)
    if (!user) return { kind: 'refused', status: unauthorized() }
    const request = parseRequest('GET', urlOf(message))
    if (!request) return { kind: 'refused', status: unknownPath() }
    const refusal = this.#admit(user, request)
    return refusal ? { kind: 'refused', status: refusal } : targetOf(request, this.#options.world)
  }

  #connect(message: IncomingMessage, socket: Duplex, head: Buffer, target: PodTarget): void {
    const fault = this.#options.faults.take({ verb: 'portforward', resource: 'pods', namespace: target.namespace })
    const connect = () => this.#sockets.handleUpgrade(message, socket, head, webSocket => forward(webSocket, target))
    switch (fault?.kind) {
      case undefined:
        connect()
        break
      case 'slow':
        this.#later(fault.milliseconds, connect)
        break
      case 'status':
        refuseUpgrade(socket, statusOf(fault))
        break
      case 'silent':
        // The upgrade succeeds, and the proxy behind it never says a word.
        this.#sockets.handleUpgrade(message, socket, head, () => undefined)
        break
      case 'other-protocol':
        sendHalfFrame(socket, 'v5.channel.k8s.io', message.headers['sec-websocket-key'] ?? '')
        break
      case 'half-frame':
        sendHalfFrame(socket, portForwardProtocol, message.headers['sec-websocket-key'] ?? '')
        break
      case 'redirect':
        socket.end(`HTTP/1.1 302 Found\r\nlocation: ${fault.location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
        break
      default:
        socket.destroy()
    }
  }

  #later(milliseconds: number, happens: () => void): void {
    const timer = setTimeout(() => {
      this.#delays.delete(timer)
      happens()
    }, milliseconds)
    this.#delays.add(timer)
  }

  async #serveControl(message: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const { token, run } = this.#options.control
    const allowed = message.headers.authorization === `Bearer ${token}` && message.method === 'POST'
    const told = allowed ? await run(url.pathname.slice('/demo/'.length)) : undefined
    if (told !== undefined) send(response, 200, { message: told })
    else sendStatus(response, allowed ? unknownPath() : unauthorized())
  }
}

const noWatchList = invalid(
  'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
)

// A path that is no URL is answered like any other that does not exist.
function urlOf({ url = '/' }: IncomingMessage): URL {
  const base = 'https://127.0.0.1'
  return new URL(URL.canParse(url, base) ? url : '/', base)
}

const targetOfFault = ({ verb, type, namespace }: ApiRequest) => ({
  verb,
  resource: type.plural,
  ...(namespace !== undefined && { namespace }),
})
