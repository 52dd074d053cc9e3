// One list of an API server as a transport: consistent pages, watches from a version, streamed lists, and everything that can go wrong.
import { type Failure, type Reply, StreamBroken, type Transport } from '../../../../server/src/cluster/transport.ts'

interface Stored {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly resourceVersion: string
    readonly labels: { readonly value: string }
  }
}

interface Happened {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Stored
}

const pageLength = 2
const gone: Failure = { kind: 'status', code: 410, message: 'too old resource version' }

export class ListServer implements Transport {
  requests = 0
  streamsLists = true
  /** So many events before the wished version are sent again. */
  repeats = 0
  private version = 1
  private oldest = 1
  private objects = new Map<string, Stored>()
  private history: Happened[] = []
  private readonly failures: Failure[] = []
  private readonly watches = new Set<Watch>()

  get truth(): Record<string, string> {
    return Object.fromEntries([...this.objects].map(([name, { metadata }]) => [name, metadata.labels.value]))
  }

  get open(): number {
    return this.watches.size
  }

  put(name: string, value: string): void {
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED'
    const object = this.stamped(name, value)
    this.objects.set(name, object)
    this.happen(type, object)
  }

  delete(name: string): void {
    const known = this.objects.get(name)
    if (!known) return
    this.objects.delete(name)
    this.happen('DELETED', this.stamped(name, known.metadata.labels.value))
  }

  bookmark(): void {
    for (const watch of this.watches) watch.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.version) } } })
  }

  /** Watches break; the server itself is well. */
  cut(): void {
    for (const watch of this.watches) watch.end('broken')
    this.watches.clear()
  }

  /** Watches end in order, as they do after `timeoutSeconds`. */
  end(): void {
    for (const watch of this.watches) watch.end('ended')
    this.watches.clear()
  }

  garble(): void {
    for (const watch of this.watches) watch.sendText('<html>Bad gateway</html>')
  }

  /** Forgets what happened: older versions and page tokens are answered 410. */
  compact(): void {
    this.version += 1
    this.oldest = this.version
    this.history = []
    for (const watch of this.watches) watch.send({ type: 'ERROR', object: { code: 410, message: 'Expired' } })
  }

  failNext(...failures: readonly Failure[]): void {
    this.failures.push(...failures)
  }

  heal(): void {
    this.failures.length = 0
    this.repeats = 0
  }

  async get(path: string): Promise<Reply<unknown>> {
    this.requests += 1
    const failure = this.failures.shift()
    if (failure) return { ok: false, failure }
    const [version = this.version, start = 0] = (new URLSearchParams(path.split('?')[1]).get('continue') ?? '')
      .split(':')
      .filter(Boolean)
      .map(Number)
    if (version < this.oldest) return { ok: false, failure: gone }
    const all = this.at(version)
    const end = start + pageLength
    const metadata = { resourceVersion: String(version), ...(end < all.length ? { continue: `${version}:${end}` } : {}) }
    return { ok: true, value: { metadata, items: all.slice(start, end) } }
  }

  async lines(path: string, { signal }: { readonly signal: AbortSignal }): Promise<Reply<AsyncIterable<string>>> {
    this.requests += 1
    const failure = this.failures.shift()
    if (failure) return { ok: false, failure }
    const query = new URLSearchParams(path.split('?')[1])
    const streamed = query.get('sendInitialEvents') === 'true'
    if (streamed && !this.streamsLists)
      return { ok: false, failure: { kind: 'status', code: 422, message: 'sendInitialEvents is forbidden' } }
    const watch: Watch = new Watch(() => this.watches.delete(watch))
    this.watches.add(watch)
    signal.addEventListener('abort', () => {
      watch.end('broken')
      this.watches.delete(watch)
    })
    if (streamed) {
      for (const object of this.at(this.version)) watch.send({ type: 'ADDED', object })
      const metadata = { resourceVersion: String(this.version), annotations: { 'k8s.io/initial-events-end': 'true' } }
      watch.send({ type: 'BOOKMARK', object: { metadata } })
    } else {
      const from = Number(query.get('resourceVersion'))
      if (from < this.oldest) watch.send({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } })
      else for (const each of this.history.filter(({ version }) => version > from - this.repeats)) watch.send(each)
    }
    return { ok: true, value: watch }
  }

  private stamped(name: string, value: string): Stored {
    this.version += 1
    return { metadata: { namespace: 'shop', name, resourceVersion: String(this.version), labels: { value } } }
  }

  private happen(type: Happened['type'], object: Stored): void {
    const event = { version: this.version, type, object }
    this.history.push(event)
    for (const watch of this.watches) watch.send(event)
  }

  /** The list as it was at a version. */
  private at(version: number): readonly Stored[] {
    const objects = new Map(this.objects)
    for (const { version: when, object } of this.history.toReversed()) {
      if (when <= version) break
      objects.delete(object.metadata.name)
      const before = this.history.findLast(each => each.version <= version && each.object.metadata.name === object.metadata.name)
      if (before && before.type !== 'DELETED') objects.set(object.metadata.name, before.object)
    }
    return [...objects.values()]
  }
}

class Watch implements AsyncIterable<string> {
  private readonly queue: string[] = []
  private outcome: 'open' | 'ended' | 'broken' = 'open'
  private wake = () => {}
  private readonly left: () => void

  /** `left` is called when nobody reads any more. */
  constructor(left: () => void) {
    this.left = left
  }

  send(event: { readonly type: string; readonly object: unknown }): void {
    this.sendText(JSON.stringify({ type: event.type, object: event.object }))
  }

  sendText(line: string): void {
    if (this.outcome === 'open') this.queue.push(line)
    this.wake()
  }

  end(outcome: 'ended' | 'broken'): void {
    if (this.outcome === 'open') this.outcome = outcome
    this.wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    try {
      while (true) {
        for (let line = this.queue.shift(); line !== undefined; line = this.queue.shift()) yield line
        if (this.outcome === 'ended') return
        if (this.outcome === 'broken') throw new StreamBroken('connection lost')
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
      }
    } finally {
      this.left()
    }
  }
}
