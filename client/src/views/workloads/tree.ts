// The Workloads view: clusters, namespaces or groups, workloads, pods. Asks the server for the children of a row when it is opened, and again for
// the open ones when the mesh changed; the tree is told only what is other than before.
import { commands, type Disposable, EventEmitter, type Memento, type TreeDataProvider, type TreeItem, type TreeView, window } from 'vscode'
import {
  type CertificateNode,
  GetMeshNodes,
  GetPodCertificates,
  type MeshRow,
  type MeshRowPath,
  type MeshView,
  type WorkloadRow,
} from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Outcome, Server } from '../../server.ts'
import { welcomeExplains } from '../../state.ts'
import { visible } from '../../text.ts'
import { rowKey } from '../rows.ts'
import { showState } from '../showState.ts'
import { treeItem } from '../treeItem.ts'
import { workloadsItem } from './item.ts'
import { type Change, KnownRows } from './knownRows.ts'
import { type MoreRow, type WorkloadsRow, withEmpty } from './rows.ts'
import { isFiltered, readView, viewWords } from './view.ts'

const msBetweenRefreshes = 250
const remembered = 'istioSecurity.workloadsView'

export class WorkloadsView implements TreeDataProvider<WorkloadsRow>, Disposable {
  readonly #changes = new EventEmitter<WorkloadsRow | WorkloadsRow[] | undefined>()
  readonly #server: Server
  readonly #memory: Memento
  readonly #view: TreeView<WorkloadsRow>
  readonly #parts: readonly Disposable[]
  readonly #known = new KnownRows()
  /** Of rows with many children how many are shown, by the key of the row; absent: the first page. */
  readonly #limits = new Map<string, number>()
  /** Whose children were read since the mesh changed last. */
  readonly #fresh = new Set<string>()
  readonly #reading = new Set<string>()
  readonly #followSoon = coalesce(() => void this.#follow(), msBetweenRefreshes)
  /** Counts what may have made answers old. */
  #age = 0
  /** What the proxies of the pods presented, by the key of the pod's row. */
  readonly #certificates = new Map<string, CertificateNode>()
  #shown: MeshView

  readonly onDidChangeTreeData = this.#changes.event

  constructor(server: Server, memory: Memento) {
    this.#server = server
    this.#memory = memory
    this.#shown = readView(memory.get(remembered))
    this.#view = window.createTreeView('istioSecurity.workloads', { treeDataProvider: this, showCollapseAll: true })
    this.#parts = [
      this.#changes,
      this.#view,
      this.#followSoon,
      server.onMeshChange(() => this.#followSoon()),
      server.onClusters(() => this.#followSoon()),
      this.#view.onDidChangeVisibility(({ visible: isVisible }) => {
        if (isVisible) this.#followSoon()
      }),
      this.#view.onDidCollapseElement(({ element }) => this.#close(element)),
      // What was opened before and closed since may be old.
      this.#view.onDidExpandElement(({ element }) => {
        if (!this.#known.isOpen(element) && !this.#reading.has(keyOf(element))) this.#changes.fire(element)
      }),
    ]
    this.#describe()
  }

  get onDidChangeVisibility() {
    return this.#view.onDidChangeVisibility
  }

  /** What is shown, and gathered by what. */
  get shown(): MeshView {
    return this.#shown
  }

  /** The row that somebody selected, as long as it can be seen. */
  get selected(): WorkloadsRow | undefined {
    return this.#view.visible ? this.#view.selection[0] : undefined
  }

  show(view: MeshView): void {
    this.#shown = view
    this.#limits.clear()
    void this.#memory.update(remembered, view)
    this.refresh()
  }

  showMore({ below, context, limit }: MoreRow): void {
    this.#limits.set(`${context} ${below ?? `cluster/${context}`}`, limit)
    void this.#follow()
  }

  refresh(): void {
    this.#describe()
    this.#fresh.clear()
    this.#changes.fire(undefined)
  }

  /** Selects a workload; a filter that hides it is taken away. */
  async reveal({ steps, shown }: MeshRowPath): Promise<void> {
    const { group } = this.#shown
    if (!shown) this.show(group && steps.some(({ row }) => row.kind === 'group') ? { group } : {})
    for (const [index, { limit }] of steps.entries()) {
      const above = steps[index - 1]
      if (above) this.#limits.set(rowKey(above.row), Math.max(limit, this.#limits.get(rowKey(above.row)) ?? 0))
    }
    const element = this.#known.lead(steps.map(({ row }) => row))
    if (element) await this.#view.reveal(element, { select: true, focus: true, expand: true })
  }

  getTreeItem(element: WorkloadsRow): TreeItem {
    const row = this.#known.current(element)
    return treeItem({ ...workloadsItem(row, this.#certificates.get(rowKey(row))), id: rowKey(row) })
  }

  getParent(element: WorkloadsRow): WorkloadsRow | undefined {
    return this.#known.parentOf(element)
  }

  async getChildren(parent?: WorkloadsRow): Promise<WorkloadsRow[]> {
    if (!this.#fresh.has(keyOf(parent)) || !this.#known.isOpen(parent)) {
      const age = this.#age
      this.#reading.add(keyOf(parent))
      this.#known.take(parent, await this.#ask(parent))
      this.#reading.delete(keyOf(parent))
      if (age !== this.#age) this.#followSoon()
      if (parent?.kind === 'workload') void this.#readCertificates(parent)
    }
    return [...this.#known.children(parent)]
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose()
  }

  /** Reads the open rows again, and tells the tree what is other than before. A view that nobody sees is read when it is seen. */
  async #follow(): Promise<void> {
    this.#describe()
    this.#age++
    this.#fresh.clear()
    if (!this.#view.visible) return
    const { open } = this.#known
    const answers = await Promise.all(open.map(async parent => ({ parent, rows: await this.#ask(parent) })))
    // One that was closed, or went with its parent, while its children were read is not opened by that.
    const changes = answers.flatMap(({ parent, rows }) => (this.#known.isOpen(parent) ? (this.#known.take(parent, rows) ?? []) : []))
    if (open.length === 0) this.#changes.fire(undefined)
    else if (changes.length > 0) this.#tell(changes)
    for (const change of changes) if (change.kind === 'below' && change.row?.kind === 'workload') void this.#readCertificates(change.row)
  }

  #close(element: WorkloadsRow): void {
    for (const child of this.#known.children(element)) this.#certificates.delete(rowKey(child))
    this.#known.close(element)
  }

  /** Because somebody opened the row: each costs a question to a proxy. The pods are shown meanwhile. */
  async #readCertificates(parent: WorkloadRow): Promise<void> {
    const workload = parent.id.replace(/^workload/, 'certificate')
    const answer = await this.#server.ask(client => client.sendRequest(GetPodCertificates, { workload, context: parent.context }))
    if (!answer.ok) return
    const certificates = new Map(answer.value.map(each => [`${each.pod.namespace}/${each.pod.name}`, each]))
    const changed = this.#known.children(parent).filter(child => {
      const certificate = child.kind === 'pod' ? certificates.get(`${child.namespace}/${child.name}`) : undefined
      if (certificate) this.#certificates.set(rowKey(child), certificate)
      return certificate
    })
    if (changed.length > 0) this.#changes.fire([...changed])
  }

  #tell(changes: readonly Change[]): void {
    const rows = changes.flatMap((change): readonly (WorkloadsRow | undefined)[] => (change.kind === 'rows' ? change.rows : [change.row]))
    if (rows.includes(undefined)) this.#changes.fire(undefined)
    else this.#changes.fire([...new Set(rows.filter(row => row !== undefined))])
  }

  async #ask(parent: WorkloadsRow | undefined): Promise<readonly WorkloadsRow[]> {
    if (parent?.kind === 'problem' || parent?.kind === 'empty' || parent?.kind === 'more') return []
    const limit = this.#limits.get(keyOf(parent))
    const asked = { view: this.#shown, ...(limit ? { limit } : {}), ...(parent ? { parent: parent.id, context: parent.context } : {}) }
    const answer = await this.#server.ask(client => client.sendRequest(GetMeshNodes, asked))
    this.#fresh.add(keyOf(parent))
    // What keeps the only cluster away is told by the welcome view, which can offer more than a row.
    if (!parent && this.#isWelcomed(answer)) return []
    if (answer.ok) return withEmpty(parent, answer.value, this.#shown)
    const { message, remedy } = answer.problem
    return [{ kind: 'problem', id: `${keyOf(parent)}/problem`, message, remedy }]
  }

  /** The welcome view tells of the cluster that files are judged against, and that nothing is known of it yet. */
  #isWelcomed(answer: Outcome<readonly MeshRow[]>): boolean {
    const [first, ...others] = answer.ok ? answer.value : []
    const alone = !first || (others.length === 0 && first.kind === 'cluster' && first.judging)
    const { state } = this.#server
    return alone && (state ? welcomeExplains(state) : !answer.ok)
  }

  #describe(): void {
    const said = { description: '', message: '' }
    showState(said, this.#server.clusters)
    this.#view.description = said.description
    // The title has no room for the filter beside its buttons.
    this.#view.message = [visible(viewWords(this.#shown)), said.message].filter(Boolean).join('\n')
    void commands.executeCommand('setContext', 'istioSecurity.workloadsFiltered', isFiltered(this.#shown))
  }
}

function keyOf(row: WorkloadsRow | undefined): string {
  return row ? rowKey(row) : ''
}
