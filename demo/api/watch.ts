// Watches: a stream of events, one JSON document a line, as long as the client listens or asked for.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { ServerResponse } from 'node:http'
import type { KubeObject } from './object.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import type { Matcher } from './selectors.ts'
import { gone, type Status } from './status.ts'
import type { Change, Store } from './store.ts'

export interface WatchRequest {
  readonly type: ResourceType
  readonly namespace?: string
  readonly query: URLSearchParams
  readonly matches: Matcher
  /** The object as the client asked to see it: whole, or its metadata only. */
  readonly render: (object: KubeObject) => object
}

const longestSeconds = 1800

export class Watch {
  readonly type: ResourceType
  #request: WatchRequest
  #response: ServerResponse
  #ends: (() => void)[] = []
  #revision: number

  constructor(request: WatchRequest, response: ServerResponse, store: Store, bookmarkSeconds: number) {
    this.type = request.type
    this.#request = request
    this.#response = response
    this.#revision = store.revision
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    response.on('close', () => this.#stop())
    const wanted = request.query.get('resourceVersion') ?? ''
    if (this.#isLost(wanted, store)) {
      this.fail(gone(wanted, store.revision))
      return
    }
    this.#sendPast(wanted, store)
    this.#ends.push(store.onChange(change => this.#sendChange(change)))
    const seconds = Math.min(Number(request.query.get('timeoutSeconds')) || longestSeconds, longestSeconds)
    this.#every(bookmarkSeconds, () => this.#bookmark())
    this.#every(seconds, () => {
      this.#bookmark()
      this.end()
    })
  }

  /** Ends the stream with an ERROR event. */
  fail(status: Status): void {
    this.#write({ type: 'ERROR', object: status })
    this.end()
  }

  /** Ends the stream in order, as the server does at its timeout. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  /** Breaks the connection. */
  cut(): void {
    this.#stop()
    this.#response.destroy()
  }

  #isLost(wanted: string, store: Store): boolean {
    const { query } = this.#request
    return wanted !== '' && wanted !== '0' && query.get('sendInitialEvents') !== 'true' && store.isCompacted(Number(wanted))
  }

  #sendPast(wanted: string, store: Store): void {
    const { type, namespace, query, matches } = this.#request
    const initial = query.get('sendInitialEvents') === 'true'
    if (initial || wanted === '' || wanted === '0') {
      for (const object of store.list(type, namespace).filter(matches)) this.#send('ADDED', object)
      if (initial) this.#bookmark({ 'k8s.io/initial-events-end': 'true' })
      return
    }
    for (const change of store.since(Number(wanted))) this.#sendChange(change)
  }

  #sendChange({ type, before, after, revision }: Change): void {
    this.#revision = revision
    const concerned = (object: KubeObject | undefined) => object !== undefined && type === this.type && this.#concerns(object)
    const [was, is] = [concerned(before), concerned(after)]
    // An object that leaves the selection is deleted for this watcher.
    if (is && after) this.#send(was ? 'MODIFIED' : 'ADDED', after)
    else if (was && before) this.#send('DELETED', { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } })
  }

  #concerns(object: KubeObject): boolean {
    const { namespace, matches } = this.#request
    return (namespace === undefined || object.metadata.namespace === namespace) && matches(object)
  }

  #send(event: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    this.#write({ type: event, object: this.#request.render(object) })
  }

  #bookmark(annotations?: Readonly<Record<string, string>>): void {
    if (this.#request.query.get('allowWatchBookmarks') !== 'true') return
    const metadata = { resourceVersion: String(this.#revision), creationTimestamp: null, ...(annotations && { annotations }) }
    this.#write({ type: 'BOOKMARK', object: { kind: this.type.kind, apiVersion: apiVersionOf(this.type), metadata } })
  }

  #write(event: object): void {
    if (!this.#response.writableEnded) this.#response.write(eventLine(event))
  }

  #every(seconds: number, happens: () => void): void {
    const timer = setInterval(happens, seconds * 1000)
    this.#ends.push(() => clearInterval(timer))
  }

  #stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }
}

export const eventLine = (event: object): string => `${JSON.stringify(event)}\n`
