// A CA certificate as a read-only text: what it says, and itself as PEM. Asks anew and keeps nothing.
import { type CancellationToken, type Disposable, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode'
import { GetAuthority } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'
import { visible } from '../../text.ts'
import type { AuthorityRow } from './rows.ts'

const scheme = 'istio-security-ca'
const ending = '.ca.txt'

export class AuthorityTexts implements TextDocumentContentProvider, Disposable {
  readonly #server: Server
  readonly #registration: Disposable

  constructor(server: Server) {
    this.#server = server
    this.#registration = workspace.registerTextDocumentContentProvider(scheme, this)
  }

  async open({ sha256, label, context }: Pick<AuthorityRow, 'sha256' | 'label' | 'context'>): Promise<void> {
    const name = visible(label).replaceAll('/', '∕')
    await window.showTextDocument(Uri.from({ scheme, path: `/${sha256}/${name}${ending}`, query: context }), { preview: true })
  }

  async provideTextDocumentContent({ path, query }: Uri, token: CancellationToken): Promise<string> {
    const [, sha256 = ''] = path.split('/')
    const asked = { sha256, context: query }
    const answer = await this.#server.ask(client => client.sendRequest(GetAuthority, asked, token))
    return answer.ok ? answer.value : `${answer.problem.message}\n${answer.problem.remedy}\n`
  }

  dispose(): void {
    this.#registration.dispose()
  }
}
