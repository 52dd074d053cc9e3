// One connection to one cluster: from a context of a kubeconfig to a world that follows the API server. Only reads.
import { isDeepStrictEqual } from 'node:util'
import type { Resource, Source } from '../core/istio/resources.ts'
import type { World } from '../core/mesh/mesh.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { ClusterProblem, ClusterState, ConnectedCluster } from '../protocol.ts'
import { type Access, createAccess } from './access.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause } from './clock.ts'
import { type Found, kubeconfigFiles, readKubeconfig, type Target, targetOf } from './kubeconfig.ts'
import { lean, leanDefinition, leanPod } from './lean.ts'
import { NamedObject } from './namedObject.ts'
import { withoutUserInfo } from './redact.ts'
import { describeFailure, isStatus, type KubernetesObject, needsPerson, Reflector, type ReflectorState } from './reflector.ts'
import { createTransport, type Failure, type Transport } from './transport.ts'
import { type Groups, pathOf, readGroups, servedVersion, type Watched, watched } from './watched.ts'

export interface ConnectionOptions {
  readonly kubeconfig?: string
  /** Absent: the current context. */
  readonly context?: string
  /** Empty: the whole cluster, as far as the account may list it. */
  readonly namespaces: readonly string[]
  readonly read: (json: unknown, source: Source) => Resource | undefined
  readonly log: (line: string) => void
  readonly clock: Clock
  readonly onState: (state: ClusterState) => void
  /** Objects of these kinds changed. */
  readonly onChange: (kinds: readonly string[]) => void
}

interface List {
  readonly watched: Watched
  /** Absent: the whole cluster. */
  readonly namespace?: string
  readonly reflector: Reflector | NamedObject
}

/** What is reached once the kubeconfig is read. */
export interface Reached {
  readonly target: Target
  readonly access: Access
  readonly transport: Transport
}

const firstAnswerMs = 5_000
const firstSyncMs = 20_000
const gatherMs = 100

export class ClusterConnection {
  state: ClusterState
  reached: Reached | undefined
  private readonly options: ConnectionOptions
  private readonly stopping = new AbortController()
  /** Aborted by the next attempt, so that only one of them starts lists. */
  private attempt = new AbortController()
  private lists: readonly List[] = []
  private groups: Groups = new Map()
  private kept: World | undefined
  private readonly changed = new Set<string>()
  private staleSince: string | undefined
  private cancelTelling = () => {}
  private settle = () => {}
  private readonly settled = new Promise<void>(resolve => {
    this.settle = resolve
  })

  constructor(options: ConnectionOptions) {
    this.options = options
    this.state = { kind: 'connecting', context: options.context ?? '' }
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
    this.kept ??= this.takeSnapshot()
    return this.kept
  }

  /** Reads the cluster anew, with permissions and credentials as they are now. What is known serves until it is replaced. */
  async refresh(): Promise<void> {
    await this.ready()
    if (this.stopping.signal.aborted) return
    if (!this.reached || this.lists.length === 0) return this.start()
    const groups = await this.askGroups(this.reached, this.stopping.signal)
    if (groups.ok) this.groups = groups.value
    this.followServedKinds()
    for (const { reflector } of this.lists) reflector.refresh()
    await this.everyListAnswered()
    this.listsChanged()
  }

  dispose(): void {
    this.stopping.abort()
    this.attempt.abort()
    this.cancelTelling()
    for (const { reflector } of this.lists) reflector.stop()
    this.reached?.access.dispose()
    this.settle()
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
      await this.everyListAnswered()
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
    const reached = { target: target.value, access, transport: createTransport(access) }
    this.reached = reached
    log(`cluster: connecting to ${target.value.context.name}`)
    const groups = await this.askGroups(reached, signal)
    if (!groups.ok) return groups.problem
    this.groups = groups.value
    this.followServedKinds()
    return undefined
  }

  /** Attempts at the same target share what they signed in with: a credential program may open a browser each time it runs. */
  private accessTo(target: Target, load: () => Promise<Found<Target>>): Access {
    if (this.reached && isDeepStrictEqual(this.reached.target, target)) return this.reached.access
    this.reached?.access.dispose()
    return createAccess({
      target,
      clock: this.options.clock,
      reload: async () => {
        const again = await load()
        return again.ok ? again.value : undefined
      },
    })
  }

  /** Which groups the server has; and with that, whether it answers us at all. */
  private async askGroups(
    { access, transport, target }: Reached,
    cancelled: AbortSignal,
  ): Promise<{ readonly ok: true; readonly value: Groups } | { readonly ok: false; readonly problem: ClusterProblem }> {
    // A credential program has a deadline of its own: people sign in more slowly than servers answer.
    await access.credentials()
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(firstAnswerMs)])
    const reply = await transport.get('/apis', { signal, idleMs: firstAnswerMs })
    if (cancelled.aborted) return { ok: false, problem: { kind: 'cancelled' } }
    const groups = reply.ok ? readGroups(reply.value) : undefined
    if (groups) return { ok: true, value: groups }
    if (reply.ok)
      return { ok: false, problem: { kind: 'unreachable', context: target.context.name, detail: 'what answers there is no API server' } }
    if (isStatus(reply.failure, 403)) return { ok: true, value: everyGroup() }
    return { ok: false, problem: problemOf(reply.failure, target.context.name) }
  }

  /** One list a kind, or one a kind and chosen namespace; those that run already go on. */
  private followServedKinds(): void {
    const { namespaces } = this.options
    for (const list of this.lists) if (servedVersion(list.watched, this.groups) === undefined) list.reflector.stop()
    const kept = this.lists.filter(list => servedVersion(list.watched, this.groups) !== undefined)
    const added = watched
      .filter(each => !kept.some(list => list.watched === each))
      .flatMap(each =>
        namespaces.length > 0 && each.namespaced && !each.only
          ? namespaces.flatMap(namespace => this.listOf(each, namespace))
          : this.listOf(each, undefined),
      )
    this.lists = [...kept, ...added]
    for (const { reflector } of added) reflector.start()
  }

  private listOf(each: Watched, namespace: string | undefined): readonly List[] {
    const version = servedVersion(each, this.groups)
    if (!version || !this.reached) return []
    const { read, log, clock } = this.options
    const { target, transport } = this.reached
    const source: Source = { from: 'cluster', context: target.context.name }
    const header = { apiVersion: each.group === '' ? version : `${each.group}/${version}`, kind: each.apiKind ?? each.kind }
    const trim = each.kind === 'Pod' ? leanPod : each.kind === 'CustomResourceDefinition' ? leanDefinition : lean
    const options = {
      transport,
      clock,
      log,
      path: pathOf(each, version, namespace),
      metadataOnly: each.metadataOnly,
      ...(each.label ? { label: each.label } : {}),
      // Items of a list carry neither version nor kind.
      read: (object: KubernetesObject) => read({ ...trim(object), ...header }, source),
      onChange: () => this.note(each.kind),
      onState: () => this.listChanged(reflector),
    }
    const reflector = each.only ? new NamedObject(options) : new Reflector(options)
    return [{ watched: each, reflector, ...(namespace === undefined ? {} : { namespace }) }]
  }

  /** Or long enough was waited: what is missing then comes later by itself. */
  private async everyListAnswered(): Promise<void> {
    const { clock } = this.options
    const { signal } = this.stopping
    const until = clock.now() + firstSyncMs
    while (this.lists.some(({ reflector }) => !reflector.answered) && clock.now() < until && !signal.aborted) await pause(clock, 20, signal)
  }

  private get contextName(): string {
    return this.reached?.target.context.name ?? this.options.context ?? ''
  }

  private listChanged(changed: Reflector | NamedObject): void {
    // Where one list gets through again, the others need not sit out their pauses.
    if (changed.state.kind === 'synced') for (const { reflector } of this.lists) reflector.retry()
    this.narrow()
    if (this.state.kind === 'connecting') this.kept = undefined
    else this.listsChanged()
  }

  /** A list was completed, lost or refused: the state follows, and absence may be known now that was not. */
  private listsChanged(): void {
    if (this.stopping.signal.aborted) return
    this.kept = undefined
    const problem = this.lostProblem()
    const held = this.lists.some(({ reflector }) => reflector.state.kind === 'synced' || reflector.state.kind === 'stale')
    if (!problem) {
      this.staleSince = undefined
      this.become({ kind: 'connected', ...this.describe() })
    } else if (held) {
      this.staleSince ??= new Date(this.options.clock.now()).toISOString()
      this.become({ kind: 'stale', since: this.staleSince, problem: explainProblem(problem), ...this.describe() })
    } else {
      this.become({ kind: 'failed', context: this.contextName, problem: explainProblem(problem) })
    }
    this.note('')
  }

  /** Why the cluster is out of reach: network or credentials fail, or every list that may be read is turned away. One list's own trouble is a gap. */
  private lostProblem(): ClusterProblem | undefined {
    const allowed = this.lists.map(({ reflector }) => failureIn(reflector.state)).filter(failure => !failure || !isRefusal(failure))
    const lost = allowed.find(failure => failure && (needsPerson(failure) || failure.kind === 'network'))
    const turnedAway =
      allowed.length > 0 && allowed.every(failure => failure?.kind === 'status' && (failure.code === 429 || failure.code >= 500))
    const failure = lost ?? (turnedAway ? allowed[0] : undefined)
    return failure && problemOf(failure, this.contextName)
  }

  /** Where the whole cluster may not be listed, the namespace of the context often may. */
  private narrow(): void {
    const namespace = this.reached?.target.context.namespace ?? 'default'
    if (this.options.namespaces.length > 0) return
    const wide = this.lists.filter(list => list.namespace === undefined && list.watched.namespaced && !list.watched.only)
    const narrowOf = (list: List) => this.lists.find(other => other.watched === list.watched && other.namespace !== undefined)
    const superfluous = wide.filter(({ reflector }) => reflector.state.kind === 'synced').flatMap(list => narrowOf(list) ?? [])
    for (const { reflector } of superfluous) reflector.stop()
    const added = wide
      .filter(list => list.reflector.state.kind === 'failed' && isStatus(list.reflector.state.failure, 403) && !narrowOf(list))
      .flatMap(list => this.listOf(list.watched, namespace))
    this.lists = [...this.lists.filter(list => !superfluous.includes(list)), ...added]
    for (const { reflector } of added) reflector.start()
  }

  private describe(): ConnectedCluster {
    const { cluster, context } = this.reached?.target ?? {}
    const version = this.world().istioVersion
    return {
      context: context?.name ?? '',
      server: withoutUserInfo(cluster?.server ?? ''),
      istio: this.groups.has('security.istio.io'),
      insecure: cluster?.skipTlsVerify ?? false,
      gaps: this.lists.flatMap(({ watched: { plural, only }, namespace, reflector }) => {
        if (reflector.state.kind !== 'failed') return []
        const within = only?.namespace ?? namespace
        const where = within === undefined ? {} : { namespace: within }
        const problem = isStatus(reflector.state.failure, 403)
          ? ({ kind: 'forbidden', verb: only ? 'get' : 'list', resource: plural, ...where } as const)
          : problemOf(reflector.state.failure, context?.name ?? '')
        return [{ resource: plural, ...where, problem: explainProblem(problem) }]
      }),
      ...(version === undefined ? {} : { istioVersion: version }),
    }
  }

  private takeSnapshot(): World {
    const lists = this.lists.filter(({ reflector }) => reflector.state.kind === 'synced' || reflector.state.kind === 'stale')
    const synced = this.lists.filter(({ reflector }) => reflector.state.kind === 'synced')
    const absent = new Set(watched.filter(each => servedVersion(each, this.groups) === undefined).map(each => each.kind))
    const objects = lists.flatMap(({ reflector }) => [...reflector.all])
    const version = istioVersion(objects)
    const connected = this.reached !== undefined && this.groups.size > 0
    return {
      objects,
      complete: (kind, namespace) =>
        connected &&
        (absent.has(kind) ||
          synced.some(list => list.watched.kind === kind && (list.namespace === undefined || list.namespace === namespace))),
      ...(version === undefined ? {} : { istioVersion: version }),
    }
  }

  /** Gathers what changes within a moment into one message. */
  private note(kind: string): void {
    this.kept = undefined
    const first = this.changed.size === 0
    this.changed.add(kind)
    if (!first) return
    this.cancelTelling = this.options.clock.after(gatherMs, () => {
      const kinds = [...this.changed].filter(each => each !== '')
      this.changed.clear()
      if (!this.stopping.signal.aborted) this.options.onChange(kinds)
    })
  }

  private become(state: ClusterState): void {
    if (this.stopping.signal.aborted || JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    this.options.onState(state)
  }
}

function failureIn(state: ReflectorState): Failure | undefined {
  return state.kind === 'stale' || state.kind === 'failed' ? state.failure : undefined
}

function isRefusal(failure: Failure): boolean {
  return isStatus(failure, 403) || isStatus(failure, 404)
}

function problemOf(failure: Failure, context: string): ClusterProblem {
  switch (failure.kind) {
    case 'credentials':
      return { kind: 'unauthorized', context, detail: failure.detail }
    case 'aborted':
      return { kind: 'unreachable', context, detail: `timed out after ${firstAnswerMs / 1000} s` }
    case 'status':
      if (failure.code === 401) return { kind: 'unauthorized', context, detail: failure.message || 'Unauthorized' }
      return { kind: 'unreachable', context, detail: describeFailure(failure) }
    default:
      return { kind: 'unreachable', context, detail: failure.detail }
  }
}

/** Without discovery every group is tried; one that is not there answers 404. */
function everyGroup(): Groups {
  return new Map(watched.map(({ group, versions }) => [group, versions]))
}

/** `1.30` from the labels that the charts of istiod set. */
function istioVersion(objects: readonly Resource[]): string | undefined {
  const istiod = objects.find(object => object.kind === 'Pod' && object.labels.app === 'istiod')
  const text = istiod?.labels['app.kubernetes.io/version'] ?? istiod?.labels['helm.sh/chart'] ?? ''
  return /(?:^|-)(1\.\d+)/.exec(text)?.[1]
}
