// Follows one object by asking for it now and then: that needs only the verb "get", where a list or a watch needs more.
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../core/istio/resources.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { pause, untilAborted } from './clock.ts'
import { goesAway, isStatus, type KubernetesObject, needsPerson, type ReflectorOptions, type ReflectorState } from './reflector.ts'
import type { Failure } from './transport.ts'

const againMs = 60_000
const forbiddenMs = 5 * 60_000

export class NamedObject {
  state: ReflectorState = { kind: 'syncing' }
  private readonly options: ReflectorOptions
  private readonly stopping = new AbortController()
  private turn = new AbortController()
  /** Ends a pause. */
  private wake = () => {}
  private object: Resource | undefined
  private asking = true

  constructor(options: ReflectorOptions) {
    this.options = options
  }

  get all(): Iterable<Resource> {
    return this.object ? [this.object] : []
  }

  get answered(): boolean {
    return !this.asking
  }

  start(): void {
    this.run().catch((error: unknown) => {
      // A defect of ours ends this object alone, and nothing is concluded from it any more.
      this.options.log(`cluster: ${this.options.path} stopped: ${error instanceof Error ? error.stack : String(error)}`)
      this.become({ kind: 'failed', failure: { kind: 'unreadable', detail: 'internal error' } })
    })
  }

  /** See `Reflector`. */
  retry(found = false): void {
    if ('failure' in this.state && goesAway(this.state.failure, found)) this.wake()
  }

  reopen(): void {
    this.wake()
  }

  refresh(): void {
    this.asking = true
    this.turn.abort()
  }

  stop(): void {
    this.stopping.abort()
    this.turn.abort()
  }

  private async run(): Promise<void> {
    const { clock } = this.options
    const backoff = createBackoff(clock)
    while (!this.stopping.signal.aborted) {
      this.turn = new AbortController()
      await this.ask()
      const { state } = this
      const failure = state.kind === 'stale' || state.kind === 'failed' ? state.failure : undefined
      if (!failure) backoff.worked()
      // Asking again with refused credentials would run a credential program each time.
      const waking = new AbortController()
      this.wake = () => waking.abort()
      const rest = AbortSignal.any([this.turn.signal, waking.signal])
      if (failure && needsPerson(failure)) await untilAborted(rest)
      else await pause(clock, failure ? this.waitAfter(failure, backoff) : againMs, rest)
      this.wake = () => {}
    }
  }

  private waitAfter(failure: Failure, backoff: Backoff): number {
    if (isStatus(failure, 403)) return forbiddenMs
    return backoff.next(failure.kind === 'status' ? failure.retryAfterMs : undefined)
  }

  private async ask(): Promise<void> {
    const { transport, path, read } = this.options
    const { signal } = this.turn
    const reply = await transport.get(path, { signal })
    if (signal.aborted) return
    // That it is not there is an answer too.
    if (reply.ok || isStatus(reply.failure, 404)) {
      this.keep(reply.ok && isObject(reply.value) ? read(reply.value) : undefined)
      return this.become({ kind: 'synced' })
    }
    const { failure } = reply
    const forbidden = isStatus(failure, 403)
    if (forbidden) this.keep(undefined)
    this.become(this.object && !forbidden ? { kind: 'stale', failure } : { kind: 'failed', failure })
  }

  private keep(object: Resource | undefined): void {
    if (isDeepStrictEqual(object, this.object)) return
    this.object = object
    this.options.onChange()
  }

  private become(state: ReflectorState): void {
    const asked = this.asking
    this.asking = false
    if (!asked && isDeepStrictEqual(this.state, state)) return
    this.state = state
    if (!this.stopping.signal.aborted) this.options.onState()
  }
}

function isObject(value: unknown): value is KubernetesObject {
  return typeof value === 'object' && value !== null && 'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null
}
