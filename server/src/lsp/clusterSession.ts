// The one connection to a cluster that the server keeps: which context, its state for the client, its world for the rules.
import type { CancellationToken } from 'vscode-languageserver'
import type { ClusterConnection } from '../cluster/connection.ts'
import { readObject } from '../core/istio/read.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, CertificateInspection, CertificatesPage, ClusterState, ContextInfo, PodRef, Problem } from '../protocol.ts'
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

const connectedKinds: ReadonlySet<ClusterState['kind']> = new Set(['connected', 'stale'])

export class ClusterSession {
  private readonly options: SessionOptions
  private connection: ClusterConnection | undefined
  /** Connecting loads a heavy chunk; a newer wish makes an older one stop there. */
  private wish = 0
  private target: Target | undefined
  /** What somebody chose for this window, before the settings; `null`: no cluster. */
  private chosen: { readonly context: string; readonly kubeconfig?: string } | null | undefined
  private configured: { readonly settings: Settings; readonly trusted: boolean } | undefined
  private current: ClusterState = off({ kind: 'not-connected' })

  constructor(options: SessionOptions) {
    this.options = options
  }

  get state(): ClusterState {
    return this.connection?.state ?? this.current
  }

  get world(): World | undefined {
    return this.connection && connectedKinds.has(this.connection.state.kind) ? this.connection.world() : undefined
  }

  /** Follows the settings, unless somebody chose a context for this window. */
  configure(settings: Settings, trusted: boolean): void {
    this.configured = { settings, trusted }
    if (!trusted) this.turnOff(off({ kind: 'untrusted-workspace' }))
    else if (this.chosen === null || (settings.cluster === 'off' && !this.chosen)) this.turnOff(off({ kind: 'not-connected' }))
    else void this.connect(this.targetOf(settings))
  }

  private targetOf({ kubeconfig, context, namespaces }: Settings): Target {
    return { namespaces, ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}), ...this.chosen }
  }

  /** Chooses a context until the window closes; `null` goes back to files only. */
  async use(context: string | null, kubeconfig: string | undefined): Promise<ClusterState> {
    if (this.configured?.trusted === false) return this.state
    if (context === null) {
      this.chosen = null
      this.turnOff(off({ kind: 'not-connected' }))
      return this.state
    }
    this.chosen = { context, ...(kubeconfig ? { kubeconfig } : {}) }
    const settings = this.configured?.settings
    const configuredFile = settings?.kubeconfig
    await this.connect({
      namespaces: settings?.namespaces ?? [],
      ...(configuredFile ? { kubeconfig: configuredFile } : {}),
      ...this.chosen,
    })
    await this.connection?.ready()
    return this.state
  }

  async refresh(): Promise<ClusterState> {
    if (this.connection) await this.connection.refresh()
    else if (this.configured) this.configure(this.configured.settings, this.configured.trusted)
    return this.state
  }

  async contexts(): Promise<Answer<readonly ContextInfo[]>> {
    if (this.configured?.trusted === false) return { ok: false, problem: explainProblem({ kind: 'untrusted-workspace' }) }
    const { listContexts } = await import('../cluster/index.ts')
    return listContexts(this.chosen?.kubeconfig ?? this.configured?.settings.kubeconfig)
  }

  /** A value that needs a cluster, or why there is none. */
  answer<T>(value: T): Answer<T> {
    const problem = this.missing()
    return problem ? { ok: false, problem } : { ok: true, value }
  }

  async inspect(pod: PodRef, token: CancellationToken): Promise<Answer<CertificateInspection>> {
    return this.withConnection(token, (connection, signal, inspections) => inspections.inspectPod(connection, pod, signal))
  }

  async certificates(mesh: Mesh, limit: number, token: CancellationToken): Promise<Answer<CertificatesPage>> {
    return this.withConnection(token, (connection, signal, inspections) => inspections.certificatesPage(connection, mesh, limit, signal))
  }

  dispose(): void {
    this.wish++
    this.connection?.dispose()
    this.connection = undefined
  }

  private async withConnection<T>(
    token: CancellationToken,
    run: (connection: ClusterConnection, signal: AbortSignal, inspections: typeof import('../cluster/inspect.ts')) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const problem = this.missing()
    if (problem || !this.connection) return { ok: false, problem: problem ?? explainProblem({ kind: 'not-connected' }) }
    const cancelled = new AbortController()
    const listener = token.onCancellationRequested(() => cancelled.abort())
    try {
      return await run(this.connection, cancelled.signal, await import('../cluster/inspect.ts'))
    } finally {
      listener.dispose()
    }
  }

  private missing(): Problem | undefined {
    const { state } = this
    if (state.kind === 'connected' || state.kind === 'stale') return undefined
    return state.kind === 'connecting' ? explainProblem({ kind: 'not-connected' }) : state.problem
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
    if (!connected.ok) return this.announce({ kind: 'off', problem: connected.problem })
    if (wish !== this.wish) return connected.value.dispose()
    this.connection = connected.value
    this.announce(this.connection.state)
  }

  private turnOff(state: ClusterState): void {
    this.wish++
    this.target = undefined
    this.current = state
    this.leave()
    this.announce(state)
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

function off(problem: Parameters<typeof explainProblem>[0]): ClusterState {
  return { kind: 'off', problem: explainProblem(problem) }
}
