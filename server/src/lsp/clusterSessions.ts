// The clusters that are open side by side, and the one that files are judged against. What is open follows from what was chosen, else from the settings.
import { isDeepStrictEqual } from 'node:util'
import { clusterFacts } from '../core/report/meshTree/cluster.ts'
import type { MeshQuestion } from '../core/report/meshTree.ts'
import { explainProblem } from '../core/report/problem.ts'
import type {
  Answer,
  ClusterChoice,
  ClusterProblem,
  ClusterRow,
  ClusterState,
  Clusters,
  ContextChoice,
  ContextInfo,
  CredentialProgram,
  MeshRow,
  OneContext,
  Problem,
} from '../protocol.ts'
import type { Settings } from '../workspace/settings.ts'
import { clusterRow } from './clusterRow.ts'
import { ClusterSession } from './clusterSession.ts'

export interface SessionsOptions {
  readonly log: (line: string) => void
  /** Absent: the kubeconfig's programs may be run. */
  readonly allowProgram?: (program: CredentialProgram) => Promise<boolean>
  /** Which clusters are open, or the state of one. */
  readonly onState: () => void
  /** Objects of these kinds changed in one. */
  readonly onWorld: (session: ClusterSession, kinds: readonly string[]) => void
}

/** What should be open. */
interface Wanted {
  readonly open: readonly OneContext[]
  readonly judging?: OneContext
  /** Why files are judged alone. */
  readonly problem: ClusterProblem | Problem
}

export class ClusterSessions {
  all: readonly ClusterSession[] = []
  /** The one whose world lies under the files. */
  judging: ClusterSession | undefined
  private readonly options: SessionsOptions
  private problem: Problem = explainProblem({ kind: 'not-connected' })
  private configured: { readonly settings: Settings; readonly trusted: boolean } | undefined
  private choice: ClusterChoice | undefined
  /** Kubeconfigs that were chosen besides the configured one: their contexts stay on offer, so that there is a way back. */
  private readonly otherFiles = new Set<string>()
  /** Somebody looks: until then no cluster is contacted and no credential program runs, for most YAML is none of ours. */
  private wanted = false
  private restored = false
  private told: Clusters = { open: [], state: this.state }
  /** Ends when what was asked for last is open. */
  private turn: Promise<void> = Promise.resolve()

  constructor(options: SessionsOptions) {
    this.options = options
  }

  /** The judging cluster's; else why files are judged alone. */
  get state(): ClusterState {
    return this.judging?.state ?? { kind: 'off', problem: this.problem }
  }

  get described(): Clusters {
    const { all, judging, state, choice } = this
    return {
      open: all.map(({ described }) => described),
      state,
      ...(judging ? { judging: judging.context } : {}),
      ...(choice ? { choice } : {}),
    }
  }

  /** What names the judging cluster on a command line, while its facts are known. */
  get reached(): { readonly kubeconfig?: string; readonly context?: string } {
    return this.judging?.world ? this.judging.commandLine : {}
  }

  /** The cluster of this handle; without one that which files are judged against, or the only one. */
  of(context: string | undefined): Answer<ClusterSession> {
    const [only, ...others] = this.all
    const session =
      context === undefined ? (this.judging ?? (others.length === 0 ? only : undefined)) : this.all.find(each => each.context === context)
    if (session) return { ok: true, value: session }
    return { ok: false, problem: context === undefined || this.all.length === 0 ? this.problem : closed(context) }
  }

  /** Asks the cluster of this handle, which connects it if that has not happened yet. */
  async ask<T>(context: string | undefined, run: (session: ClusterSession) => Promise<Answer<T>>): Promise<Answer<T>> {
    await this.opened()
    const session = this.of(context)
    return session.ok ? run(session.value) : session
  }

  /** Before anything else: what was chosen in this workspace the last time. */
  restore(choice: ClusterChoice): void {
    this.choice = choice
    this.offer(choice.open ?? [])
  }

  configure(settings: Settings, trusted: boolean): void {
    this.configured = { settings, trusted }
    void this.follow()
  }

  /** A document of ours is open, or a view asks: connects if that has not happened yet. */
  want(): void {
    if (this.wanted) return
    this.wanted = true
    void this.follow()
  }

  /** Somebody looks: ends when it is clear what is open. */
  async opened(): Promise<void> {
    this.want()
    await this.turn
  }

  /** Somebody needs an answer about the files: connects if that has not happened yet. Ends when a state is reached. */
  async settled(): Promise<void> {
    await this.opened()
    await this.judging?.ready()
  }

  /** Judges files against it, in place of what they were judged against: see `UseContext`. Ends when the state is reached. */
  async use(asked: ContextChoice): Promise<ClusterState> {
    if (this.isUntrusted) return this.state
    const failed = this.failed()
    await this.change(async () => {
      const chosen = await this.nameOf(asked)
      const { open, judging } = this.current()
      const one = chosen.ok ? chosen.value : undefined
      if (one && open.some(each => isSame(each, one))) this.choose(open, one)
      else this.choose([...open.filter(each => !isSame(each, judging)), ...(one ? [one] : [])], one)
      return chosen.ok ? undefined : chosen.problem
    })
    await arrival(this.judging, failed)
    return this.state
  }

  /** Opens it beside the others. Ends when its state is reached. */
  async open(one: OneContext): Promise<ClusterState> {
    if (this.isUntrusted) return this.state
    const failed = this.failed()
    await this.change(async () => {
      // What the settings open stays open.
      if (!this.choice?.open) await this.reconcile()
      const { open, judging } = this.current()
      this.choose([...open.filter(each => !isSame(each, one)), one], judging)
    })
    const session = this.all.find(each => isSame(each.choice, one))
    await arrival(session, failed)
    return session?.state ?? this.state
  }

  async close(context: string): Promise<void> {
    await this.change(async () => {
      const { open, judging } = this.current()
      const gone = this.all.find(each => each.context === context)?.choice
      this.choose(
        open.filter(each => !isSame(each, gone)),
        isSame(judging, gone) ? undefined : judging,
      )
    })
  }

  /** Reads these of one; as the settings say where they say the same. */
  async selectNamespaces(context: string, namespaces: readonly string[]): Promise<ClusterState> {
    const session = this.all.find(each => each.context === context)
    if (!session) return this.state
    const others = (this.choice?.namespaces ?? []).filter(each => !isSame(each, session.choice))
    const asConfigured = isDeepStrictEqual(namespaces, this.configured?.settings.namespaces)
    const chosen = asConfigured ? others : [...others, { ...session.choice, namespaces }]
    const { namespaces: _, ...rest } = this.choice ?? {}
    const choice = { ...rest, ...(chosen.length > 0 ? { namespaces: chosen } : {}) }
    this.choice = Object.keys(choice).length > 0 ? choice : undefined
    await this.follow()
    await session.ready()
    return session.state
  }

  /** Somebody is back: see `Resume`. */
  resume(): void {
    for (const session of this.all) session.resume()
  }

  /** Reads this one anew, or all. */
  async refresh(context: string | undefined): Promise<ClusterState> {
    this.wanted = true
    const before = new Set(this.all)
    await this.follow()
    const named = this.all.filter(each => context === undefined || each.context === context)
    await Promise.all(named.map(each => (before.has(each) ? each.refresh() : each.ready())))
    return (context === undefined ? undefined : named[0]?.state) ?? this.state
  }

  async contexts(): Promise<Answer<readonly ContextInfo[]>> {
    if (this.isUntrusted) return { ok: false, problem: explainProblem({ kind: 'untrusted-workspace' }) }
    const { listContexts } = await import('../cluster/index.ts')
    return listContexts(this.configured?.settings.kubeconfig, [...this.otherFiles])
  }

  /** The open clusters as rows; why there are none where none is. */
  rows(): Answer<readonly ClusterRow[]> {
    if (this.all.length === 0) return { ok: false, problem: this.problem }
    return {
      ok: true,
      value: this.all.map(each =>
        clusterRow(each.described, each === this.judging, each.world && clusterFacts(each.mesh), this.all.length === 1),
      ),
    }
  }

  /** Children of a row, the clusters for none. */
  children(parent: string | undefined, context: string | undefined, asked: MeshQuestion = {}): Answer<readonly MeshRow[]> {
    if (parent === undefined) return this.rows()
    const session = this.of(context)
    return session.ok ? session.value.rows(parent, asked) : session
  }

  dispose(): void {
    for (const session of this.all) session.close()
    this.all = []
    this.judging = undefined
  }

  private get isUntrusted(): boolean {
    return this.configured?.trusted === false
  }

  /** One after the other, or an older wish would win. */
  private inTurn(step: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(step).catch((error: unknown) => this.options.log(`cluster: ${error instanceof Error ? error.stack : error}`))
    return this.turn
  }

  private follow(): Promise<void> {
    return this.inTurn(() => this.reconcile())
  }

  private failed(): ReadonlySet<ClusterSession> {
    return new Set(this.all.filter(({ state }) => state.kind === 'failed'))
  }

  /** Somebody chose: `choose` says what, and why it cannot be. */
  private change(choose: () => Promise<Problem | undefined>): Promise<void> {
    this.wanted = true
    return this.inTurn(async () => this.reconcile(await choose()))
  }

  private choose(open: readonly OneContext[], judging: OneContext | undefined): void {
    const { namespaces } = this.choice ?? {}
    this.choice = { open, ...(judging ? { judging } : {}), ...(namespaces ? { namespaces } : {}) }
    this.restored = true
    this.offer(open)
  }

  private offer(open: readonly OneContext[]): void {
    for (const { kubeconfig } of open) if (kubeconfig) this.otherFiles.add(kubeconfig)
  }

  /** What is open, or will be once somebody looks. */
  private current(): { readonly open: readonly OneContext[]; readonly judging?: OneContext } {
    const { choice, all, judging } = this
    if (choice?.open) return { open: choice.open, ...(choice.judging ? { judging: choice.judging } : {}) }
    return { open: all.map(session => session.choice), ...(judging ? { judging: judging.choice } : {}) }
  }

  private async nameOf({ context, kubeconfig }: ContextChoice): Promise<Answer<OneContext | undefined>> {
    if (context === null) return { ok: true, value: undefined }
    const file = kubeconfig ? { kubeconfig } : {}
    if (context !== undefined) return { ok: true, value: { context, ...file } }
    const { currentContext } = await import('../cluster/index.ts')
    const name = await currentContext(kubeconfig ?? this.configured?.settings.kubeconfig)
    return name.ok ? { ok: true, value: { context: name.value, ...file } } : name
  }

  private async wantedNow(): Promise<Wanted> {
    const { configured, wanted } = this
    const off = { open: [], problem: { kind: 'not-connected' } } as const
    if (!configured) return off
    if (!configured.trusted) return { open: [], problem: { kind: 'untrusted-workspace' } }
    if (!wanted) return off
    const { open, judging } = await this.existing()
    if (open) return { ...off, open, ...(judging ? { judging } : {}) }
    if (configured.settings.cluster === 'off') return off
    const { context } = configured.settings
    const named = await this.nameOf(context === undefined ? {} : { context })
    if (!named.ok) return { open: [], problem: named.problem }
    return named.value ? { open: [named.value], judging: named.value, problem: off.problem } : off
  }

  /** The choice without what has gone since the last time, as the file of a demo mesh that ended. */
  private async existing(): Promise<ClusterChoice> {
    const { choice } = this
    if (!choice?.open || this.restored) return choice ?? {}
    const { isThere } = await import('../cluster/index.ts')
    const there = await Promise.all(choice.open.map(({ kubeconfig }) => kubeconfig === undefined || isThere(kubeconfig)))
    const open = choice.open.filter((_, index) => there[index])
    const { open: _, judging, ...rest } = choice
    if (open.length === 0 && choice.open.length > 0) this.choice = rest
    else
      this.choose(
        open,
        open.find(each => isSame(each, judging)),
      )
    this.restored = true
    return this.choice ?? {}
  }

  /** Makes what is open what should be. */
  private async reconcile(failure?: Problem): Promise<void> {
    const { open, judging, problem } = await this.wantedNow()
    const settings = this.configured?.settings
    const left = this.all.filter(session => !open.some(one => this.is(session, one)))
    for (const session of left) session.close()
    const sessions: ClusterSession[] = this.all.filter(session => !left.includes(session))
    for (const one of open) if (!sessions.some(each => this.is(each, one))) sessions.push(this.sessionOf(one, sessions))
    const place = (session: ClusterSession) => open.findIndex(one => this.is(session, one))
    this.all = sessions.toSorted((a, b) => place(a) - place(b))
    this.judging = judging && this.all.find(each => this.is(each, judging))
    this.problem = failure ?? ('message' in problem ? problem : explainProblem(problem))
    for (const session of this.all) session.readNamespaces(this.namespacesOf(session.choice, settings?.namespaces ?? []))
    if (isDeepStrictEqual(this.described, this.told)) return
    this.told = this.described
    this.options.onState()
  }

  private sessionOf(choice: OneContext, others: readonly ClusterSession[]): ClusterSession {
    const { settings } = this.configured ?? {}
    const kubeconfig = choice.kubeconfig ?? settings?.kubeconfig
    const { log, allowProgram, onState, onWorld } = this.options
    return new ClusterSession({
      context: handleOf(choice, kubeconfig, new Set(others.map(({ context }) => context))),
      choice,
      namespaces: this.namespacesOf(choice, settings?.namespaces ?? []),
      log,
      onState,
      onWorld,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(allowProgram ? { allowProgram } : {}),
    })
  }

  private namespacesOf(choice: OneContext, configured: readonly string[]): readonly string[] {
    return this.choice?.namespaces?.find(each => isSame(each, choice))?.namespaces ?? configured
  }

  /** Also whether the configured kubeconfig is still the one that the session reads. */
  private is(session: ClusterSession, one: OneContext): boolean {
    const kubeconfig = one.kubeconfig ?? this.configured?.settings.kubeconfig
    return isSame(session.choice, one) && session.commandLine.kubeconfig === kubeconfig
  }
}

/** Chosen again, what failed before is tried anew: the file or the network may have been repaired. */
async function arrival(session: ClusterSession | undefined, failed: ReadonlySet<ClusterSession>): Promise<void> {
  if (session && failed.has(session)) await session.refresh()
  else await session?.ready()
}

function isSame(a: OneContext | undefined, b: OneContext | undefined): boolean {
  return a?.context === b?.context && a?.kubeconfig === b?.kubeconfig
}

/** `demo`; where a context of that name is open from another kubeconfig, `demo (/tmp/kubeconfig)`. */
function handleOf({ context }: OneContext, kubeconfig: string | undefined, taken: ReadonlySet<string>): string {
  if (!taken.has(context)) return context
  const named = `${context} (${kubeconfig ?? 'the default kubeconfig'})`
  let handle = named
  for (let count = 2; taken.has(handle); count += 1) handle = `${named} ${count}`
  return handle
}

function closed(context: string): Problem {
  return explainProblem({ kind: 'closed-cluster', context })
}
