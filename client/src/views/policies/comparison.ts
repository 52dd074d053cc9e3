// Open Diff: what the cluster has on the left, the document of the file on the right.
import { commands, type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode'
import { CompareWithCluster, type Comparison, type PolicySubject } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Server } from '../../server.ts'
import { visible } from '../../text.ts'

const scheme = 'istio-security-diff'
const msBetweenReadings = 2_000

type Side = 'cluster' | 'file'

/** Texts of both sides, asked anew each time. */
export class Comparisons implements TextDocumentContentProvider, Disposable {
  readonly #server: Server
  readonly #changes = new EventEmitter<Uri>()
  readonly #parts: readonly Disposable[]

  readonly onDidChange = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    const refreshSoon = coalesce(() => this.refresh(), msBetweenReadings)
    this.#parts = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      this.#changes,
      refreshSoon,
      server.onMeshChange(refreshSoon),
      server.onWorldChange(refreshSoon),
    ]
  }

  /** Tells where there is nothing to compare. */
  async open(subject: PolicySubject): Promise<void> {
    const answer = await this.#read(subject)
    if (!answer.ok) {
      void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
      return
    }
    const { context, object, file, uri, document } = answer.value
    // A file of several documents shows its own text for this one, which the file itself is not.
    const right = document === undefined ? Uri.parse(uri) : sideOf(subject, 'file', answer.value)
    const title = visible(`${object}: ${context} ↔ ${file}`)
    await commands.executeCommand('vscode.diff', sideOf(subject, 'cluster', answer.value), right, title)
  }

  refresh(): void {
    for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme) this.#changes.fire(uri)
  }

  async provideTextDocumentContent({ query }: Uri): Promise<string> {
    const { subject, side } = JSON.parse(query) as { readonly subject: PolicySubject; readonly side: Side }
    const answer = await this.#read(subject)
    if (!answer.ok) return `# ${visible(answer.problem.message)}\n# ${visible(answer.problem.remedy)}\n`
    return side === 'cluster' ? answer.value.cluster : (answer.value.document ?? '')
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose()
  }

  #read(subject: PolicySubject) {
    return this.#server.ask(client => client.sendRequest(CompareWithCluster, subject))
  }
}

function sideOf(subject: PolicySubject, side: Side, { context, object, file }: Comparison): Uri {
  const segments = [side === 'cluster' ? context : file, `${object}.yaml`].map(each => visible(each).replaceAll('/', ' '))
  return Uri.from({ scheme, path: `/${segments.join('/')}`, query: JSON.stringify({ subject, side }) })
}
