// The last explanation, as a read-only document: for reading beside the log, for copying, and with links to the policies it names.
import {
  Disposable,
  DocumentLink,
  type DocumentLinkProvider,
  EventEmitter,
  languages,
  Range,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode'
import type { DenialExplanation } from '../../../../server/src/protocol.ts'
import { fragmentOf, linksIn } from './links.ts'

const scheme = 'istio-security-explanation'
// The ending makes it a language of its own, whose long sentences wrap.
const uri = Uri.from({ scheme, path: '/Denial.istio-explanation' })

export class ExplanationText implements TextDocumentContentProvider, DocumentLinkProvider, Disposable {
  readonly #changes = new EventEmitter<Uri>()
  readonly #registrations: Disposable
  #shown: DenialExplanation | undefined

  readonly onDidChange = this.#changes.event

  constructor() {
    this.#registrations = Disposable.from(
      workspace.registerTextDocumentContentProvider(scheme, this),
      languages.registerDocumentLinkProvider({ scheme }, this),
    )
  }

  /** Beside what is read now, or where the last one is still shown. */
  async show(explanation: DenialExplanation): Promise<void> {
    this.#shown = explanation
    this.#changes.fire(uri)
    const shown = window.visibleTextEditors.find(({ document }) => document.uri.scheme === scheme)
    const top = new Range(0, 0, 0, 0)
    await window.showTextDocument(uri, { viewColumn: shown?.viewColumn ?? ViewColumn.Beside, preview: true, selection: top })
  }

  provideTextDocumentContent(): string {
    return this.#shown?.text ?? ''
  }

  provideDocumentLinks(document: TextDocument): DocumentLink[] {
    return linksIn(document.getText(), this.#shown?.places ?? []).map(({ line, start, end, place }) => {
      const link = new DocumentLink(new Range(line, start, line, end), Uri.parse(place.uri).with({ fragment: fragmentOf(place) }))
      link.tooltip = 'Go to policy'
      return link
    })
  }

  dispose(): void {
    this.#registrations.dispose()
    this.#changes.dispose()
  }
}
