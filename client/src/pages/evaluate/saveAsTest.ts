// Save as test: the request and what is decided now become a case of a policy test that the user chooses.
import { Position, type QuickPickItem, Range, Uri, ViewColumn, WorkspaceEdit, window, workspace } from 'vscode'
import { type EvaluateArguments, WriteTest, type WrittenCase } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'
import { visible, withoutIcons } from '../../text.ts'

const ending = '.istio-test.yaml'

export async function saveAsTest(
  server: Server,
  asked: WrittenCase,
  { uri, policy }: Pick<EvaluateArguments, 'uri' | 'policy'>,
): Promise<void> {
  const file = await chooseFile(policy?.name ?? 'access')
  if (!file) return
  const existing = await workspace.openTextDocument(file).then(
    document => document,
    // A new one.
    () => undefined,
  )
  const params = { case: asked, text: existing?.getText() ?? '', ...(uri === undefined ? {} : { uri }) }
  const answer = await server.ask(async client => ({ ok: true, value: await client.sendRequest(WriteTest, params) }))
  if (!answer.ok) return tell(answer.problem.message)
  if ('problem' in answer.value) return tell(answer.value.problem)
  const { position, text } = answer.value
  const isUnsaved = existing?.isDirty === true
  const edit = new WorkspaceEdit()
  edit.createFile(file, { ignoreIfExists: true })
  edit.insert(file, new Position(position.line, position.character), text)
  if (!(await workspace.applyEdit(edit))) return tell(`The case could not be written to "${visible(file.fsPath)}".`)
  const document = await workspace.openTextDocument(file)
  // What somebody else is still typing there is theirs to save.
  if (!isUnsaved) await document.save()
  const end = document.positionAt(document.getText().length)
  // Beside the form, not over it.
  await window.showTextDocument(document, { viewColumn: ViewColumn.One, selection: new Range(end, end) })
}

function tell(message: string): void {
  void window.showWarningMessage(visible(message))
}

/** One of the policy tests that are there, or a new one. */
async function chooseFile(name: string): Promise<Uri | undefined> {
  const known = await workspace.findFiles(`**/*${ending}`, undefined, 200)
  if (known.length === 0) return chooseNew(name)
  const items: (QuickPickItem & { readonly file?: Uri })[] = [
    ...known.map(file => ({ label: visible(withoutIcons(workspace.asRelativePath(file))), file })),
    { label: '$(new-file) New file…' },
  ]
  const picked = await window.showQuickPick(items, { title: 'Save as Test', placeHolder: 'Policy test to add the case to' })
  return picked && (picked.file ?? chooseNew(name))
}

async function chooseNew(name: string): Promise<Uri | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri
  const defaultUri = folder && Uri.joinPath(folder, `${name.replaceAll(/[^\w.-]/g, '-')}${ending}`)
  const chosen = await window.showSaveDialog({ title: 'Save as Test', ...(defaultUri ? { defaultUri } : {}), filters: { YAML: ['yaml'] } })
  if (!chosen || chosen.path.endsWith(ending)) return chosen
  return chosen.with({ path: `${chosen.path.replace(/\.ya?ml$/, '')}${ending}` })
}
