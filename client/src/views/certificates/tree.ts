// The Certificates view. Every certificate is read from a proxy, so it reads a page at a time, and only while somebody looks.
import {
  CancellationTokenSource,
  commands,
  type Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  window,
} from 'vscode'
import { GetCertificates } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Server } from '../../server.ts'
import { welcomeExplains } from '../../state.ts'
import { showState } from '../showState.ts'
import { treeItem } from '../treeItem.ts'
import { type CertificatesRow, certificateRows, certificatesItem } from './item.ts'

const pageSize = 50
// A pod that comes or goes costs a read of its proxy; busy clusters see many a minute.
const msBetweenReads = 10_000

export class CertificatesView implements TreeDataProvider<CertificatesRow>, Disposable {
  readonly #changes = new EventEmitter<undefined>()
  readonly #server: Server
  readonly #view: TreeView<CertificatesRow>
  readonly #parts: readonly Disposable[]
  #limit = pageSize
  #reading = new CancellationTokenSource()
  /** What was read last: a reading that is cut short (the view was hidden) leaves it as it is, for nothing is known to be gone. */
  #rows: readonly CertificatesRow[] = []

  readonly onDidChangeTreeData = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    this.#view = window.createTreeView('istioSecurity.certificates', { treeDataProvider: this, showCollapseAll: true })
    const refreshSoon = coalesce(() => this.refresh(), msBetweenReads)
    const stateChanged = coalesce(() => this.refresh(), 1_000)
    this.#parts = [
      this.#changes,
      this.#view,
      refreshSoon,
      stateChanged,
      server.onState(stateChanged),
      server.onMeshChange(kinds => {
        if (kinds.includes('Pod')) refreshSoon()
      }),
      this.#view.onDidChangeVisibility(({ visible }) => (visible ? this.refresh() : this.#reading.cancel())),
    ]
  }

  get onDidChangeVisibility() {
    return this.#view.onDidChangeVisibility
  }

  refresh(): void {
    showState(this.#view, this.#server.state)
    if (this.#view.visible) this.#changes.fire(undefined)
  }

  loadMore(): void {
    this.#limit += pageSize
    this.refresh()
  }

  getTreeItem(row: CertificatesRow): TreeItem {
    return treeItem(certificatesItem(row))
  }

  async getChildren(parent?: CertificatesRow): Promise<CertificatesRow[]> {
    if (parent) return parent.kind === 'group' ? [...parent.certificates] : []
    this.#reading.cancel()
    const reading = new CancellationTokenSource()
    this.#reading = reading
    const answer = await window.withProgress({ location: { viewId: 'istioSecurity.certificates' } }, () =>
      this.#server.ask(client => client.sendRequest(GetCertificates, { limit: this.#limit }, reading.token)),
    )
    if (answer.ok) this.#rows = certificateRows(answer.value, pageSize, Date.now())
    else if (welcomeExplains(this.#server.state)) this.#rows = []
    else if (answer.problem.kind !== 'cancelled')
      this.#rows = [{ kind: 'problem', id: 'problem', message: answer.problem.message, remedy: answer.problem.remedy }]
    // While proxies are still being read, an empty view is not one without certificates.
    void commands.executeCommand('setContext', 'istioSecurity.noCertificates', answer.ok && this.#rows.length === 0)
    return [...this.#rows]
  }

  dispose(): void {
    this.#reading.cancel()
    for (const part of this.#parts) part.dispose()
  }
}
