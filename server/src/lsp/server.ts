// The life of the server: what the client can do, its settings and files, the cluster beside it, and when everything is asked anew.
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import {
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  type ProtocolNotificationType,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { World } from '../core/mesh/mesh.ts'
import { AllowProgram, type ClusterChoice, ClustersChanged, type InitializationOptions, MeshChanged, WorldChanged } from '../protocol.ts'
import { disk } from '../workspace/files.ts'
import { readSettings, type Settings } from '../workspace/settings.ts'
import { Workspace } from '../workspace/workspace.ts'
import { keepCertificates } from './certificates.ts'
import { readClusterChoice } from './clusterChoice.ts'
import type { ClusterSession } from './clusterSession.ts'
import { ClusterSessions } from './clusterSessions.ts'
import type { Server } from './context.ts'
import { guarded } from './guard.ts'
import { registerHandlers, serverCommands } from './handlers.ts'

/** Beside dist/, in the repository and in the extension alike. */
const rulesPage = new URL('../RULES.md', import.meta.url).href

/** Serves one client over a connection until it closes. */
export function startServer(connection: Connection): void {
  const log = (line: string) => connection.console.info(line)
  const documents = new TextDocuments(TextDocument)
  const workspace = new Workspace(disk)
  let client: Client = clientOf({ capabilities: {}, processId: null, rootUri: null })
  let folders: readonly string[] = []
  // Requests that arrive before settings and files are read wait for them.
  let markInitialized = () => {}
  const initialized = new Promise<void>(resolve => {
    markInitialized = resolve
  })
  let loaded = Promise.resolve()

  const sessions = new ClusterSessions({
    log,
    async allowProgram(program) {
      return (
        !client.asksForPrograms || (await guarded('asking for a program', log, false, () => connection.sendRequest(AllowProgram, program)))
      )
    },
    onState() {
      // Whoever hears "connected" asks at once, and must not be answered from the world before.
      const before = lay()
      void connection.sendNotification(ClustersChanged, sessions.described)
      if (before !== sessions.judging) judgeAgain()
    },
    onWorld(session, kinds) {
      lay()
      void connection.sendNotification(MeshChanged, { context: session.context, kinds })
      if (session === sessions.judging) judgeAgain()
    },
  })
  let judging: ClusterSession | undefined
  let laid: World | undefined

  /** Files lie over the judging cluster alone. Answers which one that was before. */
  function lay(): ClusterSession | undefined {
    const before = judging
    judging = sessions.judging
    const world = judging?.world
    if (world !== laid) workspace.setCluster(world)
    laid = world
    return before
  }

  const server: Server = {
    connection,
    documents,
    workspace,
    sessions,
    certificates: keepCertificates(),
    log,
    get ready() {
      return initialized.then(() => loaded)
    },
    get snippets() {
      return client.snippets
    },
    get trusted() {
      return client.trusted
    },
    get ownCommands() {
      return client.ownCommands
    },
    structure(uri) {
      const { schemaValidation } = workspace.settings
      if (schemaValidation !== 'auto') return schemaValidation === 'on' ? 'all' : 'off'
      // The YAML extension serves no JSON and no Helm templates.
      return client.yamlExtension && documents.get(uri)?.languageId === 'yaml' ? 'surprises' : 'all'
    },
    documentation: rule => `${rulesPage}#${rule}`,
  }

  connection.onInitialize((params): InitializeResult => {
    client = clientOf(params)
    if (client.clusters) sessions.restore(client.clusters)
    folders = (params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri, name: '' }] : [])).flatMap(({ uri }) => pathOf(uri))
    return {
      serverInfo: { name: 'istio-security' },
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['/', '"', "'", ' ', '-'] },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        ...(client.codeLens ? { codeLensProvider: { resolveProvider: true } } : {}),
        ...(client.inlayHints ? { inlayHintProvider: true } : {}),
        // A client that has commands of these names would have each twice.
        ...(client.ownCommands ? {} : { executeCommandProvider: { commands: [...serverCommands] } }),
        ...(client.pull
          ? { diagnosticProvider: { identifier: 'istio-security', interFileDependencies: true, workspaceDiagnostics: false } }
          : {}),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    }
  })

  connection.onInitialized(() => {
    reload()
    markInitialized()
    // What changed before the client began to tell is noticed by asking once more.
    if (client.configurationEvents) register(DidChangeConfigurationNotification.type, { section: 'istioSecurity' }, reloadIfChanged)
    if (client.watchedFiles)
      register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/{*.yaml,*.yml,*.json,Kustomization}' }] })
    if (client.folders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.flatMap(each => pathOf(each.uri)))
        folders = [...folders.filter(each => !gone.has(each)), ...added.flatMap(each => pathOf(each.uri))]
        reload()
      })
    }
  })

  /** A client that refuses only tells less; nothing waits for it. */
  function register<P, R>(type: ProtocolNotificationType<P, R>, options: R, then = () => {}): void {
    connection.client.register(type, options).then(then, error => log(`registering ${type.method}: ${error}`))
  }

  connection.onDidChangeConfiguration(() => reload())
  connection.onDidChangeWatchedFiles(({ changes }) => {
    // Behind what is being loaded, or the older reading would win.
    loaded = loaded.then(() =>
      guarded('reading changed files', log, undefined, async () => {
        if (await workspace.diskChanged(changes.map(({ uri }) => uri))) judgeAgain()
      }),
    )
  })

  documents.onDidChangeContent(({ document }) => {
    const file = workspace.setText(document.uri, document.getText())
    if (file.documents.some(({ ours }) => ours)) sessions.want()
    if (client.pull) return
    void push(document.uri)
  })
  documents.onDidClose(({ document }) => {
    workspace.close(document.uri)
    if (!client.pull) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] })
  })
  connection.onShutdown(() => sessions.dispose())

  const handlers = registerHandlers(server)
  documents.listen(connection)
  connection.listen()

  /** Reads settings and files again; requests wait until it is done. */
  function reload(): void {
    loaded = loaded.then(() => guarded('reading settings and files', log, undefined, load))
  }

  function reloadIfChanged(): void {
    loaded = loaded.then(() =>
      guarded('reading settings again', log, undefined, async () => {
        if (!isDeepStrictEqual(await readClientSettings(), workspace.settings)) await load()
      }),
    )
  }

  async function load(): Promise<void> {
    const settings = await readClientSettings()
    await workspace.load(folders, settings)
    sessions.configure(settings, client.trusted)
    judgeAgain()
  }

  async function readClientSettings(): Promise<Settings> {
    const section = client.configuration ? await connection.workspace.getConfiguration('istioSecurity') : client.options
    const settings = readSettings(section)
    // A workspace that is not trusted does not choose what is read outside of it.
    return client.trusted ? settings : { ...settings, mesh: [] }
  }

  /** The world changed, so every finding may have, every lens and every hint. */
  function judgeAgain(): void {
    const { languages } = connection
    void connection.sendNotification(WorldChanged)
    if (client.codeLensRefresh)
      void guarded('asking for fresh lenses', log, undefined, () => connection.sendRequest(CodeLensRefreshRequest.type))
    if (client.inlayHintRefresh) void guarded('asking for fresh hints', log, undefined, () => languages.inlayHint.refresh())
    if (client.refresh) void guarded('asking for fresh diagnostics', log, undefined, () => languages.diagnostics.refresh())
    else if (!client.pull) for (const { uri } of documents.all()) void push(uri)
  }

  async function push(uri: string): Promise<void> {
    const version = documents.get(uri)?.version
    const found = await handlers.diagnose(uri)
    // Typed on meanwhile: the next push is already under way.
    if (documents.get(uri)?.version === version)
      void connection.sendDiagnostics({ uri, diagnostics: found, ...(version === undefined ? {} : { version }) })
  }
}

/** The path of a folder on this disk; none for folders elsewhere. */
function pathOf(uri: string): readonly string[] {
  try {
    return uri.startsWith('file:') ? [fileURLToPath(uri)] : []
  } catch {
    // file://server/… is on another machine.
    return []
  }
}

interface Client {
  readonly pull: boolean
  readonly refresh: boolean
  readonly configuration: boolean
  readonly configurationEvents: boolean
  readonly watchedFiles: boolean
  readonly folders: boolean
  readonly snippets: boolean
  readonly trusted: boolean
  readonly yamlExtension: boolean
  readonly codeLens: boolean
  readonly codeLensRefresh: boolean
  readonly inlayHints: boolean
  readonly inlayHintRefresh: boolean
  readonly ownCommands: boolean
  readonly clusters: ClusterChoice | undefined
  readonly asksForPrograms: boolean
  readonly options: unknown
}

function clientOf({ capabilities, initializationOptions }: InitializeParams): Client {
  const options = (initializationOptions ?? {}) as { readonly [K in keyof InitializationOptions]: unknown }
  return {
    pull: capabilities.textDocument?.diagnostic !== undefined,
    refresh: capabilities.workspace?.diagnostics?.refreshSupport === true,
    configuration: capabilities.workspace?.configuration === true,
    configurationEvents: capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchedFiles: capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folders: capabilities.workspace?.workspaceFolders === true,
    snippets: capabilities.textDocument?.completion?.completionItem?.snippetSupport === true,
    trusted: options.trusted !== false,
    yamlExtension: options.yamlExtension === true,
    codeLens: capabilities.textDocument?.codeLens !== undefined,
    codeLensRefresh: capabilities.workspace?.codeLens?.refreshSupport === true,
    inlayHints: capabilities.textDocument?.inlayHint !== undefined,
    inlayHintRefresh: capabilities.workspace?.inlayHint?.refreshSupport === true,
    ownCommands: options.ownCommands === true,
    clusters: readClusterChoice(options.clusters),
    asksForPrograms: options.asksForPrograms === true,
    options,
  }
}
