// One connection to one cluster: from a context of a kubeconfig to a world that follows the API server. Only reads.
import { isDeepStrictEqual } from 'node:util'
import type { Resource, Source } from '../core/istio/resources.ts'
import type { World } from '../core/mesh/mesh.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { ClusterProblem, ClusterState, ConnectingStep, CredentialProgram } from '../protocol.ts'
import { type Access, createAccess } from './access.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause } from './clock.ts'
import { stateOf } from './clusterState.ts'
import { createClusterWorld } from './clusterWorld.ts'
import { askGroups } from './discovery.ts'
import { type GatheredKinds, gatherKinds } from './gatherKinds.ts'
import { type Found, kubeconfigFiles, readKubeconfig, type Target, targetOf } from './kubeconfig.ts'
import { createPace } from './pace.ts'
import { failureIn, listStates, type Reach, reachAfter, settleMs } from './reach.ts'
import type { Reached } from './reached.ts'
import { createRunningLists, type RunningList, type RunningLists } from './runningLists.ts'
import { scopeKinds } from './scope.ts'
import { createTransport, type Failure } from './transport.ts'
import type { Groups } from './watched.ts'

export interface ConnectionOptions {
  readonly kubeconfig?: string
  /** Absent: the current context. */
  readonly context?: string
  /** Empty: the whole cluster, as far as the account may list it. */
  readonly namespaces: readonly string[]
  readonly read: (json: unknown, source: Source) => Resource | undefined
  readonly log: (line: string) => void
  readonly clock: Clock
  /** Asked before the kubeconfig's program is run for the first time; absent: it may be. */
  readonly allowProgram?: (program: CredentialProgram) => Promise<boolean>
  readonly onState: (state: ClusterState) => void
  /** Objects of these kinds changed. */
  readonly onChange: (kinds: readonly string[]) => void
}

export class ClusterConnection {
  state: ClusterState
  reached: Reached | undefined
  private readonly options: ConnectionOptions
  private readonly stopping = new AbortController()
  /** Aborted by the next attempt, so that only one of them starts lists. */
  private attempt = new AbortController()
  /** Which the server has. */
  groups: Groups = new Map()
  private readonly lists: RunningLists
  private readonly held = createClusterWorld(() => ({ lists: this.lists.all, groups: this.groups, isLost: this.reach.lost !== undefined }))
  private readonly changes: GatheredKinds
  private reach: Reach = {}
  private staleSince: string | undefined
  /** Nobody answered when it was asked; until a list gets through again. */
  private silence: Failure | undefined
  private asking = false
  private readonly told = new Set<string>()
  private cancelLooking = () => {}
  private settle = () => {}
  private readonly settled = new Promise<void>(resolve => {
    this.settle = resolve
  })

  constructor(options: ConnectionOptions) {
    const { clock, namespaces, read } = options
    this.options = options
    this.state = { kind: 'connecting', context: options.context ?? '' }
    this.changes = gatherKinds(clock, kinds => {
      if (kinds.some(kind => scopeKinds.has(kind))) this.followWanted()
      if (!this.stopping.signal.aborted) options.onChange(kinds)
    })
    this.lists = createRunningLists({
      namespaces,
      read,
      clock,
      log: line => this.tell(line),
      onChange: kind => {
        this.held.changed(kind)
        this.changes.note(kind)
      },
      onState: list => this.listChanged(list),
    })
    this.start()
      .catch((error: unknown) => this.fail(error))
      .finally(() => this.settle())
  }

  /** Resolves when the first lists are complete, or it is clear that they will not be. Never rejects. */
  ready(): Promise<void> {
    return this.settled
  }

  /** What the cluster holds now, as far as it may be read. The same object until something changes. */
  world(): World {
    return this.held.current()
  }

  /** Reads the cluster anew, with permissions and credentials as they are now. What is known serves until it is replaced. */
  async refresh(): Promise<void> {
    await this.ready()
    this.reached?.access.retry()
    if (this.stopping.signal.aborted) return
    if (!this.reached || this.lists.all.length === 0) {
      this.become({ kind: 'connecting', context: this.contextName })
      return this.start()
    }
    const groups = await askGroups(this.reached, this.stopping.signal)
    if (groups.ok) this.groups = groups.value
    this.followWanted()
    for (const { reflector } of this.lists.all) reflector.refresh()
    await this.lists.answered(this.stopping.signal)
    this.listsChanged()
  }

  /** Somebody is back, and so may the network be: what waits to be tried again is tried now, and what died unnoticed is noticed. */
  resume(): void {
    if (this.stopping.signal.aborted) return
    const { state } = this
    if (this.lists.all.length === 0) {
      if ('problem' in state && state.problem.kind === 'unreachable') this.start().catch((error: unknown) => this.fail(error))
      return
    }
    this.reached?.pace.hurry()
    for (const { reflector } of this.lists.all) reflector.retry()
    void this.lookForServer()
  }

  dispose(): void {
    this.stopping.abort()
    this.attempt.abort()
    this.changes.cancel()
    this.cancelLooking()
    this.reached?.pace.dispose()
    this.lists.stop()
    this.reached?.access.dispose()
    this.settle()
  }

  /** What is waited for, where nothing was reached before. */
  private connecting(step: ConnectingStep | undefined): void {
    if (this.state.kind === 'connecting') this.become({ kind: 'connecting', context: this.contextName, ...(step ? { step } : {}) })
  }

  /** A defect of ours: it is told once, and ends this connection alone. */
  private fail(error: unknown): void {
    this.options.log(`cluster: connecting failed: ${error instanceof Error ? error.stack : String(error)}`)
    const problem = explainProblem({ kind: 'unreachable', context: this.contextName, detail: 'internal error' })
    this.become({ kind: 'failed', context: this.contextName, problem })
  }

  /** One attempt, whose end is awaited; further ones follow by themselves, gently, where only the network is missing. */
  private async start(): Promise<void> {
    this.attempt.abort()
    this.attempt = new AbortController()
    const { signal } = this.attempt
    const problem = await this.tryOnce(signal)
    // What only a person can repair is not tried again by itself.
    if (problem?.kind === 'unreachable') this.keepTrying(signal).catch((error: unknown) => this.fail(error))
  }

  private async keepTrying(signal: AbortSignal): Promise<void> {
    const { clock } = this.options
    const backoff = createBackoff(clock)
    let problem: ClusterProblem | undefined
    do {
      await pause(clock, backoff.next(), signal)
      if (!signal.aborted) problem = await this.tryOnce(signal)
    } while (problem?.kind === 'unreachable' && !signal.aborted)
  }

  private async tryOnce(signal: AbortSignal): Promise<ClusterProblem | undefined> {
    const problem = await this.connect(signal)
    if (signal.aborted) return undefined
    if (!problem) {
      await this.lists.answered(this.stopping.signal)
      this.listsChanged()
      return undefined
    }
    const { contextName } = this
    this.become(
      contextName === ''
        ? { kind: 'off', problem: explainProblem(problem) }
        : { kind: 'failed', context: contextName, problem: explainProblem(problem) },
    )
    return problem
  }

  private async connect(signal: AbortSignal): Promise<ClusterProblem | undefined> {
    const { kubeconfig, context, log } = this.options
    const load = async (): Promise<Found<Target>> => {
      const config = await readKubeconfig(kubeconfigFiles(kubeconfig))
      return config.ok ? targetOf(config.value, context) : config
    }
    const target = await load()
    if (!target.ok) return target.problem
    if (signal.aborted) return { kind: 'cancelled' }
    const access = this.accessTo(target.value, load)
    this.reached?.pace.dispose()
    const transport = createTransport(access)
    const reached = {
      target: target.value,
      access,
      transport,
      reaches: transport.reaches,
      pace: createPace(transport, this.options.clock),
      closing: this.stopping.signal,
    }
    this.reached = reached
    log(`cluster: connecting to ${target.value.context.name}`)
    const groups = await askGroups(reached, signal)
    if (!groups.ok) return groups.problem
    this.groups = groups.value
    this.connecting('listing')
    this.followWanted()
    return undefined
  }

  /** Attempts at the same target share what they signed in with: a credential program may open a browser each time it runs. */
  private accessTo(target: Target, load: () => Promise<Found<Target>>): Access {
    if (this.reached && isDeepStrictEqual(this.reached.target, target)) return this.reached.access
    this.reached?.access.dispose()
    const { clock, allowProgram } = this.options
    return createAccess({
      target,
      clock,
      onStep: step => this.connecting(step),
      ...(allowProgram ? { allowProgram } : {}),
      reload: async () => {
        const again = await load()
        return again.ok ? again.value : undefined
      },
    })
  }

  /** Permissions, settings and what the server has decide which lists run. */
  private followWanted(): void {
    if (this.reached && !this.stopping.signal.aborted) this.lists.follow(this.reached, this.groups)
  }

  private get contextName(): string {
    return this.reached?.target.context.name ?? this.options.context ?? ''
  }

  /** While connecting nothing is told: the lists are waited for. */
  private listChanged({ reflector: { state } }: RunningList): void {
    // Where one list gets through again, the others need not sit out their pauses.
    if (state.kind === 'synced') {
      this.silence = undefined
      for (const { reflector } of this.lists.all) reflector.retry(this.reach.lost !== undefined)
    } else if (failureIn(state)?.kind === 'network') void this.lookForServer()
    this.followWanted()
    if (this.state.kind === 'connecting') this.held.forget()
    else this.listsChanged()
  }

  /** A list was completed, lost or refused: the state follows, and absence may be known now that was not. */
  private listsChanged(): void {
    if (!this.reached || this.stopping.signal.aborted) return
    const { clock, namespaces, log } = this.options
    const { target, access } = this.reached
    const now = clock.now()
    this.reach = reachAfter(this.reach, listStates(this.lists.all), this.silence, now)
    this.held.forget()
    this.lookLater(now)
    const state = stateOf({
      target,
      groups: this.groups,
      lists: this.lists.all,
      reach: this.reach,
      namespaces,
      istioVersion: this.world().istioVersion,
      redact: access.redact,
      now,
      since: this.staleSince ?? new Date(now).toISOString(),
    })
    if (state.kind === 'connected' && this.staleSince !== undefined) log(`cluster: ${this.contextName} is in reach again`)
    if (state.kind !== 'failed') this.staleSince = state.kind === 'stale' ? state.since : undefined
    this.become(state)
    this.changes.note()
  }

  /** One list lost the network. Did all? The connections of the others may be dead without anybody having noticed. */
  private async lookForServer(): Promise<void> {
    const { reached } = this
    if (!reached || this.asking || this.silence) return
    this.asking = true
    const isThere = await reached.reaches(this.stopping.signal)
    this.asking = false
    if (isThere || this.stopping.signal.aborted) return
    const failures = this.lists.all.flatMap(({ reflector }) => failureIn(reflector.state) ?? [])
    this.silence = failures.find(({ kind }) => kind === 'network') ?? { kind: 'network', detail: 'no answer' }
    for (const { reflector } of this.lists.all) reflector.reopen()
    this.listsChanged()
  }

  /** What only time decides is looked at again when it has passed. */
  private lookLater(now: number): void {
    this.cancelLooking()
    const failing = this.lists.all.flatMap(({ failingSince }) => failingSince ?? [])
    if (failing.length === 0) this.told.clear()
    const { recoveringSince } = this.reach
    const starts = recoveringSince === undefined ? failing : [...failing, recoveringSince]
    const next = Math.min(...starts.map(since => since + settleMs).filter(time => time > now))
    if (Number.isFinite(next)) this.cancelLooking = this.options.clock.after(next - now, () => this.listsChanged())
  }

  /** The same reason from many lists is one line. */
  private tell(line: string): void {
    const reason = line.replace(/^cluster: \S+/, '').replace(/\d+/g, '0')
    if (this.told.has(reason)) return
    this.told.add(reason)
    this.options.log(line)
  }

  private become(state: ClusterState): void {
    if (this.stopping.signal.aborted || JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    this.options.onState(state)
  }
}
