// The Certificates view. Every certificate is read from a proxy, so proxies are asked a page at a time, and only while somebody looks; what is
// known is shown as it comes.
import {
  CancellationTokenSource,
  commands,
  type Disposable,
  EventEmitter,
  type Memento,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  window,
} from 'vscode'
import { GetCertificates, GetPodCertificates, ReadCertificates } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Server } from '../../server.ts'
import { welcomeExplains } from '../../state.ts'
import { visible } from '../../text.ts'
import { showState } from '../showState.ts'
import { treeItem } from '../treeItem.ts'
import { certificatesItem } from './item.ts'
import { overdueBadge } from './overdue.ts'
import { type CertificateRow, type CertificatesRow, certificateRows, type MoreRow, pageRows, rowsOf } from './rows.ts'
import { type CertificatesShown, readShown, shownWords } from './view.ts'

const remembered = 'istioSecurity.certificatesView'
// A pod that comes or goes costs a read of its proxy; busy clusters see many a minute.
const msBetweenReads = 10_000
const msBetweenRefreshes = 500
// Only what is old by then is read again.
const msUntilLookedAgain = 60_000

/** A question that is being asked. */
interface Reading {
  readonly about: string
  readonly source: CancellationTokenSource
  /** False where something changed meanwhile. */
  once: boolean
}

export class CertificatesView implements TreeDataProvider<CertificatesRow>, Disposable {
  readonly #changes = new EventEmitter<undefined>()
  readonly #server: Server
  readonly #memory: Memento
  readonly #view: TreeView<CertificatesRow>
  readonly #parts: readonly Disposable[]
  readonly #showSoon = coalesce(() => this.#show(), msBetweenRefreshes)
  readonly #limits = new Map<string, number>()
  readonly #clock: ReturnType<typeof setInterval>
  #shown: CertificatesShown
  #reading: Reading | undefined
  /** Somebody cancelled: proxies are left alone until they say otherwise. */
  #stopped = false
  /** What was shown last: while nothing can be asked, nothing is known to be gone. */
  #rows: readonly CertificatesRow[] = []

  readonly onDidChangeTreeData = this.#changes.event

  constructor(server: Server, memory: Memento) {
    this.#server = server
    this.#memory = memory
    this.#shown = readShown(memory.get(remembered))
    this.#view = window.createTreeView('istioSecurity.certificates', { treeDataProvider: this, showCollapseAll: true })
    const readSoon = coalesce(() => void this.#read(), msBetweenReads)
    const stateChanged = coalesce(() => this.#look(), 1_000)
    this.#clock = setInterval(() => void this.#read(), msUntilLookedAgain)
    this.#parts = [
      this.#changes,
      this.#view,
      this.#showSoon,
      readSoon,
      stateChanged,
      server.onCertificates(this.#showSoon),
      server.onClusters(stateChanged),
      server.onMeshChange(kinds => {
        if (kinds.includes('Pod')) readSoon()
      }),
      this.#view.onDidChangeVisibility(({ visible: isVisible }) => (isVisible ? this.#look() : this.#cancel())),
    ]
    this.#describe()
  }

  get onDidChangeVisibility() {
    return this.#view.onDidChangeVisibility
  }

  get shown(): CertificatesShown {
    return this.#shown
  }

  /** The row that somebody chose, for commands without one. */
  get selected(): CertificatesRow | undefined {
    return this.#view.selection[0]
  }

  show(shown: CertificatesShown): void {
    this.#shown = shown
    void this.#memory.update(remembered, shown)
    this.#look()
  }

  /** Asks every proxy of the view again. */
  refresh(): void {
    this.#stopped = false
    this.#show()
    void this.#read(true)
  }

  loadMore({ context, limit }: MoreRow): void {
    this.#limits.set(context, limit)
    this.#stopped = false
    this.#look()
  }

  /** Asks no further proxy until somebody wants to. */
  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#show()
  }

  continue(): void {
    this.#stopped = false
    this.#look()
  }

  getTreeItem(row: CertificatesRow): TreeItem {
    return treeItem(certificatesItem(row))
  }

  async getChildren(parent?: CertificatesRow): Promise<CertificatesRow[]> {
    switch (parent?.kind) {
      case undefined:
        return [...(await this.#roots())]
      case 'cluster':
        return [...pageRows(parent.page, this.#stopped)]
      case 'certificates':
      case 'authority':
        return [...rowsOf(parent.rows, parent.context)]
      case 'certificate':
        return [...(await this.#pods(parent))]
      default:
        return []
    }
  }

  dispose(): void {
    clearInterval(this.#clock)
    this.#cancel()
    for (const part of this.#parts) part.dispose()
  }

  get #question() {
    return { ...this.#shown, limits: Object.fromEntries(this.#limits) }
  }

  #look(): void {
    this.#show()
    void this.#read()
  }

  #show(): void {
    this.#describe()
    if (this.#view.visible) this.#changes.fire(undefined)
  }

  #cancel(): void {
    this.#reading?.source.cancel()
    this.#reading = undefined
  }

  /**
   * Another question takes the place of the one that is asked: what that has read is known by then. The same one is asked once more at the end,
   * so that in a cluster where pods come and go all the time slow proxies get to answer too.
   */
  async #read(again = false): Promise<void> {
    if (!this.#view.visible || this.#stopped) return
    const { filter, limits } = this.#question
    const about = JSON.stringify({ filter, limits })
    if (this.#reading?.about === about && !again) {
      this.#reading.once = false
      return
    }
    this.#cancel()
    const reading: Reading = { about, source: new CancellationTokenSource(), once: true }
    this.#reading = reading
    const question = { ...this.#question, again }
    await window.withProgress({ location: { viewId: 'istioSecurity.certificates' } }, () =>
      this.#server.ask(client => client.sendRequest(ReadCertificates, question, reading.source.token)),
    )
    if (this.#reading !== reading) return
    this.#reading = undefined
    this.#show()
    if (!reading.once) void this.#read()
  }

  async #roots(): Promise<readonly CertificatesRow[]> {
    const answer = await this.#server.ask(client => client.sendRequest(GetCertificates, this.#question))
    if (answer.ok) {
      this.#rows = certificateRows(answer.value, this.#stopped, this.#shown.filter)
      // A filter hides what is overdue, and does not renew it.
      if (this.#shown.filter === undefined) this.#view.badge = overdueBadge(answer.value)
    } else if (welcomeExplains(this.#server.state)) this.#rows = []
    else if (answer.problem.kind !== 'cancelled')
      this.#rows = [{ kind: 'problem', id: 'problem', message: answer.problem.message, remedy: answer.problem.remedy }]
    void commands.executeCommand('setContext', 'istioSecurity.noCertificates', answer.ok && this.#rows.length === 0)
    return this.#rows
  }

  async #pods({ several, context, id, pods }: CertificateRow): Promise<readonly CertificatesRow[]> {
    if (several === undefined) return []
    const answer = await this.#server.ask(client => client.sendRequest(GetPodCertificates, { workload: several, context }))
    // The row itself says how many were read.
    if (answer.ok && answer.value.length > (pods?.read ?? 0)) this.#showSoon()
    if (answer.ok) return rowsOf(answer.value, context)
    return [{ kind: 'problem', id: `${context} ${id}/problem`, message: answer.problem.message, remedy: answer.problem.remedy }]
  }

  #describe(): void {
    showState(this.#view, this.#server.clusters)
    // One cluster has no row of its own that would name it.
    const [only, ...others] = this.#server.clusters?.open ?? []
    const context = only && others.length === 0 && 'server' in only.state ? [only.context] : []
    const words = [...context, shownWords(this.#shown)].filter(each => each !== '').join(' · ')
    if (words) this.#view.description = visible(words)
    void commands.executeCommand('setContext', 'istioSecurity.certificatesFiltered', this.#shown.filter !== undefined)
  }
}
