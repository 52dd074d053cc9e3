// Keeps one list of objects equal to the API server's: list, then watch, and everything that can happen between.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../core/istio/resources.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause, untilAborted } from './clock.ts'
import { createHeld, type Held, isNewer, type Read, versionOf } from './held.ts'
import { type Failure, plain, StreamBroken, type Transport } from './transport.ts'

export interface ReflectorOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** `/api/v1/pods`, `/apis/security.istio.io/v1/namespaces/shop/peerauthentications`. */
  readonly path: string
  /** Asks for names and labels only: enough for kinds whose rest nobody reads. */
  readonly metadataOnly: boolean
  /** `app=istio-pilot`: asks for objects with this label only. */
  readonly label?: string
  readonly read: Read
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

/** Parsing a page is the longest that anybody waits for the event loop meanwhile. */
const pageSize = 100
/** A million objects: whoever sends more pages sends them for ever. */
const mostPages = 10_000
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
/** A watch that takes longer to open leaves out what happens meanwhile. */
const unopenedMs = 5_000
/** So long may a refreshed list take while what is held counts as complete. */
const slowListMs = 20_000
/** Watches in a row without a word, not even a bookmark: a server that was restored from a backup is silent until it has caught up with the version it is asked for. */
const suspiciousSilences = 2

/** A server that is just starting refuses everybody for a while, so a refusal of what was granted is believed only when it stays: after about a minute. */
const doubtfulRefusals = 6
/** How often, and how shortly, a server may put off the first list before it is told as missing. */
const longestRetryAfterSeconds = 600
const toleratedPostponements = 3
const shortPostponementMs = 3_000

const brokenEvent: Failure = { kind: 'unreadable', detail: 'a watch event that cannot be read' }
const brokenList: Failure = { kind: 'unreadable', detail: 'a list that cannot be read' }
const endlessList: Failure = { kind: 'unreadable', detail: 'a list without an end' }
const endlessStream: Failure = { kind: 'unreadable', detail: 'a streamed list without an end' }
const cutStream: Failure = { kind: 'network', detail: 'connection lost' }
const wentBack: Failure = { kind: 'unreadable', detail: 'the server went back to an older version' }
const watchEnded: Failure = { kind: 'status', code: 200, message: 'the watch ended at once' }
const notOpened: Failure = { kind: 'network', detail: 'no answer' }
const defect: Failure = { kind: 'unreadable', detail: 'internal error' }

export class Reflector {
  state: ReflectorState = { kind: 'syncing' }
  private readonly options: ReflectorOptions
  private readonly stopping = new AbortController()
  private readonly backoff
  /** Aborts what is under way now: a list, a watch or a pause. */
  private turn = new AbortController()
  /** Ends a pause. */
  private wake = () => {}
  private objects: Held
  /** Empty: list first. */
  private resourceVersion = ''
  private streamsLists = true
  /** The token of a page expired before the list was read: it is asked for whole. */
  private inPages = true
  private silences = 0
  /** In a row, of a list that was granted before. */
  private refusals = 0
  private postponements = 0
  private asking = true
  private lastLogged = ''

  constructor(options: ReflectorOptions) {
    this.options = options
    this.objects = createHeld(options.read)
    this.backoff = createBackoff(options.clock)
  }

  /** The trimmed objects. A new array only after `onChange`. */
  get all(): Iterable<Resource> {
    return this.objects.all
  }

  /** Whether the list was answered, in whatever way, since the start or the last refresh. */
  get answered(): boolean {
    return !this.asking
  }

  start(): void {
    void this.run()
  }

  /** Ends the pause after a lost network; nothing else is disturbed. `found`: so does every other pause for the whole server's sake, since it was lost and answers again. */
  retry(found = false): void {
    if ('failure' in this.state && goesAway(this.state.failure, found)) this.wake()
  }

  /** Opens the watch again where it was: the connection may have died without anybody noticing. */
  reopen(): void {
    if (this.state.kind === 'synced' || ('failure' in this.state && goesAway(this.state.failure, false))) this.turn.abort()
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
      const failure = await this.step()
      if (this.stopped) return
      if (failure && failure.kind !== 'aborted' && !this.turn.signal.aborted) await this.recover(failure)
    }
  }

  /** A defect of ours is one list's trouble: it is told, and the list is read anew later. */
  private async step(): Promise<Failure | undefined> {
    try {
      return this.resourceVersion === '' ? await this.fill() : await this.watch()
    } catch (error) {
      this.options.log(`cluster: ${this.options.path}: ${error instanceof Error ? error.stack : String(error)}`)
      return defect
    }
  }

  private async recover(failure: Failure): Promise<void> {
    const { clock } = this.options
    const { signal } = this.turn
    const held = this.state.kind === 'synced' || this.state.kind === 'stale'
    const refused = (isStatus(failure, 403) || isStatus(failure, 404)) && !(held && this.refusals++ < doubtfulRefusals)
    if (refused || isStatus(failure, 410) || failure.kind === 'unreadable') this.resourceVersion = ''
    // Not ours to see any more, or gone with its kind: what was held is no knowledge now.
    if (refused) this.replace(createHeld(this.options.read))
    const probe = forbiddenMs * (1 + clock.random() / 5)
    const wait = refused || failure === defect ? probe : this.backoff.next(failure.kind === 'status' ? failure.retryAfterMs : undefined)
    // A server that has just got a CRD asks everybody to come again in a moment: that is no answer yet.
    const postponed =
      !held && this.asking && isStatus(failure, 429) && wait <= shortPostponementMs && this.postponements++ < toleratedPostponements
    if (!postponed) this.become(held && !refused ? { kind: 'stale', failure } : { kind: 'failed', failure })
    const waking = new AbortController()
    this.wake = () => waking.abort()
    const rest = AbortSignal.any([signal, waking.signal])
    if (needsPerson(failure)) {
      this.note(failure, 'waiting for a refresh')
      await untilAborted(rest)
    } else {
      this.note(failure, `trying again in ${Math.round(wait / 1000)} s`)
      await pause(clock, wait, rest)
    }
    this.wake = () => {}
  }

  /** A complete list, streamed where the server can, in pages where it cannot. */
  private async fill(): Promise<Failure | undefined> {
    if (!this.streamsLists) return this.list()
    const { clock } = this.options
    const asked = clock.now()
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
    const failure = await this.follow(query, createHeld(this.options.read))
    // Servers without WatchList refuse the parameters; old ones and some gateways answer and never send the end of the list, or hold back what is not complete.
    const isSilent = failure?.kind === 'network' && clock.now() - asked >= streamedListIdleMs
    const cannot = failure && (isStatus(failure, 400) || isStatus(failure, 422) || failure === endlessStream || isSilent)
    if (cannot) this.streamsLists = false
    if (failure && isStatus(failure, 403)) return (await this.refusalOfList()) ?? failure
    return cannot || failure === cutStream ? this.list() : failure
  }

  /** A refused stream names the verb "watch"; whoever may not list either is told of that first. */
  private async refusalOfList(): Promise<Failure | undefined> {
    const reply = await this.options.transport.get(this.url({ limit: '1' }), { signal: this.turn.signal, accept: this.accept('List') })
    return !reply.ok && isStatus(reply.failure, 403) ? reply.failure : undefined
  }

  private async list(): Promise<Failure | undefined> {
    const cancelSlow = this.options.clock.after(slowListMs, () => this.doubt())
    try {
      return await this.readPages()
    } finally {
      cancelSlow()
    }
  }

  private async readPages(): Promise<Failure | undefined> {
    const { signal } = this.turn
    const found = createHeld(this.options.read)
    const tokens = new Set<string>()
    let token = ''
    do {
      const query = { ...(this.inPages ? { limit: String(pageSize) } : {}), ...(token ? { continue: token } : {}) }
      const reply = await this.options.transport.get(this.url(query), { signal, accept: this.accept('List') })
      if (signal.aborted) return { kind: 'aborted' }
      // A list that takes longer than its tokens live is never complete in pages, one that is too large never as a whole.
      if (!reply.ok) {
        this.inPages = !(token !== '' && isStatus(reply.failure, 410))
        return reply.failure
      }
      const page = readPage(reply.value)
      if (!page) return brokenList
      for (const object of page.items) found.put(object)
      token = page.next
      if (!token) this.complete(found, page.resourceVersion)
      if (tokens.has(token) || tokens.size > mostPages) return endlessList
      tokens.add(token)
      // One page is parsed at a stretch; whoever waits for the event loop gets it between pages.
      await new Promise(resolve => setImmediate(resolve))
    } while (token && !signal.aborted)
    return undefined
  }

  private watch(): Promise<Failure | undefined> {
    return this.follow({ resourceVersion: this.resourceVersion }, undefined)
  }

  /** Reads a watch to its end. With `filling`, the initial events go there and replace the list when they are complete. */
  private async follow(query: Readonly<Record<string, string>>, filling: Held | undefined): Promise<Failure | undefined> {
    const { transport, clock } = this.options
    const { signal } = this.turn
    // Watches end at different times, so that they do not all come back at once.
    const timeoutSeconds = Math.round(shortestWatchSeconds * (1 + clock.random()))
    const url = this.url({ watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(timeoutSeconds), ...query })
    const idle = filling ? streamedListIdleMs : idleMs
    const cancelUnopened = clock.after(filling ? slowListMs : unopenedMs, () => this.doubt())
    const reply = await transport.lines(url, { signal, accept: this.accept(''), idleMs: idle })
    cancelUnopened()
    if (signal.aborted) return { kind: 'aborted' }
    if (!reply.ok) return reply.failure
    const opened = clock.now()
    let heard = opened
    let isCut = false
    const cancelAccepted = filling ? undefined : clock.after(acceptedAfterMs, () => this.healthy())
    let initial = filling
    try {
      for await (const line of reply.value) {
        if (signal.aborted) return { kind: 'aborted' }
        heard = clock.now()
        this.silences = 0
        const event = parseEvent(line)
        if (!event) return brokenEvent
        if (event.type === 'ERROR') return errorOf(event.object)
        if (initial && isEndOfInitialEvents(event)) {
          this.complete(initial, versionOf(event.object))
          initial = undefined
        } else if (initial) apply(initial, event)
        else {
          const failure = this.live(event)
          if (failure) return failure
        }
      }
    } catch (error) {
      // How a stream breaks does not matter: it is opened again where it was, and that attempt says what is wrong.
      if (!(error instanceof StreamBroken)) throw error
      if (error.unreadable) return brokenEvent
      isCut = true
    } finally {
      cancelAccepted?.()
    }
    if (signal.aborted) return { kind: 'aborted' }
    const isSilent = clock.now() - heard >= idle
    if (initial) return isCut && !isSilent ? cutStream : endlessStream
    if (isSilent && heard === opened && ++this.silences >= suspiciousSilences) this.resourceVersion = ''
    return clock.now() - opened < soonMs ? watchEnded : undefined
  }

  /** One event of a list that is complete. */
  private live(event: WatchEvent): Failure | undefined {
    const version = versionOf(event.object)
    if (event.type === 'BOOKMARK' && isNewer(this.resourceVersion, version)) return wentBack
    if (apply(this.objects, event)) this.options.onChange()
    if (version !== '' && !isNewer(this.resourceVersion, version)) this.resourceVersion = version
    this.healthy()
    return undefined
  }

  /** What is held may be old while the watch cannot be opened. */
  private doubt(): void {
    if (this.state.kind === 'synced' && !this.stopped) this.become({ kind: 'stale', failure: notOpened })
  }

  private complete(objects: Held, resourceVersion: string): void {
    this.replace(objects)
    this.resourceVersion = resourceVersion
    this.inPages = true
    this.silences = 0
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

  private replace(objects: Held): void {
    const changed = objects.succeed(this.objects)
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
    // Versions and times in it differ each time.
    const kind = reason.replace(/\d+/g, '0')
    if (kind === this.lastLogged) return
    this.lastLogged = kind
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

/** Answers whether anything that is kept changed. */
function apply(objects: Held, { type, object }: WatchEvent): boolean {
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return objects.put(object)
    case 'DELETED':
      return objects.delete(object)
    default:
      return false
  }
}

/** Undefined for anything but an event about an object, or an ERROR. */
function parseEvent(line: string): WatchEvent | undefined {
  try {
    const event = JSON.parse(line) as WatchEvent | null
    if (typeof event?.type !== 'string') return undefined
    return event.type === 'ERROR' || (event.type === 'BOOKMARK' ? isRecord(event.object?.metadata) : isObject(event.object))
      ? event
      : undefined
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
  if (!isText(metadata?.resourceVersion) || !Array.isArray(items ?? [])) return undefined
  const { continue: next, resourceVersion } = metadata
  return { items: (items ?? []).filter(isObject), next: isText(next) ? next : '', resourceVersion }
}

function isObject(value: unknown): value is KubernetesObject {
  return isRecord(value) && isRecord(value.metadata) && isText(value.metadata.name)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isEndOfInitialEvents({ type, object }: WatchEvent): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true'
}

/** An ERROR event carries a Status inside a stream that began with 200. */
function errorOf(object: unknown): Failure {
  const { code, message, details } = isRecord(object) ? object : {}
  const seconds = isRecord(details) ? Number(details.retryAfterSeconds) : 0
  return {
    kind: 'status',
    code: typeof code === 'number' ? code : 500,
    message: isText(message) ? plain(message) : '',
    ...(seconds > 0 ? { retryAfterMs: Math.min(seconds, longestRetryAfterSeconds) * 1000 } : {}),
  }
}

/** Whether another list that gets through says that this one may, too. That of a server that was `found` again says it of credentials as well. */
export function goesAway(failure: Failure, found: boolean): boolean {
  if (failure.kind === 'network') return true
  return found && (failure.kind === 'unreadable' || needsPerson(failure) || (failure.kind === 'status' && failure.code >= 500))
}

/** Only new credentials help, and asking again and again would lock accounts or open browsers. */
export function needsPerson(failure: Failure): boolean {
  return failure.kind === 'credentials' || isStatus(failure, 401)
}

export function isStatus(failure: Failure, code: number): boolean {
  return failure.kind === 'status' && failure.code === code
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
