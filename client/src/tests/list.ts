// Which policy tests there are: files by their name or because they are open, their cases once somebody looks.
import { Disposable, Range, type TestController, type TestItem, type TextDocument, type Uri, workspace } from 'vscode'
import { GetPolicyTests, type PolicyTestCase } from '../../../server/src/protocol.ts'
import { coalesce } from '../coalesce.ts'
import type { Server } from '../server.ts'
import { visible } from '../text.ts'
import { isMade, isTestFileName, mayHoldTests, testFiles } from './words.ts'

export class TestList extends Disposable {
  readonly #controller: TestController
  readonly #server: Server
  /** Typed in since their cases were read last. */
  readonly #changed = new Map<string, TextDocument>()
  /** Documents that were open before the server could answer are looked at. */
  #begun = false

  constructor(controller: TestController, server: Server) {
    const readSoon = coalesce(() => this.#readChanged(), 300)
    const watcher = workspace.createFileSystemWatcher(testFiles)
    const parts = [
      readSoon,
      watcher,
      watcher.onDidCreate(uri => this.#appear(uri)),
      watcher.onDidChange(uri => this.#appear(uri)),
      watcher.onDidDelete(uri => controller.items.delete(uri.toString())),
      workspace.onDidOpenTextDocument(document => void this.#look(document)),
      workspace.onDidCloseTextDocument(document => this.#leave(document)),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (!isServed(document)) return
        this.#changed.set(document.uri.toString(), document)
        readSoon()
      }),
      server.onWorldChange(() => this.#catchUp()),
    ]
    super(() => Disposable.from(...parts).dispose())
    this.#controller = controller
    this.#server = server
  }

  /** Finds the files of the workspace. */
  async find(): Promise<void> {
    const found = (await workspace.findFiles(testFiles)).filter(uri => !isMade(workspace.asRelativePath(uri)))
    const known = new Set([...found, ...workspace.textDocuments.map(({ uri }) => uri)].map(uri => uri.toString()))
    for (const [id] of this.#controller.items) if (!known.has(id)) this.#controller.items.delete(id)
    for (const uri of found) this.fileAt(uri)
  }

  fileAt(uri: Uri): TestItem {
    const id = uri.toString()
    const known = this.#controller.items.get(id)
    if (known) return known
    const file = this.#controller.createTestItem(id, visible(workspace.asRelativePath(uri)), uri)
    file.canResolveChildren = true
    this.#controller.items.add(file)
    return file
  }

  /** Reads the cases of a file anew; an item that stays keeps what came out of it. */
  async read(file: TestItem): Promise<void> {
    const answer = await this.#server.ask(async client => ({ ok: true, value: await client.sendRequest(GetPolicyTests, { uri: file.id }) }))
    file.error = answer.ok ? undefined : `${answer.problem.message} ${answer.problem.remedy}`
    if (!answer.ok) return
    const ids = new Set(answer.value.map(({ id }) => id))
    for (const [id] of file.children) if (!ids.has(id)) file.children.delete(id)
    for (const [index, each] of answer.value.entries()) this.#show(each, index, file)
  }

  #appear(uri: Uri): void {
    if (!isMade(workspace.asRelativePath(uri))) void this.read(this.fileAt(uri))
  }

  #show({ id, name, range, problems }: PolicyTestCase, index: number, file: TestItem): void {
    const known = file.children.get(id)
    const item = known ?? this.#controller.createTestItem(id, visible(name), file.uri)
    item.range = new Range(range.start.line, range.start.character, range.end.line, range.end.character)
    item.sortText = String(index).padStart(6, '0')
    // Why, says the squiggle.
    item.description = problems.length > 0 ? 'cannot be run' : ''
    if (!known) file.children.add(item)
  }

  /** An open file shows its cases beside its lines at once. */
  async #look(document: TextDocument): Promise<void> {
    const { uri } = document
    if (!this.#controller.items.get(uri.toString()) && !(isServed(document) && mayHoldTests(uri.path, document.getText()))) return
    const file = this.fileAt(uri)
    await this.read(file)
    // The word alone makes no test.
    if (file.children.size === 0 && !isTestFileName(uri.path)) this.#controller.items.delete(file.id)
  }

  /** What is a test only by what it holds is known only while it is open. */
  #leave({ uri }: TextDocument): void {
    this.#changed.delete(uri.toString())
    if (uri.scheme === 'untitled' || !isTestFileName(uri.path)) this.#controller.items.delete(uri.toString())
  }

  /** The server has just started, or changed its mind: what it could not answer before is asked again. */
  #catchUp(): void {
    for (const [, file] of this.#controller.items) if (file.error) void this.read(file)
    if (this.#begun) return
    this.#begun = true
    for (const document of workspace.textDocuments) void this.#look(document)
  }

  #readChanged(): void {
    const documents = [...this.#changed.values()]
    this.#changed.clear()
    for (const document of documents) void this.#look(document)
  }
}

/** Whether the language server is told of this document. */
export function isServed({ languageId, uri }: TextDocument): boolean {
  return ['yaml', 'helm', 'json'].includes(languageId) && ['file', 'untitled', 'vscode-remote', 'vscode-vfs'].includes(uri.scheme)
}
