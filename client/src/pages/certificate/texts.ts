// The text twin of a certificate page: a read-only document for screen readers, for copying and for comparing. Asks anew and keeps nothing.
import { type CancellationToken, type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode'
import { InspectCertificate, type PodRef } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'

const scheme = 'istio-security'

export class CertificateTexts implements TextDocumentContentProvider, Disposable {
  readonly #server: Server
  readonly #changes = new EventEmitter<Uri>()
  readonly #registration: Disposable

  readonly onDidChange = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    this.#registration = workspace.registerTextDocumentContentProvider(scheme, this)
  }

  async open(pod: PodRef): Promise<void> {
    await window.showTextDocument(uriOf(pod), { preview: true })
  }

  /** The page was read anew, so an open text is too. */
  refresh(pod: PodRef): void {
    this.#changes.fire(uriOf(pod))
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const answer = await this.#server.ask(client => client.sendRequest(InspectCertificate, podOf(uri), token))
    return answer.ok ? answer.value.text : `${answer.problem.message}\n${answer.problem.remedy}\n`
  }

  dispose(): void {
    this.#registration.dispose()
    this.#changes.dispose()
  }
}

const ending = '.certificate.txt'

/** `istio-security:/shop/checkout-7d9f.certificate.txt`, the context as query. */
function uriOf({ namespace, name, context }: PodRef): Uri {
  return Uri.from({ scheme, path: `/${namespace}/${name}${ending}`, ...(context && { query: context }) })
}

function podOf(uri: Uri): PodRef {
  const [, namespace = '', file = ''] = uri.path.split('/')
  return { namespace, name: file.slice(0, -ending.length), ...(uri.query && { context: uri.query }) }
}
