// Objects of a cluster as read-only YAML. They ask anew and keep nothing, and follow the cluster while they are shown.
import {
  type CancellationToken,
  Disposable,
  EventEmitter,
  languages,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode'
import { GetObject, type ObjectRef } from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import type { Server } from '../../server.ts'
import { visible } from '../../text.ts'

const scheme = 'istio-security-object'
/** Of objects that change all the time. */
const msBetweenReadings = 2_000

export class ObjectTexts implements TextDocumentContentProvider, Disposable {
  readonly #server: Server
  readonly #changes = new EventEmitter<Uri>()
  readonly #subscriptions: Disposable
  readonly #refreshSoon = coalesce(() => this.refresh(), msBetweenReadings)

  readonly onDidChange = this.#changes.event

  constructor(server: Server) {
    this.#server = server
    this.#subscriptions = Disposable.from(
      workspace.registerTextDocumentContentProvider(scheme, this),
      server.onMeshChange(() => this.#refreshSoon()),
      this.#refreshSoon,
      this.#changes,
    )
  }

  /** Tells where there is no answer. */
  async open(object: ObjectRef): Promise<void> {
    const answer = await this.#read(object)
    if (!answer.ok) {
      void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
      return
    }
    const document = await workspace.openTextDocument(uriOf(object))
    await window.showTextDocument(await languages.setTextDocumentLanguage(document, 'yaml'), { preview: true })
  }

  refresh(): void {
    for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme) this.#changes.fire(uri)
  }

  async provideTextDocumentContent({ query }: Uri, token: CancellationToken): Promise<string> {
    const answer = await this.#read(JSON.parse(query), token)
    return answer.ok ? answer.value.yaml : `# ${visible(answer.problem.message)}\n# ${visible(answer.problem.remedy)}\n`
  }

  dispose(): void {
    this.#subscriptions.dispose()
  }

  #read(object: ObjectRef, token?: CancellationToken) {
    return this.#server.ask(client => client.sendRequest(GetObject, object, token))
  }
}

/** `istio-security-object:/demo/shop/Deployment checkout.yaml`, with what is asked as its query. */
export function uriOf(object: ObjectRef): Uri {
  const { context, kind, namespace, name } = object
  const segments = [context, ...(namespace ? [namespace] : []), `${kind} ${name}.yaml`]
  return Uri.from({ scheme, path: `/${segments.map(each => visible(each).replaceAll('/', ' ')).join('/')}`, query: JSON.stringify(object) })
}
