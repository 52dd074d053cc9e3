// Keeps one list of objects equal to the API server's: list, then watch, and everything that can happen between.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../core/istio/resources.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause } from './clock.ts'
import { type Failure, StreamBroken, type Transport } from './transport.ts'

export interface ReflectorOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** `/api/v1/pods`, `/apis/security.istio.io/v1/namespaces/shop/peerauthentications`. */
  readonly path: string
  /** Asks for names and labels only: enough for kinds whose rest nobody reads. */
  readonly metadataOnly: boolean
  /** `app=istio-pilot`: asks for objects with this label only. */
  readonly label?: string
  /** Turns an object into its trimmed form; undefined drops it. */
  readonly read: (object: KubernetesObject) => Resource | undefined
  readonly onChange: () => void
  readonly onState: () => void
  readonly log: (line: string) => void
}

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export type ReflectorState =
  | { readonly kind: 'syncing' }
  | { readonly kind: 'synced' }
  /** Was synced; what it holds is from before. */
  | { readonly kind: 'stale'; readonly failure: Failure }
  /** Never synced, or no longer allowed: it holds nothing certain. */
  | { readonly kind: 'failed'; readonly failure: Failure }

const pageSize = 250
const shortestWatchSeconds = 290
// A bookmark comes each minute. Servers without them stay silent, and then a quiet watch is only opened again where it was.
const idleMs = 150_000
const streamedListIdleMs = 20_000
/** Permissions change seldom, and every probe of a forbidden list is an audit entry. */
const forbiddenMs = 5 * 60_000
/** A watch that ends sooner than this is not opened again at once: that would be a tight loop. */
const soonMs = 5_000
/** A watch from an old version may begin with its refusal: so long without one means that it is good. */
const acceptedAfterMs = 1_000

/** A server that is just starting refuses everybody for a while, so a refusal of what was granted is believed only when it stays: after about a minute. */
const doubtfulRefusals = 6
/** How often, and how shortly, a server may put off the first list before it is told as missing. */
const toleratedPostponements = 3
const shortPostponementMs = 3_000

const brokenEvent: Failure = { kind: 'network', detail: 'a watch event that cannot be read' }
const brokenList: Failure = { kind: 'network', detail: 'a list that cannot be read' }
const endlessList: Failure = { kind: 'network', detail: 'a streamed list without an end' }
const watchEnded: Failure = { kind: 'status', code: 200, message: 'the watch ended at once' }

export class Reflector {
  state: ReflectorState = { kind: 'syncing' }
  private readonly options: ReflectorOptions
  private readonly stopping = new AbortController()
  private readonly backoff
  /** Aborts what is under way now: a list, a watch or a pause. */
  private turn = new AbortController()
  private objects = new Map<string, Resource>()
  /** Empty: list first. */
  private resourceVersion = ''
  private streamsLists = true
  /** In a row, of a list that was granted before. */
  private refusals = 0
  private postponements = 0
  private asking = true
  private lastLogged = ''

  constructor(options: ReflectorOptions) {
    this.options = options
    this.backoff = createBackoff(options.clock)
  }

  /** The trimmed objects. A new array only after `onChange`. */
  get all(): Iterable<Resource> {
    return this.objects.values()
  }

  /** Whether the list was answered, in whatever way, since the start or the last refresh. */
  get answered(): boolean {
    return !this.asking
  }

  start(): void {
    this.run().catch((error: unknown) => {
      // A defect of ours ends this list alone, and nothing is concluded from it any more.
      this.options.log(`cluster: ${this.options.path} stopped: ${error instanceof Error ? error.stack : String(error)}`)
      this.become({ kind: 'failed', failure: { kind: 'network', detail: 'internal error' } })
    })
  }

  /** Ends the pause after a lost network; nothing else is disturbed. */
  retry(): void {
    if ((this.state.kind === 'stale' || this.state.kind === 'failed') && this.state.failure.kind === 'network') this.turn.abort()
  }

  /** Lists anew, whatever the state is; what is held serves until the new list is there. */
  refresh(): void {
    this.asking = true
    this.resourceVersion = ''
    this.turn.abort()
  }

  /** Leaves nothing open, also in the middle of a list. */
  stop(): void {
    this.stopping.abort()
    this.turn.abort()
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.turn = new AbortController()
      const failure = this.resourceVersion === '' ? await this.fill() : await this.watch()
      if (this.stopped) return
      if (failure && failure.kind !== 'aborted' && !this.turn.signal.aborted) await this.recover(failure)
    }
  }

  private async recover(failure: Failure): Promise<void> {
    const { clock } = this.options
    const { signal } = this.turn
    const held = this.state.kind === 'synced' || this.state.kind === 'stale'
    const refused = (isStatus(failure, 403) || isStatus(failure, 404)) && !(held && this.refusals++ < doubtfulRefusals)
    if (refused || isStatus(failure, 410) || failure === brokenEvent) this.resourceVersion = ''
    // Not ours to see any more, or gone with its kind: what was held is no knowledge now.
    if (refused) this.replace(new Map())
    const probe = forbiddenMs * (1 + clock.random() / 5)
    const wait = refused ? probe : this.backoff.next(failure.kind === 'status' ? failure.retryAfterMs : undefined)
    // A server that has just got a CRD asks everybody to come again in a moment: that is no answer yet.
    const postponed = this.asking && isStatus(failure, 429) && wait <= shortPostponementMs && this.postponements++ < toleratedPostponements
    if (!postponed) this.become(held && !refused ? { kind: 'stale', failure } : { kind: 'failed', failure })
    if (needsPerson(failure)) {
      this.note(failure, 'waiting for a refresh')
      return untilAborted(signal)
    }
    this.note(failure, `trying again in ${Math.round(wait / 1000)} s`)
    return pause(clock, wait, signal)
  }

  /** A complete list, streamed where the server can, in pages where it cannot. */
  private async fill(): Promise<Failure | undefined> {
    if (!this.streamsLists) return this.list()
    const failure = await this.follow({ sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }, new Map())
    // Servers without WatchList refuse the parameters; old ones and some gateways answer and never send the end of the list.
    const refused = failure && (isStatus(failure, 400) || isStatus(failure, 422) || failure === endlessList)
    if (!refused) return failure
    this.streamsLists = false
    return this.list()
  }

  private async list(): Promise<Failure | undefined> {
    const { signal } = this.turn
    const found = new Map<string, Resource>()
    let token = ''
    do {
      const reply = await this.options.transport.get(this.url({ limit: String(pageSize), ...(token ? { continue: token } : {}) }), {
        signal,
        accept: this.accept('List'),
      })
      if (signal.aborted) return { kind: 'aborted' }
      if (!reply.ok) return reply.failure
      const page = readPage(reply.value)
      if (!page) return brokenList
      for (const object of page.items) this.put(found, object)
      token = page.next
      if (!token) this.complete(found, page.resourceVersion)
      // One page is parsed at a stretch; whoever waits for the event loop gets it between pages.
      await new Promise(resolve => setImmediate(resolve))
    } while (token && !signal.aborted)
    return undefined
  }

  private watch(): Promise<Failure | undefined> {
    return this.follow({ resourceVersion: this.resourceVersion }, undefined)
  }

  /** Reads a watch to its end. With `filling`, the initial events go there and replace the list when they are complete. */
  private async follow(query: Readonly<Record<string, string>>, filling: Map<string, Resource> | undefined): Promise<Failure | undefined> {
    const { transport, clock } = this.options
    const { signal } = this.turn
    // Watches end at different times, so that they do not all come back at once.
    const timeoutSeconds = Math.round(shortestWatchSeconds * (1 + clock.random()))
    const url = this.url({ watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(timeoutSeconds), ...query })
    const reply = await transport.lines(url, { signal, accept: this.accept(''), idleMs: filling ? streamedListIdleMs : idleMs })
    if (signal.aborted) return { kind: 'aborted' }
    if (!reply.ok) return reply.failure
    const opened = clock.now()
    const cancelAccepted = filling ? undefined : clock.after(acceptedAfterMs, () => this.healthy())
    let initial = filling
    try {
      for await (const line of reply.value) {
        if (signal.aborted) return { kind: 'aborted' }
        const event = parseEvent(line)
        if (!event) return brokenEvent
        if (event.type === 'ERROR') return errorOf(event.object)
        if (initial && isEndOfInitialEvents(event)) {
          this.complete(initial, event.object.metadata.resourceVersion ?? '')
          initial = undefined
        } else if (initial) this.apply(initial, event)
        else {
          if (this.apply(this.objects, event)) this.options.onChange()
          this.resourceVersion = event.object.metadata.resourceVersion ?? this.resourceVersion
          this.healthy()
        }
      }
    } catch (error) {
      // How a stream breaks does not matter: it is opened again where it was, and that attempt says what is wrong.
      if (!(error instanceof StreamBroken)) throw error
    } finally {
      cancelAccepted?.()
    }
    if (signal.aborted) return { kind: 'aborted' }
    if (initial) return endlessList
    return clock.now() - opened < soonMs ? watchEnded : undefined
  }

  private complete(objects: Map<string, Resource>, resourceVersion: string): void {
    this.replace(objects)
    this.resourceVersion = resourceVersion
    this.healthy()
  }

  private healthy(): void {
    this.backoff.worked()
    if (this.lastLogged) this.options.log(`cluster: ${this.options.path} is up to date again`)
    this.lastLogged = ''
    this.refusals = 0
    this.postponements = 0
    this.become({ kind: 'synced' })
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
    const answered = this.asking
    this.asking = false
    if (!answered && isDeepStrictEqual(this.state, state)) return
    this.state = state
    if (!this.stopped) this.options.onState()
  }

  /** Says each reason once, however often it comes back. */
  private note(failure: Failure, next: string): void {
    const reason = describeFailure(failure)
    if (reason === this.lastLogged) return
    this.lastLogged = reason
    this.options.log(`cluster: ${this.options.path}: ${reason}, ${next}`)
  }

  private url(query: Readonly<Record<string, string>>): string {
    const { path, label } = this.options
    return `${path}?${new URLSearchParams({ ...(label ? { labelSelector: label } : {}), ...query })}`
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

/** Undefined for anything but an event about an object, or an ERROR. */
function parseEvent(line: string): WatchEvent | undefined {
  try {
    const event = JSON.parse(line) as WatchEvent | null
    if (typeof event?.type !== 'string') return undefined
    return event.type === 'ERROR' || isObject(event.object?.metadata) ? event : undefined
  } catch {
    return undefined
  }
}

/** Undefined for an answer that is no page of a list. */
function readPage(
  value: unknown,
): { readonly items: readonly KubernetesObject[]; readonly next: string; readonly resourceVersion: string } | undefined {
  const { metadata, items } = (value ?? {}) as {
    metadata?: { resourceVersion?: string; continue?: string }
    items?: readonly KubernetesObject[] | null
  }
  if (!metadata?.resourceVersion || !Array.isArray(items ?? [])) return undefined
  return {
    items: (items ?? []).filter(item => isObject(item?.metadata)),
    next: metadata.continue ?? '',
    resourceVersion: metadata.resourceVersion,
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isEndOfInitialEvents({ type, object }: WatchEvent): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true'
}

/** An ERROR event carries a Status inside a stream that began with 200. */
function errorOf(object: unknown): Failure {
  const { code = 500, message = '' } = (object ?? {}) as { code?: number; message?: string }
  return { kind: 'status', code, message }
}

/** Only new credentials help, and asking again and again would lock accounts or open browsers. */
export function needsPerson(failure: Failure): boolean {
  return failure.kind === 'credentials' || isStatus(failure, 401)
}

export function isStatus(failure: Failure, code: number): boolean {
  return failure.kind === 'status' && failure.code === code
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
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
