// The Policies view: clusters, what policies are for, the policies, and what there is to say of each. Asks the server for each row when it is opened.
import { commands, type Disposable, EventEmitter, type Memento, type TreeDataProvider, type TreeItem, type TreeView, window } from 'vscode'
import { GetPolicyNodes, type PolicyRowPath, type PolicyRow as ServerRow } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Outcome, Server } from '../../server.ts'
import { welcomeExplains } from '../../state.ts'
import { visible } from '../../text.ts'
import { rowKey } from '../rows.ts'
import { showState } from '../showState.ts'
import { treeItem } from '../treeItem.ts'
import { policiesItem } from './item.ts'
import { type MorePoliciesRow, type PoliciesRow, withEmpty } from './rows.ts'

const msBetweenRefreshes = 500
const remembered = 'istioSecurity.policiesFilter'

export class PoliciesView implements TreeDataProvider<PoliciesRow>, Disposable {
  readonly #changes = new EventEmitter<PoliciesRow | undefined>()
  readonly #server: Server
  readonly #memory: Memento
  readonly #view: TreeView<PoliciesRow>
  readonly #parts: readonly Disposable[]
  readonly #parents = new Map<string, PoliciesRow>()
  /** Of rows with many children how many are shown, by the key of the row. */
  readonly #limits = new Map<string, number>()
  #filter: string
  /** It changed while nobody saw it. */
  #old = false

  readonly onDidChangeTreeData = this.#changes.event

  constructor(server: Server, memory: Memento) {
    this.#server = server
    this.#memory = memory
    this.#filter = memory.get<string>(remembered, '')
    this.#view = window.createTreeView('istioSecurity.policies', { treeDataProvider: this, showCollapseAll: true })
    const refreshSoon = coalesce(() => this.#follow(), msBetweenRefreshes)
    this.#parts = [
      this.#changes,
      this.#view,
      refreshSoon,
      server.onMeshChange(refreshSoon),
      server.onClusters(refreshSoon),
      server.onPolicyFacts(refreshSoon),
      server.onWorldChange(refreshSoon),
      this.#view.onDidChangeVisibility(({ visible: isVisible }) => {
        if (isVisible && this.#old) this.refresh()
      }),
    ]
    this.#describe()
  }

  get onDidChangeVisibility() {
    return this.#view.onDidChangeVisibility
  }

  get filter(): string {
    return this.#filter
  }

  /** The row that somebody chose, for commands without one. */
  get selected(): PoliciesRow | undefined {
    return this.#view.selection[0]
  }

  showOnly(filter: string): void {
    this.#filter = filter.trim()
    this.#limits.clear()
    void this.#memory.update(remembered, this.#filter)
    this.refresh()
  }

  showMore({ below, context, limit }: MorePoliciesRow): void {
    this.#limits.set(`${context} ${below ?? `cluster/${context}`}`, limit)
    this.refresh()
  }

  refresh(): void {
    this.#old = false
    this.#describe()
    this.#changes.fire(undefined)
  }

  /** Selects a policy; a filter, which may hide it, is taken away. */
  async reveal({ rows }: PolicyRowPath): Promise<void> {
    if (this.#filter !== '') this.showOnly('')
    for (const [index, row] of rows.entries()) {
      const above = rows[index - 1]
      if (above) this.#parents.set(rowKey(row), above)
      if (above) this.#limits.set(rowKey(above), Number.MAX_SAFE_INTEGER)
    }
    const last = rows.at(-1)
    if (last) await this.#view.reveal(last, { select: true, focus: true, expand: true })
  }

  getTreeItem(row: PoliciesRow): TreeItem {
    return treeItem({ ...policiesItem(row), id: rowKey(row) })
  }

  getParent(row: PoliciesRow): PoliciesRow | undefined {
    return this.#parents.get(rowKey(row))
  }

  async getChildren(parent?: PoliciesRow): Promise<PoliciesRow[]> {
    const rows = await this.#ask(parent)
    if (parent) for (const row of rows) this.#parents.set(rowKey(row), parent)
    return [...rows]
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose()
  }

  #follow(): void {
    this.#old = !this.#view.visible
    if (this.#old) this.#describe()
    else this.refresh()
  }

  async #ask(parent: PoliciesRow | undefined): Promise<readonly PoliciesRow[]> {
    if (parent?.kind === 'problem' || parent?.kind === 'empty') return []
    const limit = parent && this.#limits.get(rowKey(parent))
    const asked = {
      ...(this.#filter ? { text: this.#filter } : {}),
      ...(limit ? { limit } : {}),
      ...(parent ? { parent: parent.id, context: parent.context } : {}),
    }
    const answer = await this.#server.ask(client => client.sendRequest(GetPolicyNodes, asked))
    // What keeps the only cluster away is told by the welcome view, which can offer more than a row.
    if (!parent && this.#isWelcomed(answer)) return []
    if (answer.ok) return withEmpty(parent, answer.value, this.#filter)
    const { message, remedy } = answer.problem
    return [{ kind: 'problem', id: `${parent ? rowKey(parent) : ''}/problem`, message, remedy }]
  }

  #isWelcomed(answer: Outcome<readonly ServerRow[]>): boolean {
    const [first, ...others] = answer.ok ? answer.value : []
    const alone = !first || (others.length === 0 && first.kind === 'cluster' && first.judging)
    return alone && welcomeExplains(this.#server.state)
  }

  #describe(): void {
    showState(this.#view, this.#server.clusters)
    if (this.#filter !== '') this.#view.description = visible(`filter: "${this.#filter}"`)
    void commands.executeCommand('setContext', 'istioSecurity.policiesFiltered', this.#filter !== '')
  }
}
