// A wire between the product and an API server that a test can cut, mend and count bytes and connections on. TLS goes through it untouched.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Wire {
  readonly url: string
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #carries = true
  #delivered = 0
  #stop: Stop | undefined
  #stalled: (() => void)[] = []

  private constructor(server: Server) {
    this.#server = server
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** A wire to `https://127.0.0.1:<port>`. */
  static async to(target: string): Promise<Wire> {
    const { port, hostname } = new URL(target)
    // Half-open connections stay so: who closes is passed on like every byte.
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const wire = new Wire(server)
    server.on('connection', client => wire.#join(client, Number(port), hostname))
    return wire
  }

  /** Connections that the product holds open now. */
  get open(): number {
    return this.#clients.size
  }

  /** Bytes that the product was sent so far. */
  get delivered(): number {
    return this.#delivered
  }

  /** Breaks every connection, and refuses new ones until it is mended. */
  cut(): void {
    this.#carries = false
    for (const client of this.#clients) client.resetAndDestroy()
  }

  /** Carries again, also what it held back. */
  mend(): void {
    this.#carries = true
    this.#stop = undefined
    for (const resume of this.#stalled.splice(0)) resume()
  }

  /** When so many more bytes have gone to the product, `cut`s or holds every further byte back. Resolves then. */
  after(bytes: number, happens: 'cut' | 'stall'): Promise<void> {
    return new Promise(resolve => {
      this.#stop = { at: this.#delivered + bytes, happens, resolve }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #join(client: Socket, port: number, host: string): void {
    client.on('error', () => {})
    if (!this.#carries) return void client.resetAndDestroy()
    this.#clients.add(client)
    const upstream = connect({ port, host, allowHalfOpen: true })
    upstream.on('error', () => client.resetAndDestroy())
    client.on('close', () => {
      this.#clients.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.on('end', () => client.end())
    upstream.on('data', bytes => this.#deliver(client, upstream, bytes))
  }

  #deliver(client: Socket, upstream: Socket, bytes: Buffer): void {
    const stop = this.#stop
    const allowed = bytes.subarray(0, Math.max(0, (stop?.at ?? Number.POSITIVE_INFINITY) - this.#delivered))
    this.#delivered += allowed.length
    const goesOn = client.write(allowed)
    if (stop && this.#delivered >= stop.at) this.#stopAt(stop, client, upstream, bytes.subarray(allowed.length))
    else if (!goesOn) {
      upstream.pause()
      client.once('drain', () => upstream.resume())
    }
  }

  #stopAt(stop: Stop, client: Socket, upstream: Socket, rest: Buffer): void {
    stop.resolve()
    if (stop.happens === 'cut') {
      this.cut()
      return
    }
    upstream.pause()
    this.#stalled.push(() => {
      this.#delivered += rest.length
      client.write(rest)
      upstream.resume()
    })
  }
}

interface Stop {
  /** Of the bytes delivered. */
  readonly at: number
  readonly happens: 'cut' | 'stall'
  readonly resolve: () => void
}
