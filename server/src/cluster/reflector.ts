// Keeps one list of objects equal to the API server's: list, then watch, and everything that can happen between.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../core/istio/resources.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause } from './clock.ts'
import type { Failure, Transport } from './transport.ts'

export interface ReflectorOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** `/api/v1/pods`, `/apis/security.istio.io/v1/namespaces/shop/peerauthentications`. */
  readonly path: string
  readonly fieldSelector?: string
  /** Asks for names and labels only: enough for kinds whose rest nobody reads. */
  readonly metadataOnly: boolean
  /** Turns an object into its trimmed form; undefined drops it. */
  readonly read: (object: KubernetesObject) => Resource | undefined
  readonly onChange: () => void
  readonly onState: () => void
  readonly log: (line: string) => void
}

export interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> }
}

export type ReflectorState =
  | { readonly kind: 'syncing' }
  | { readonly kind: 'synced' }
  /** Was synced; what it holds is from before. */
  | { readonly kind: 'stale'; readonly failure: Failure }
  /** Never synced, or no longer allowed: it holds nothing certain. */
  | { readonly kind: 'failed'; readonly failure: Failure }

const pageSize = 250
const watchSeconds = 290
/** The server ends a watch after `watchSeconds`; a little later it is dead. */
const idleMs = (watchSeconds + 30) * 1000
/** Permissions change seldom, and every probe of a forbidden list is an audit entry. */
const forbiddenMs = 5 * 60_000

type Ended = 'expired' | 'ended' | Failure

export class Reflector {
  state: ReflectorState = { kind: 'syncing' }
  private readonly options: ReflectorOptions
  private readonly stopping = new AbortController()
  private readonly backoff
  private objects = new Map<string, Resource>()
  private resourceVersion = ''
  private streamsLists = true

  constructor(options: ReflectorOptions) {
    this.options = options
    this.backoff = createBackoff(options.clock)
  }

  /** The trimmed objects. A new array only after `onChange`. */
  get all(): Iterable<Resource> {
    return this.objects.values()
  }

  start(): void {
    void this.run()
  }

  stop(): void {
    this.stopping.abort()
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const ended = this.resourceVersion === '' ? await this.fill() : await this.watch()
      if (this.stopped) return
      if (ended === 'ended') continue
      if (ended === 'expired') this.resourceVersion = ''
      else await this.recover(ended)
    }
  }

  private async recover(failure: Failure): Promise<void> {
    const { log, path } = this.options
    const held = this.state.kind === 'synced' || this.state.kind === 'stale'
    const refused = failure.kind === 'credentials' || (failure.kind === 'status' && (failure.code === 401 || failure.code === 403 || failure.code === 404))
    if (refused) {
      this.replace(new Map())
      this.resourceVersion = ''
    }
    this.become(held && !refused ? { kind: 'stale', failure } : { kind: 'failed', failure })
    const wait = refused ? forbiddenMs : this.backoff.next(failure.kind === 'status' ? failure.retryAfterMs : undefined)
    log(`cluster: ${path}: ${describeFailure(failure)}, trying again in ${Math.round(wait / 1000)} s`)
    await pause(this.options.clock, wait, this.stopping.signal)
  }

  /** A complete list, streamed where the server can, in pages where it cannot. */
  private async fill(): Promise<Ended> {
    if (!this.streamsLists) return this.list()
    const ended = await this.follow({ sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }, new Map())
    // Servers without WatchList refuse the parameters; some gateways answer and never send the end of the list.
    const refused = typeof ended === 'object' && ended.kind === 'status' && (ended.code === 400 || ended.code === 422)
    if (!refused && !(ended === 'ended' && this.resourceVersion === '')) return ended
    this.streamsLists = false
    return this.list()
  }

  private async list(): Promise<Ended> {
    const found = new Map<string, Resource>()
    let token = ''
    do {
      const reply = await this.options.transport.get(this.url({ limit: String(pageSize), ...(token ? { continue: token } : {}) }), { signal: this.stopping.signal, accept: this.accept('List') })
      if (!reply.ok) return isExpired(reply.failure) ? 'expired' : reply.failure
      const page = reply.value as { metadata?: { resourceVersion?: string; continue?: string }; items?: readonly KubernetesObject[] | null }
      for (const object of page.items ?? []) this.put(found, object)
      token = page.metadata?.continue ?? ''
      this.resourceVersion = token ? '' : (page.metadata?.resourceVersion ?? '')
      // One page is parsed at a stretch; whoever waits for the event loop gets it between pages.
      await new Promise(resolve => setImmediate(resolve))
    } while (token && !this.stopped)
    if (this.stopped) return 'ended'
    if (this.resourceVersion === '') return { kind: 'network', detail: 'a list without a resource version' }
    this.replace(found)
    this.become({ kind: 'synced' })
    return 'ended'
  }

  private watch(): Promise<Ended> {
    return this.follow({ resourceVersion: this.resourceVersion }, undefined)
  }

  /** Reads a watch to its end. With `filling`, the initial events go there and replace the list when they are complete. */
  private async follow(query: Readonly<Record<string, string>>, filling: Map<string, Resource> | undefined): Promise<Ended> {
    const url = this.url({ watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(watchSeconds), ...query })
    const reply = await this.options.transport.lines(url, { signal: this.stopping.signal, accept: this.accept(''), idleMs: filling ? 30_000 : idleMs })
    if (!reply.ok) return isExpired(reply.failure) ? 'expired' : reply.failure
    if (!filling) this.become({ kind: 'synced' })
    this.backoff.worked()
    let initial = filling
    try {
      for await (const line of reply.value) {
        if (this.stopped) return 'ended'
        const event = parseEvent(line)
        if (!event) return { kind: 'network', detail: 'a watch event that is not JSON' }
        if (event.type === 'ERROR') return errorOf(event.object)
        if (initial && isEndOfInitialEvents(event)) {
          this.replace(initial)
          initial = undefined
          this.resourceVersion = event.object.metadata.resourceVersion ?? ''
          this.become({ kind: 'synced' })
        } else if (initial) this.apply(initial, event)
        else if (this.apply(this.objects, event)) this.options.onChange()
        if (!initial) this.resourceVersion = event.object.metadata.resourceVersion ?? this.resourceVersion
      }
      return 'ended'
    } catch (error) {
      return this.stopped ? 'ended' : { kind: 'network', detail: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Answers whether anything that is kept changed. */
  private apply(objects: Map<string, Resource>, { type, object }: WatchEvent): boolean {
    if (type === 'BOOKMARK') return false
    if (type === 'DELETED') return objects.delete(keyOf(object))
    return this.put(objects, object)
  }

  private put(objects: Map<string, Resource>, object: KubernetesObject): boolean {
    const key = keyOf(object)
    const resource = this.options.read(object)
    if (!resource) return objects.delete(key)
    if (isDeepStrictEqual(objects.get(key), resource)) return false
    objects.set(key, resource)
    return true
  }

  private replace(objects: Map<string, Resource>): void {
    const changed = !isDeepStrictEqual(this.objects, objects)
    this.objects = objects
    if (changed) this.options.onChange()
  }

  private become(state: ReflectorState): void {
    if (this.state.kind === state.kind && isDeepStrictEqual(this.state, state)) return
    this.state = state
    this.options.onState()
  }

  private url(query: Readonly<Record<string, string>>): string {
    const { path, fieldSelector } = this.options
    return `${path}?${new URLSearchParams({ ...(fieldSelector ? { fieldSelector } : {}), ...query })}`
  }

  private accept(suffix: 'List' | ''): string {
    const json = 'application/json'
    return this.options.metadataOnly ? `${json};as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1,${json}` : json
  }
}

interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject
}

function parseEvent(line: string): WatchEvent | undefined {
  try {
    const event = JSON.parse(line) as WatchEvent
    return typeof event.type === 'string' && event.object ? event : undefined
  } catch {
    return undefined
  }
}

function isEndOfInitialEvents({ type, object }: WatchEvent): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true'
}

/** An ERROR event carries a Status inside a stream that began with 200. */
function errorOf(object: unknown): Ended {
  const { code = 0, message = '' } = object as { code?: number; message?: string }
  return code === 410 ? 'expired' : { kind: 'status', code, message }
}

function isExpired(failure: Failure): boolean {
  return failure.kind === 'status' && failure.code === 410
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case 'status':
      return `${failure.code} ${failure.message}`.trim()
    case 'aborted':
      return 'stopped'
    default:
      return failure.detail
  }
}
