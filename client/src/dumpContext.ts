// Says for menus whether the text in front is a saved dump of a proxy or holds certificates, so that Inspect Certificate is offered there.
import { commands, Disposable, type TextDocument, type TextEditor, window, workspace } from 'vscode'

const key = 'istioSecurity.holdsCertificates'

/** Where dumps say what they are: in their first lines. */
const firstCharacters = 4_000
const dump =
  /envoy\.admin\.v3\.|"(dynamic_active_secrets|dynamicActiveSecrets|cert_chain|certChain)"|-----BEGIN (CERTIFICATE|PKCS7)-----|^\{\s*"(by_addr|certificates|workloads|services)"\s*:/

export function tellDumps(): Disposable {
  const tell = (editor: TextEditor | undefined) =>
    void commands.executeCommand('setContext', key, editor !== undefined && isDump(editor.document))
  tell(window.activeTextEditor)
  return Disposable.from(
    window.onDidChangeActiveTextEditor(tell),
    workspace.onDidSaveTextDocument(document => document === window.activeTextEditor?.document && tell(window.activeTextEditor)),
  )
}

function isDump(document: TextDocument): boolean {
  if (!['json', 'jsonc', 'plaintext', 'yaml'].includes(document.languageId)) return false
  return dump.test(document.getText().slice(0, firstCharacters))
}
