// The Workloads view: namespaces, workloads, pods. Asks the server for each row when it is opened and keeps nothing.
import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem, type TreeView, window } from 'vscode'
import { GetMeshNodes, type MeshRow } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Server } from '../../server.ts'
import { welcomeExplains } from '../../state.ts'
import type { ProblemNode } from '../item.ts'
import { showState } from '../showState.ts'
import { treeItem } from '../treeItem.ts'
import { workloadsItem } from './item.ts'

type Row = MeshRow | ProblemNode

export class WorkloadsView implements TreeDataProvider<Row>, Disposable {
  readonly #changes = new EventEmitter<undefined>()
  readonly #server: Server
  readonly #view: TreeView<Row>
  readonly #parts: readonly Disposable[]

  readonly onDidChangeTreeData = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    this.#view = window.createTreeView('istioSecurity.workloads', { treeDataProvider: this, showCollapseAll: true })
    const refreshSoon = coalesce(() => this.refresh(), 250)
    this.#parts = [this.#changes, this.#view, refreshSoon, server.onMeshChange(refreshSoon), server.onState(refreshSoon)]
  }

  get onDidChangeVisibility() {
    return this.#view.onDidChangeVisibility
  }

  refresh(): void {
    showState(this.#view, this.#server.state)
    this.#changes.fire(undefined)
  }

  getTreeItem(row: Row): TreeItem {
    return treeItem(workloadsItem(row))
  }

  async getChildren(parent?: Row): Promise<Row[]> {
    if (parent?.kind === 'problem') return []
    const below = parent ? { parent: parent.id, context: parent.context } : {}
    const answer = await this.#server.ask(client => client.sendRequest(GetMeshNodes, below))
    if (answer.ok) return [...answer.value]
    if (!parent && welcomeExplains(this.#server.state)) return []
    const { message, remedy } = answer.problem
    return [{ kind: 'problem', id: `${parent?.id ?? ''}/problem`, message, remedy }]
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose()
  }
}
