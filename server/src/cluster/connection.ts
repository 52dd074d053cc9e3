// One connection to one cluster: from a context of a kubeconfig to a world that follows the API server. Only reads.
import type { Resource, Source } from '../core/istio/resources.ts'
import type { World } from '../core/mesh/mesh.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { ClusterProblem, ClusterState, ConnectedCluster } from '../protocol.ts'
import { createAccess, type Access } from './access.ts'
import { createBackoff } from './backoff.ts'
import { type Clock, pause } from './clock.ts'
import { kubeconfigFiles, readKubeconfig, targetOf, type Target } from './kubeconfig.ts'
import { withoutUserInfo } from './redact.ts'
import { describeFailure, Reflector, type KubernetesObject } from './reflector.ts'
import { createTransport, type Failure, type Transport } from './transport.ts'
import { pathOf, readGroups, servedVersion, watched, type Groups, type Watched } from './watched.ts'

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
  readonly reflector: Reflector
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
  private lists: readonly List[] = []
  private groups: Groups = new Map()
  private kept: World | undefined
  private readonly changed = new Set<string>()
  private staleSince: string | undefined
  private settle = () => {}
  private readonly settled = new Promise<void>(resolve => {
    this.settle = resolve
  })

  constructor(options: ConnectionOptions) {
    this.options = options
    this.state = { kind: 'connecting', context: options.context ?? '' }
    void this.run()
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

  /** Starts all lists anew, with permissions and credentials as they are now. */
  async refresh(): Promise<void> {
    if (!this.reached || this.state.kind === 'failed') return
    this.stopLists()
    await this.discover(this.reached)
    await this.firstSync()
  }

  dispose(): void {
    this.stopping.abort()
    this.stopLists()
    this.reached?.access.dispose()
    this.settle()
  }

  private async run(): Promise<void> {
    const backoff = createBackoff(this.options.clock)
    while (!this.stopping.signal.aborted) {
      const problem = await this.connect()
      if (!problem) break
      this.become({ kind: 'failed', context: this.options.context ?? '', problem: explainProblem(problem) })
      this.settle()
      // What only a person can repair is not tried again by itself.
      if (problem.kind !== 'unreachable') return
      await pause(this.options.clock, backoff.next(), this.stopping.signal)
    }
    if (this.stopping.signal.aborted) return
    await this.firstSync()
    this.settle()
  }

  private async connect(): Promise<ClusterProblem | undefined> {
    const { kubeconfig, context, clock, log } = this.options
    const load = async () => {
      const config = await readKubeconfig(kubeconfigFiles(kubeconfig))
      return config.ok ? targetOf(config.value, context) : config
    }
    const target = await load()
    if (!target.ok) return target.problem
    this.reached?.access.dispose()
    const access = createAccess({
      target: target.value,
      clock,
      reload: async () => {
        const again = await load()
        return again.ok ? again.value : undefined
      },
    })
    const reached = { target: target.value, access, transport: createTransport(access) }
    this.reached = reached
    log(`cluster: connecting to ${target.value.context.name}`)
    return this.discover(reached)
  }

  /** Which groups the server has; and with that, whether it answers us at all. */
  private async discover(reached: Reached): Promise<ClusterProblem | undefined> {
    const { transport, target } = reached
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(firstAnswerMs)])
    const reply = await transport.get('/apis', { signal, idleMs: firstAnswerMs })
    if (this.stopping.signal.aborted) return { kind: 'cancelled' }
    if (!reply.ok && !(reply.failure.kind === 'status' && reply.failure.code === 403)) return problemOf(reply.failure, target.context.name)
    this.groups = reply.ok ? readGroups(reply.value) : everyGroup()
    const { namespaces } = this.options
    this.lists = watched.flatMap(each => (namespaces.length > 0 && each.namespaced && !each.only ? namespaces.flatMap(namespace => this.listOf(each, namespace)) : this.listOf(each, undefined)))
    for (const { reflector } of this.lists) reflector.start()
    return undefined
  }

  private listOf(each: Watched, namespace: string | undefined): readonly List[] {
    const version = servedVersion(each, this.groups)
    if (!version || !this.reached) return []
    const { read, log, clock } = this.options
    const { target, transport } = this.reached
    const source: Source = { from: 'cluster', context: target.context.name }
    const header = { apiVersion: each.group === '' ? version : `${each.group}/${version}`, kind: each.apiKind ?? each.kind }
    const reflector = new Reflector({
      transport,
      clock,
      log,
      path: pathOf(each, version, namespace),
      metadataOnly: each.metadataOnly,
      ...(each.only ? { fieldSelector: `metadata.name=${each.only.name}` } : {}),
      // Items of a list carry neither version nor kind.
      read: (object: KubernetesObject) => read({ ...object, ...header }, source),
      onChange: () => this.note(each.kind),
      onState: () => this.listsChanged(),
    })
    return [{ watched: each, reflector, ...(namespace === undefined ? {} : { namespace }) }]
  }

  private async firstSync(): Promise<void> {
    const until = this.options.clock.now() + firstSyncMs
    const waiting = () => this.lists.some(({ reflector }) => reflector.state.kind === 'syncing')
    while (waiting() && this.options.clock.now() < until && !this.stopping.signal.aborted) await pause(this.options.clock, 20, this.stopping.signal)
    if (this.stopping.signal.aborted) return
    const refused = this.lists.find(({ reflector }) => reflector.state.kind === 'failed' && isRefusal(reflector.state.failure, 401))
    const failure = refused?.reflector.state
    if (failure?.kind === 'failed') this.become({ kind: 'failed', context: this.contextName, problem: explainProblem(problemOf(failure.failure, this.contextName)) })
    else this.listsChanged(true)
  }

  private get contextName(): string {
    return this.reached?.target.context.name ?? this.options.context ?? ''
  }

  /** A list was completed, lost or refused: the state follows, and absence may be known now that was not. */
  private listsChanged(first = false): void {
    this.kept = undefined
    this.narrow()
    if (!first && this.state.kind === 'connecting') return
    const connected = this.describe()
    const stale = this.lists.find(({ reflector }) => reflector.state.kind === 'stale')?.reflector.state
    if (stale?.kind === 'stale') {
      this.staleSince ??= new Date(this.options.clock.now()).toISOString()
      this.become({ kind: 'stale', since: this.staleSince, problem: explainProblem(problemOf(stale.failure, this.contextName)), ...connected })
    } else {
      this.staleSince = undefined
      this.become({ kind: 'connected', ...connected })
    }
    this.note('')
  }

  /** Where the whole cluster may not be listed, the namespace of the context often may. */
  private narrow(): void {
    const namespace = this.reached?.target.context.namespace ?? 'default'
    const wide = this.lists.filter(list => list.namespace === undefined && list.watched.namespaced && !list.watched.only && list.reflector.state.kind === 'failed' && isRefusal(list.reflector.state.failure, 403))
    const missing = wide.filter(list => !this.lists.some(other => other.watched === list.watched && other.namespace === namespace))
    if (missing.length === 0) return
    const added = missing.flatMap(list => this.listOf(list.watched, namespace))
    this.lists = [...this.lists, ...added]
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
        const problem = isRefusal(reflector.state.failure, 403) ? ({ kind: 'forbidden', verb: 'list', resource: plural, ...where } as const) : problemOf(reflector.state.failure, context?.name ?? '')
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
        connected && (absent.has(kind) || synced.some(list => list.watched.kind === kind && (list.namespace === undefined || list.namespace === namespace))),
      ...(version === undefined ? {} : { istioVersion: version }),
    }
  }

  /** Gathers what changes within a moment into one message. */
  private note(kind: string): void {
    this.kept = undefined
    const first = this.changed.size === 0
    this.changed.add(kind)
    if (!first) return
    this.options.clock.after(gatherMs, () => {
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

  private stopLists(): void {
    for (const { reflector } of this.lists) reflector.stop()
    this.lists = []
    this.kept = undefined
  }
}

function isRefusal(failure: Failure, code: 401 | 403): boolean {
  return failure.kind === 'status' && failure.code === code
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

