// One open cluster: its connection, its world, its mesh. Shares nothing with the others, and closing it ends everything that it has under way.
import { isDeepStrictEqual } from 'node:util'
import type { CancellationToken } from 'vscode-languageserver'
import type { ClusterConnection } from '../cluster/connection.ts'
import { readObject } from '../core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { type MeshQuestion, meshNodes } from '../core/report/meshTree.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ClusterState, CredentialProgram, MeshRow, OneContext, OpenCluster, Problem } from '../protocol.ts'

export interface SessionOptions {
  /** Its handle in every request and row: the context's name, made unique among those that are open. */
  readonly context: string
  readonly choice: OneContext
  /** Absent: where kubectl would look. */
  readonly kubeconfig?: string
  readonly namespaces: readonly string[]
  readonly log: (line: string) => void
  /** Absent: the kubeconfig's programs may be run. */
  readonly allowProgram?: (program: CredentialProgram) => Promise<boolean>
  readonly onState: (session: ClusterSession) => void
  /** Objects of these kinds changed. */
  readonly onWorld: (session: ClusterSession, kinds: readonly string[]) => void
}

const nothing = new ClusterLayer({ objects: [], complete: () => false })

export class ClusterSession {
  readonly context: string
  readonly choice: OneContext
  namespaces: readonly string[]
  private readonly options: SessionOptions
  /** The connection of the namespaces as they are now; what waits for an older one is cancelled with it. */
  private attempt = new AbortController()
  private opening: Promise<void>
  private opened: ClusterConnection | undefined
  private reported: ClusterState
  private indexed = nothing
  private meshOf = nothing
  private kept = buildMesh({ files: [], cluster: nothing, closedWorld: false })

  constructor(options: SessionOptions) {
    this.options = options
    this.context = options.context
    this.choice = options.choice
    this.namespaces = options.namespaces
    this.reported = { kind: 'connecting', context: options.context }
    this.opening = this.open()
  }

  get connection(): ClusterConnection | undefined {
    return this.opened
  }

  get state(): ClusterState {
    const state = this.opened?.state ?? this.reported
    return 'context' in state ? { ...state, context: this.context } : state
  }

  /** What the cluster holds; absent while it cannot be said. The same object until something changes. */
  get world(): World | undefined {
    return this.isConnected ? this.opened?.world() : undefined
  }

  /** The world with its index, made once for each. */
  get layer(): ClusterLayer | undefined {
    const { world } = this
    if (world && this.indexed.world !== world) this.indexed = new ClusterLayer(world)
    return world && this.indexed
  }

  /** Of the cluster alone; of nothing while it is not connected. */
  get mesh(): Mesh {
    const cluster = this.layer ?? nothing
    if (this.meshOf !== cluster) this.kept = buildMesh({ files: [], cluster, closedWorld: false })
    this.meshOf = cluster
    return this.kept
  }

  /** Why nothing can be said of it, where that is so. */
  get problem(): Problem {
    const { state, context } = this
    return 'problem' in state ? state.problem : explainProblem({ kind: 'connecting', context })
  }

  /** As the client is told. */
  get described(): OpenCluster {
    const { context, choice, state, namespaces } = this
    return { context, choice, state, namespaces }
  }

  /** What names it on a command line. */
  get commandLine(): { readonly kubeconfig?: string; readonly context: string } {
    const { kubeconfig } = this.options
    return { context: this.choice.context, ...(kubeconfig === undefined ? {} : { kubeconfig }) }
  }

  /** Ends when a state is reached. Never rejects. */
  async ready(): Promise<void> {
    let waitedFor: Promise<void> | undefined
    while (waitedFor !== this.opening) {
      waitedFor = this.opening
      await waitedFor
    }
  }

  /** Reads everything anew. Ends when the state is reached. */
  async refresh(): Promise<void> {
    if (this.opened) await this.opened.refresh()
    else await this.reopen()
  }

  /** What could not be reached is tried again now, not when its pause is over. */
  resume(): void {
    this.opened?.resume()
  }

  /** By name; those of the context's namespaces that are read too. */
  get knownNamespaces(): readonly string[] {
    const objects = this.world?.objects ?? []
    const named = objects.flatMap(({ kind, name, namespace }) => (kind === 'Namespace' ? [name] : namespace ? [namespace] : []))
    return [...new Set([...named, ...this.namespaces])].sort()
  }

  /** Reads these instead, at once; empty: all that the account may list. */
  readNamespaces(namespaces: readonly string[]): void {
    if (isDeepStrictEqual(namespaces, this.namespaces)) return
    this.namespaces = namespaces
    void this.reopen()
  }

  /** Children of one of its rows. */
  rows(parent: string, asked: MeshQuestion = {}): Answer<readonly MeshRow[]> {
    const { context } = this
    if (!this.isConnected) return { ok: false, problem: this.problem }
    const nodes = meshNodes(this.mesh, parent.startsWith('cluster/') ? undefined : parent, asked)
    return { ok: true, value: nodes.map(node => ({ ...node, context })) }
  }

  /** Asks the cluster, once it is connected; cancelled by the token and by closing the session. */
  async ask<T>(
    token: CancellationToken,
    run: (connection: ClusterConnection, signal: AbortSignal) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    await this.ready()
    if (!this.opened || !this.isConnected) return { ok: false, problem: this.problem }
    const cancelled = new AbortController()
    const listener = token.onCancellationRequested(() => cancelled.abort())
    try {
      return await run(this.opened, AbortSignal.any([cancelled.signal, this.attempt.signal]))
    } finally {
      listener.dispose()
    }
  }

  close(): void {
    this.attempt.abort()
    this.opened?.dispose()
    this.opened = undefined
  }

  private get isConnected(): boolean {
    const { kind } = this.state
    return kind === 'connected' || kind === 'stale'
  }

  private reopen(): Promise<void> {
    this.close()
    this.attempt = new AbortController()
    this.announce({ kind: 'connecting', context: this.context })
    this.options.onWorld(this, [])
    this.opening = this.open()
    return this.opening
  }

  private async open(): Promise<void> {
    const { signal } = this.attempt
    const { kubeconfig, choice, log, allowProgram, onState, onWorld } = this.options
    const { connect } = await import('../cluster/index.ts')
    if (signal.aborted) return
    const answer = await connect({
      context: choice.context,
      namespaces: this.namespaces,
      log,
      read: readObject,
      onState: () => onState(this),
      onChange: kinds => onWorld(this, kinds),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(allowProgram ? { allowProgram: (program: CredentialProgram) => allowProgram({ ...program, context: this.context }) } : {}),
    })
    if (signal.aborted) return answer.ok ? answer.value.dispose() : undefined
    if (!answer.ok) return this.announce({ kind: 'failed', context: this.context, problem: answer.problem })
    this.opened = answer.value
    this.announce(this.opened.state)
    await this.opened.ready()
  }

  private announce(state: ClusterState): void {
    this.reported = state
    this.options.onState(this)
  }
}
