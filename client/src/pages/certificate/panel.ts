// The editor tabs with certificate pages, one for each pod, and what their title bar can do with the page in front.
import { randomBytes } from 'node:crypto'
import { CancellationTokenSource, type Disposable, ThemeIcon, ViewColumn, type WebviewPanel, window } from 'vscode'
import { type CertificateInspection, InspectCertificate, type PodRef } from '../../../../server/src/protocol.ts'
import { showLateProgress } from '../../lateProgress.ts'
import type { Server } from '../../server.ts'
import { visible } from '../../text.ts'
import { identityOf, pemOf } from './copy.ts'
import { certificatePage, loadingPage, pageCommands, problemPage } from './page.ts'
import type { CertificateTexts } from './texts.ts'

interface Page {
  readonly pod: PodRef
  readonly panel: WebviewPanel
  reading: CancellationTokenSource
  shown?: CertificateInspection
}

export class CertificatePages implements Disposable {
  readonly #server: Server
  readonly #texts: CertificateTexts
  readonly #pages = new Map<string, Page>()

  constructor(server: Server, texts: CertificateTexts) {
    this.#server = server
    this.#texts = texts
  }

  /** Shows the certificate that the pod's proxy presents now; a failure is told by the page itself. */
  async open(pod: PodRef): Promise<void> {
    const page = this.#pages.get(keyOf(pod)) ?? this.#create(pod)
    page.panel.reveal()
    await this.#read(page)
  }

  async refresh(): Promise<void> {
    const page = this.#inFront()
    if (page) await this.#read(page)
  }

  async openText(): Promise<void> {
    const page = this.#inFront()
    if (page) await this.#texts.open(page.pod)
  }

  /** The identity on the page in front; `undefined` where there is none. */
  identity(): string | undefined {
    const shown = this.#inFront()?.shown
    return shown && identityOf(shown)
  }

  /** The chain on the page in front as PEM; `undefined` where there is none. */
  pem(): string | undefined {
    const shown = this.#inFront()?.shown
    return shown && pemOf(shown)
  }

  dispose(): void {
    for (const { panel } of this.#pages.values()) panel.dispose()
  }

  #inFront(): Page | undefined {
    const pages = [...this.#pages.values()]
    return pages.find(({ panel }) => panel.active) ?? pages.find(({ panel }) => panel.visible)
  }

  #create(pod: PodRef): Page {
    const panel = window.createWebviewPanel('istioSecurity.certificate', visible(`Certificate: ${pod.name}`), ViewColumn.Active, {
      enableScripts: false,
      enableFindWidget: true,
      enableCommandUris: pageCommands,
      localResourceRoots: [],
    })
    panel.iconPath = new ThemeIcon('lock')
    const page: Page = { pod, panel, reading: new CancellationTokenSource() }
    panel.onDidDispose(() => {
      page.reading.cancel()
      this.#pages.delete(keyOf(pod))
    })
    this.#pages.set(keyOf(pod), page)
    return page
  }

  async #read(page: Page): Promise<void> {
    page.reading.cancel()
    const reading = new CancellationTokenSource()
    page.reading = reading
    if (!page.shown) page.panel.webview.html = loadingPage(page.pod, nonce())
    const asked = this.#server.ask(client => client.sendRequest(InspectCertificate, page.pod, reading.token))
    showLateProgress(`Reading the certificate of ${visible(page.pod.name)}`, asked, reading)
    const answer = await asked
    // A newer read, or a closed tab, has taken over.
    if (page.reading !== reading || !this.#pages.has(keyOf(page.pod))) return
    if (answer.ok) page.shown = answer.value
    else delete page.shown
    page.panel.webview.html = answer.ok ? certificatePage(answer.value, nonce()) : problemPage(page.pod, answer.problem, nonce())
    this.#texts.refresh(page.pod)
  }
}

function keyOf({ context, namespace, name }: PodRef): string {
  return JSON.stringify([context, namespace, name])
}

function nonce(): string {
  return randomBytes(16).toString('hex')
}
