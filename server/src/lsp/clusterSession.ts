// The one connection to a cluster that the server keeps: which context, its state for the client, its world for the rules.
import type { CancellationToken } from 'vscode-languageserver'
import type { ClusterConnection } from '../cluster/connection.ts'
import { readObject } from '../core/istio/read.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { explainProblem } from '../core/report/problem.ts'
import type {
  Answer,
  CertificateInspection,
  CertificatesPage,
  ClusterProblem,
  ClusterState,
  ContextChoice,
  ContextInfo,
  MeshNode,
  MeshRow,
  PodRef,
  Problem,
} from '../protocol.ts'
import type { Settings } from '../workspace/settings.ts'

export interface SessionOptions {
  readonly log: (line: string) => void
  readonly onState: (state: ClusterState) => void
  /** Objects of these kinds changed. */
  readonly onWorld: (kinds: readonly string[]) => void
}

/** What decides which cluster is read: when it stays equal, a new configuration changes nothing. */
interface Target {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespaces: readonly string[]
}

export class ClusterSession {
  private readonly options: SessionOptions
  private connection: ClusterConnection | undefined
  /** Connecting loads a heavy chunk; a newer wish makes an older one stop there. */
  private wish = 0
  private target: Target | undefined
  /** What somebody chose for this window, before the settings. */
  private chosen: ContextChoice | undefined
  /** Kubeconfigs that were chosen besides the configured one: their contexts stay on offer, so that there is a way back. */
  private readonly otherFiles = new Set<string>()
  /** Somebody looks: until then no cluster is contacted and no credential program runs, for most YAML is none of ours. */
  private wanted = false
  private configured: { readonly settings: Settings; readonly trusted: boolean } | undefined
  private current: ClusterState = off({ kind: 'not-connected' })

  constructor(options: SessionOptions) {
    this.options = options
  }

  get state(): ClusterState {
    return this.connection?.state ?? this.current
  }

  get world(): World | undefined {
    return this.connectedContext === undefined ? undefined : this.connection?.world()
  }

  /** What names the connected cluster on a command line. */
  get reached(): { readonly kubeconfig?: string; readonly context?: string } {
    const context = this.connectedContext
    if (context === undefined || !this.target) return {}
    const { kubeconfig } = this.target
    return { context, ...(kubeconfig === undefined ? {} : { kubeconfig }) }
  }

  /** A document of ours is open, or a view asks: connects if that has not happened yet. */
  want(): void {
    if (this.wanted) return
    this.wanted = true
    void this.follow()
  }

  /** Somebody needs an answer from the cluster: connects if that has not happened yet. Ends when a state is reached. */
  async settled(): Promise<void> {
    if (this.wanted && this.state.kind !== 'connecting') return
    this.wanted = true
    await this.follow()
  }

  /** Follows the settings, unless somebody chose a context for this window. */
  configure(settings: Settings, trusted: boolean): void {
    this.configured = { settings, trusted }
    void this.follow()
  }

  /** Chooses a context until the window closes: see `ContextChoice`. Ends when the state is reached. */
  async use(context: string | null | undefined, kubeconfig: string | undefined): Promise<ClusterState> {
    if (this.configured?.trusted === false) return this.state
    this.wanted = true
    this.chosen = { ...(context === undefined ? {} : { context }), ...(kubeconfig ? { kubeconfig } : {}) }
    if (kubeconfig) this.otherFiles.add(kubeconfig)
    // Chosen again, what failed before is tried anew: the file or the network may have been repaired.
    if (this.connectedContext === undefined) this.target = undefined
    await this.follow()
    return this.state
  }

  async refresh(): Promise<ClusterState> {
    this.wanted = true
    if (this.connection) await this.connection.refresh()
    else await this.follow()
    return this.state
  }

  async contexts(): Promise<Answer<readonly ContextInfo[]>> {
    if (this.configured?.trusted === false) return { ok: false, problem: explainProblem({ kind: 'untrusted-workspace' }) }
    const { listContexts } = await import('../cluster/index.ts')
    return listContexts(this.configured?.settings.kubeconfig, [...this.otherFiles])
  }

  /** Nodes of the connected cluster as rows, or why there are none: also where their parent is of another `wanted` context. */
  rows(nodes: readonly MeshNode[], wanted: string | undefined): Answer<readonly MeshRow[]> {
    const connected = this.contextFor(wanted)
    return connected.ok ? { ok: true, value: nodes.map(node => ({ ...node, context: connected.value })) } : connected
  }

  async inspect(pod: PodRef, token: CancellationToken): Promise<Answer<CertificateInspection>> {
    return this.withConnection(pod.context, token, async (connection, context, signal) => {
      const { inspectPod } = await import('../cluster/inspect.ts')
      const answer = await inspectPod(connection, pod, signal)
      return answer.ok ? { ok: true, value: { ...answer.value, pod: { ...answer.value.pod, context } } } : answer
    })
  }

  async certificates(mesh: Mesh, limit: number, token: CancellationToken): Promise<Answer<CertificatesPage>> {
    return this.withConnection(undefined, token, async (connection, context, signal) => {
      const { certificatesPage } = await import('../cluster/inspect.ts')
      const page = await certificatesPage(connection, mesh, limit, signal)
      if (!page.ok) return page
      const certificates = page.value.certificates.map(node => ({ ...node, pod: { ...node.pod, context } }))
      return { ok: true, value: { ...page.value, certificates } }
    })
  }

  dispose(): void {
    this.wish++
    this.connection?.dispose()
    this.connection = undefined
  }

  private async withConnection<T>(
    wanted: string | undefined,
    token: CancellationToken,
    run: (connection: ClusterConnection, context: string, signal: AbortSignal) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    if (!this.wanted) {
      this.wanted = true
      await this.follow()
    }
    const connected = this.contextFor(wanted)
    if (!connected.ok) return connected
    if (!this.connection) return { ok: false, problem: explainProblem({ kind: 'not-connected' }) }
    const cancelled = new AbortController()
    const listener = token.onCancellationRequested(() => cancelled.abort())
    try {
      return await run(this.connection, connected.value, cancelled.signal)
    } finally {
      listener.dispose()
    }
  }

  private get connectedContext(): string | undefined {
    const { state } = this
    return state.kind === 'connected' || state.kind === 'stale' ? state.context : undefined
  }

  /** The connected context, if it is the wanted one (absent: any): another cluster may well have a pod of the same name. */
  private contextFor(wanted: string | undefined): Answer<string> {
    const connected = this.connectedContext
    if (connected === undefined) return { ok: false, problem: this.disconnection() }
    if (wanted === undefined || wanted === connected) return { ok: true, value: connected }
    return { ok: false, problem: explainProblem({ kind: 'other-context', wanted, connected }) }
  }

  private disconnection(): Problem {
    const { state } = this
    return 'problem' in state ? state.problem : explainProblem({ kind: 'not-connected' })
  }

  /** Goes where the choice, else the settings, lead. Ends when the state is reached. */
  private async follow(): Promise<void> {
    if (!this.configured) return
    const { settings, trusted } = this.configured
    if (!trusted) return this.turnOff({ kind: 'untrusted-workspace' })
    if (this.chosen ? this.chosen.context === null : settings.cluster === 'off') return this.turnOff({ kind: 'not-connected' })
    if (!this.wanted) return
    await this.connect(this.targetOf(settings))
    await this.connection?.ready()
  }

  /** A choice replaces the settings' context even where it names none: theirs may not exist in the chosen file. */
  private targetOf(settings: Settings): Target {
    const context = this.chosen ? this.chosen.context : settings.context
    const kubeconfig = this.chosen?.kubeconfig ?? settings.kubeconfig
    return { namespaces: settings.namespaces, ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) }
  }

  private async connect(target: Target): Promise<void> {
    if (this.target && JSON.stringify(this.target) === JSON.stringify(target) && this.connection) return
    const wish = ++this.wish
    this.current = { kind: 'connecting', context: target.context ?? '' }
    this.leave()
    this.target = target
    const { connect } = await import('../cluster/index.ts')
    if (wish !== this.wish) return
    const connected = await connect({
      ...target,
      log: this.options.log,
      read: readObject,
      onState: state => this.announce(state),
      onChange: kinds => this.options.onWorld(kinds),
    })
    if (wish !== this.wish) return connected.ok ? connected.value.dispose() : undefined
    if (!connected.ok) return this.announce({ kind: 'off', problem: connected.problem })
    this.connection = connected.value
    this.announce(this.connection.state)
  }

  private turnOff(problem: ClusterProblem): void {
    this.wish++
    this.target = undefined
    this.current = off(problem)
    this.leave()
    this.announce(this.current)
  }

  /** The facts of a cluster that is left say nothing about the next one. */
  private leave(): void {
    if (!this.connection) return
    this.connection.dispose()
    this.connection = undefined
    this.options.onWorld([])
  }

  private announce(state: ClusterState): void {
    this.current = state
    this.options.onState(state)
  }
}

function off(problem: ClusterProblem): ClusterState {
  return { kind: 'off', problem: explainProblem(problem) }
}
