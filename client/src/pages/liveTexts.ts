// The text twins of pages: read-only documents for screen readers, for copying and for comparing. They ask anew and keep nothing.
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type TextDocumentContentProvider,
  type Uri,
  window,
  workspace,
} from 'vscode'
import type { Outcome } from '../server.ts'

/** Where the text of a subject stands. */
export interface TextAddress<Subject> {
  readonly scheme: string
  readonly uriOf: (subject: Subject) => Uri
  /** Of an address that `uriOf` made; `undefined` of any other. */
  readonly subjectOf: (uri: Uri) => Subject | undefined
}

type Ask<Subject> = (subject: Subject, token: CancellationToken) => Promise<Outcome<{ readonly text: string }>>

export class LiveTexts<Subject> implements TextDocumentContentProvider, Disposable {
  readonly #address: TextAddress<Subject>
  readonly #ask: Ask<Subject>
  readonly #changes = new EventEmitter<Uri>()
  readonly #registration: Disposable

  readonly onDidChange = this.#changes.event

  constructor(address: TextAddress<Subject>, ask: Ask<Subject>) {
    this.#address = address
    this.#ask = ask
    this.#registration = workspace.registerTextDocumentContentProvider(address.scheme, this)
  }

  async open(subject: Subject): Promise<void> {
    await window.showTextDocument(this.#address.uriOf(subject), { preview: true })
  }

  /** The page was read anew, so an open text is too. */
  refresh(subject: Subject): void {
    this.#changes.fire(this.#address.uriOf(subject))
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const subject = this.#address.subjectOf(uri)
    if (subject === undefined) return ''
    const answer = await this.#ask(subject, token)
    return answer.ok ? answer.value.text : `${answer.problem.message}\n${answer.problem.remedy}\n`
  }

  dispose(): void {
    this.#registration.dispose()
    this.#changes.dispose()
  }
}
