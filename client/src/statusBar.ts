// One item that says which cluster the live facts come from. Hidden until something of ours was seen: most YAML has nothing to do with us.
import { type Disposable, StatusBarAlignment, type StatusBarItem, type TextDocument, ThemeColor, window, workspace } from 'vscode'
import type { Server } from './server.ts'
import { isUnsafe, othersLines, statusLines, statusText } from './state.ts'
import { visible } from './text.ts'

const ours = /^[ \t{]*"?apiVersion"?[ \t]*:[ \t]*["']?[\w.]*istio\.io\//m

export class StatusBar implements Disposable {
  readonly #server: Server
  readonly #item: StatusBarItem
  readonly #watching: readonly Disposable[]
  #shown = false

  constructor(server: Server) {
    this.#server = server
    this.#item = window.createStatusBarItem('istioSecurity.mesh', StatusBarAlignment.Left)
    this.#item.name = 'Istio Security: Mesh'
    this.#item.command = 'istioSecurity.selectContext'
    this.#watching = [
      workspace.onDidOpenTextDocument(document => this.#look(document)),
      workspace.onDidSaveTextDocument(document => this.#look(document)),
      server.onClusters(() => this.#update()),
    ]
    this.#update()
    for (const document of workspace.textDocuments) this.#look(document)
  }

  /** Something of ours was seen: the item stays from now on. */
  show(): void {
    this.#shown = true
    this.#item.show()
  }

  dispose(): void {
    for (const part of this.#watching) part.dispose()
    this.#item.dispose()
  }

  #look(document: TextDocument): void {
    if (this.#shown || !['yaml', 'json', 'helm'].includes(document.languageId)) return
    if (ours.test(document.getText())) this.show()
  }

  #update(): void {
    const { clusters } = this.#server
    if (!clusters) {
      this.#item.text = 'Mesh: files only'
      this.#item.tooltip = 'Files are checked without live facts.'
      return
    }
    const { state } = clusters
    this.#item.text = visible(statusText(state, clusters.open.filter(({ context }) => context !== clusters.judging).length))
    this.#item.tooltip = [...statusLines(state), ...othersLines(clusters), 'Select to choose another context.'].map(visible).join('\n')
    this.#item.backgroundColor = isUnsafe(state) ? new ThemeColor('statusBarItem.warningBackground') : undefined
  }
}
