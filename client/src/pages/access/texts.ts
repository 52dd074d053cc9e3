// Who can call a workload, or what one can call, as read-only documents. They ask anew and keep nothing, and follow the mesh while they are shown.
import { type CancellationToken, Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode'
import type { WhoCanCallArguments } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import { isServed, type Server } from '../../server.ts'
import { visible } from '../../text.ts'

const scheme = 'istio-security-access'
/** Of somebody who types, not every key. */
const msBetweenReadings = 400

export class AccessTexts implements TextDocumentContentProvider, Disposable {
  readonly #server: Server
  readonly #changes = new EventEmitter<Uri>()
  readonly #subscriptions: Disposable
  readonly #refresh = coalesce(() => {
    for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme) this.#changes.fire(uri)
  }, msBetweenReadings)

  readonly onDidChange = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    this.#subscriptions = Disposable.from(
      workspace.registerTextDocumentContentProvider(scheme, this),
      server.onWorldChange(() => this.#refresh()),
      workspace.onDidChangeTextDocument(({ contentChanges, document }) => {
        if (contentChanges.length > 0 && isServed(document)) this.#refresh()
      }),
      this.#refresh,
    )
  }

  /** Tells where there is no answer. */
  async open(asked: WhoCanCallArguments): Promise<void> {
    const answer = await this.#server.whoCanCall(asked)
    if (!answer.ok) void window.showWarningMessage(`${answer.problem.message} ${answer.problem.remedy}`)
    else if ('problem' in answer.value) void window.showWarningMessage(visible(answer.value.problem))
    else await window.showTextDocument(uriOf(asked, answer.value.title), { preview: true })
  }

  async provideTextDocumentContent({ query }: Uri, token: CancellationToken): Promise<string> {
    const answer = await this.#server.whoCanCall(JSON.parse(query), token)
    if (!answer.ok) return `${answer.problem.message}\n${answer.problem.remedy}\n`
    return 'problem' in answer.value ? `${answer.value.problem}\n` : answer.value.text
  }

  dispose(): void {
    this.#subscriptions.dispose()
    this.#changes.dispose()
  }
}

/** `istio-security-access:/Who can call checkout.txt`, with what is asked as its query. */
function uriOf(asked: WhoCanCallArguments, title: string): Uri {
  return Uri.from({ scheme, path: `/${visible(title).replaceAll('/', ' ')}.txt`, query: JSON.stringify(asked) })
}
