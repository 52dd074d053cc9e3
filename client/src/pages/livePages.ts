// Editor tabs that show what the server answers now: one for each subject, with what their title bar can do with the one in front.
import { randomBytes } from 'node:crypto'
import { type CancellationToken, CancellationTokenSource, type Disposable, ThemeIcon, ViewColumn, type WebviewPanel, window } from 'vscode'
import { showLateProgress } from '../lateProgress.ts'
import type { Failure, Outcome } from '../server.ts'
import { visible } from '../text.ts'
import { LiveTexts, type TextAddress } from './liveTexts.ts'

/** One kind of page, of what it is about to what it says. The pages are finished HTML; `nonce`: fresh for each load, letters and digits. */
export interface PageKind<Subject, Answer extends { readonly text: string }> {
  readonly viewType: string
  /** Name of a codicon. */
  readonly icon: string
  /** The only ones that links of the page may run. */
  readonly commands: readonly string[]
  /** Of the text twin, which asks the same. */
  readonly address: TextAddress<Subject>
  /** The same for what shares a tab. */
  readonly keyOf: (subject: Subject) => string
  /** These two as plain text, in which names may be hostile. */
  readonly titleOf: (subject: Subject) => string
  readonly progressOf: (subject: Subject) => string
  readonly ask: (subject: Subject, token: CancellationToken) => Promise<Outcome<Answer>>
  readonly loadingPage: (subject: Subject, nonce: string) => string
  /** `tab` as it was before this answer. */
  readonly page: (answer: Answer, nonce: string, tab: Tab<Subject, Answer>) => string
  readonly problemPage: (subject: Subject, problem: Failure, nonce: string) => string
  /** Called when a read has ended, when the tab is shown or hidden, and when it is closed. `show`: another answer than that on the page. */
  readonly follow?: (tab: Tab<Subject, Answer>, show: (answer: Answer) => void) => void
}

export interface Tab<Subject, Answer> {
  readonly subject: Subject
  readonly panel: WebviewPanel
  /** The latest read; the next one and closing the tab cancel it. */
  reading: CancellationTokenSource
  /** Absent before the first answer, and where the latest read has none. */
  shown?: Answer
  closed: boolean
}

export class LivePages<Subject, Answer extends { readonly text: string }> implements Disposable {
  readonly #kind: PageKind<Subject, Answer>
  readonly #texts: LiveTexts<Subject>
  readonly #tabs = new Map<string, Tab<Subject, Answer>>()

  constructor(kind: PageKind<Subject, Answer>) {
    this.#kind = kind
    this.#texts = new LiveTexts(kind.address, kind.ask)
  }

  /** Shows what the server answers now; a failure is told by the page itself. */
  async open(subject: Subject): Promise<void> {
    const tab = this.#tabs.get(this.#kind.keyOf(subject)) ?? this.#create(subject)
    tab.panel.reveal()
    await this.#read(tab)
  }

  async refresh(): Promise<void> {
    const tab = this.#inFront()
    if (tab) await this.#read(tab)
  }

  async openText(): Promise<void> {
    const tab = this.#inFront()
    if (tab) await this.#texts.open(tab.subject)
  }

  /** What the page in front says; `undefined` where there is no page or no answer. */
  get shown(): Answer | undefined {
    return this.#inFront()?.shown
  }

  dispose(): void {
    for (const { panel } of this.#tabs.values()) panel.dispose()
    this.#texts.dispose()
  }

  #inFront(): Tab<Subject, Answer> | undefined {
    const tabs = [...this.#tabs.values()]
    return tabs.find(({ panel }) => panel.active) ?? tabs.find(({ panel }) => panel.visible)
  }

  #create(subject: Subject): Tab<Subject, Answer> {
    const { viewType, icon, commands, keyOf, titleOf } = this.#kind
    const panel = window.createWebviewPanel(viewType, visible(titleOf(subject)), ViewColumn.Active, {
      enableScripts: false,
      enableFindWidget: true,
      enableCommandUris: commands,
      localResourceRoots: [],
    })
    panel.iconPath = new ThemeIcon(icon)
    const tab: Tab<Subject, Answer> = { subject, panel, reading: new CancellationTokenSource(), closed: false }
    panel.onDidDispose(() => {
      tab.closed = true
      tab.reading.cancel()
      this.#tabs.delete(keyOf(subject))
      this.#follow(tab)
    })
    panel.onDidChangeViewState(() => this.#follow(tab))
    this.#tabs.set(keyOf(subject), tab)
    return tab
  }

  async #read(tab: Tab<Subject, Answer>): Promise<void> {
    const { ask, loadingPage, problemPage, progressOf } = this.#kind
    tab.reading.cancel()
    const reading = new CancellationTokenSource()
    tab.reading = reading
    if (!tab.shown) tab.panel.webview.html = loadingPage(tab.subject, nonce())
    const asked = ask(tab.subject, reading.token)
    showLateProgress(visible(progressOf(tab.subject)), asked, reading)
    const answer = await asked
    // A newer read, or a closed tab, has taken over.
    if (tab.closed || tab.reading !== reading) return
    if (answer.ok) this.#show(tab, answer.value)
    else {
      delete tab.shown
      tab.panel.webview.html = problemPage(tab.subject, answer.problem, nonce())
      this.#texts.refresh(tab.subject)
    }
    this.#follow(tab)
  }

  #show(tab: Tab<Subject, Answer>, answer: Answer): void {
    tab.panel.webview.html = this.#kind.page(answer, nonce(), tab)
    tab.shown = answer
    this.#texts.refresh(tab.subject)
  }

  #follow(tab: Tab<Subject, Answer>): void {
    this.#kind.follow?.(tab, answer => this.#show(tab, answer))
  }
}

function nonce(): string {
  return randomBytes(16).toString('hex')
}
