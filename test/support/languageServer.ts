// The built language server as an editor starts it, over stdio: what the client can do, what it is told and what it answers.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  LogMessageNotification,
  type MarkupContent,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'
import { type ClusterState, ClustersChanged, GetClusters, type InitializationOptions, MeshChanged } from '../../server/src/protocol.ts'
import { eventually } from './eventually.ts'

export interface LanguageServerOptions {
  /** Shorthand for the setting `kubeconfig`. */
  readonly kubeconfig?: string
  /** The section `istioSecurity`. Without a kubeconfig no cluster is read, unless `cluster` says otherwise. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Paths on the disk. */
  readonly folders?: readonly string[]
  readonly initializationOptions?: InitializationOptions
  /** The client asks for diagnostics; else they are pushed. Default: it asks. */
  readonly pull?: boolean
  /** Default: it can. */
  readonly snippets?: boolean
  /** The client answers `workspace/configuration`; else the settings travel in `initializationOptions`. Default: it does. */
  readonly configuration?: boolean
  /** On top of the above. */
  readonly capabilities?: ClientCapabilities
  /** Which Node runs it, and what is run; default: this one, and dist/server.mjs. */
  readonly command?: readonly [string, ...string[]]
  readonly env?: NodeJS.ProcessEnv
  /** Sent right behind `initialized`, before the server could ask for anything. */
  readonly immediately?: (server: LanguageServer) => void
}

const built = fileURLToPath(new URL('../../dist/server.mjs', import.meta.url))

/** A running language server and what a test asks of it. */
export class LanguageServer {
  readonly connection: ProtocolConnection
  readonly process: ChildProcess
  /** Every line of its log, in order. */
  readonly log: string[] = []
  /** Every message it sent, as it came over the wire; what is no message would break the reader. */
  readonly received: string[] = []
  /** The latest pushed diagnostics, by URI. */
  readonly pushed = new Map<string, readonly Diagnostic[]>()
  /** Of the cluster that files are judged against. */
  readonly states: ClusterState[] = []
  /** What went wrong with the stream: anything on standard output that is no message. */
  readonly streamErrors: unknown[] = []
  settings: Readonly<Record<string, unknown>>
  initialized: InitializeResult = { capabilities: {} }
  /** How often the client was told to ask for diagnostics again. */
  refreshes = 0
  standardError = ''
  readonly #kinds = new Set<string>()
  #documents = 0
  #version = 1

  private constructor(child: ChildProcess, connection: ProtocolConnection, settings: Readonly<Record<string, unknown>>) {
    this.process = child
    this.connection = connection
    this.settings = settings
    child.stdout?.on('data', (bytes: Buffer) => this.received.push(bytes.toString('utf8')))
    child.stderr?.on('data', (bytes: Buffer) => {
      this.standardError += bytes.toString('utf8')
    })
    connection.onError(error => this.streamErrors.push(error))
    connection.onRequest(RegistrationRequest.type, () => {})
    connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => this.settings))
    connection.onRequest(DiagnosticRefreshRequest.type, () => {
      this.refreshes += 1
    })
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.log.push(message))
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => void this.pushed.set(uri, diagnostics))
    connection.onNotification(ClustersChanged, ({ state }) => void this.states.push(state))
    connection.onNotification(MeshChanged, ({ kinds }) => {
      for (const kind of kinds) this.#kinds.add(kind)
    })
    connection.listen()
  }

  static async start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
    if (!existsSync(built)) throw new Error('dist/server.mjs is not there. Run "npm run build" first.')
    const [program, ...args] = options.command ?? [process.execPath, built, '--stdio']
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } })
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
    const { kubeconfig } = options
    const settings = {
      cluster: kubeconfig === undefined ? 'off' : 'auto',
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...options.settings,
    }
    const server = new LanguageServer(child, connection, settings)
    const byConfiguration = options.configuration ?? true
    server.initialized = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: options.folders?.map(path => ({ uri: pathToFileURL(path).href, name: path })) ?? null,
      capabilities: capabilitiesOf(options),
      initializationOptions: { ...(byConfiguration ? {} : settings), ...options.initializationOptions },
    })
    // Written at once, one behind the other, as an editor with open files does.
    void connection.sendNotification(InitializedNotification.type, {})
    options.immediately?.(server)
    return server
  }

  /** Waits until the connection has come to `kind`, and answers with that state. */
  async reached<Kind extends ClusterState['kind']>(kind: Kind, seconds = 20): Promise<Extract<ClusterState, { kind: Kind }>> {
    const state = await eventually(
      `the cluster is ${kind}`,
      async () => (await this.connection.sendRequest(GetClusters)).state,
      now => now.kind === kind,
      seconds,
    )
    return state as Extract<ClusterState, { kind: Kind }>
  }

  /** The kinds that `MeshChanged` named since the last call. */
  takeChangedKinds(): ReadonlySet<string> {
    const kinds = new Set(this.#kinds)
    this.#kinds.clear()
    return kinds
  }

  /** Opens a document; answers its URI. */
  open(text: string, uri = `untitled:policy-${++this.#documents}.yaml`, languageId = 'yaml'): string {
    const textDocument = { uri, languageId, version: ++this.#version, text }
    void this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
    return uri
  }

  change(uri: string, text: string): void {
    const textDocument = { uri, version: ++this.#version }
    void this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument, contentChanges: [{ text }] })
  }

  close(uri: string): void {
    void this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } })
  }

  /** New settings, as an editor announces them. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    this.settings = settings
    void this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null })
  }

  /** What is offered at a position. */
  async complete(uri: string, position: Position): Promise<readonly CompletionItem[]> {
    const answer = await this.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position })
    return Array.isArray(answer) ? answer : (answer?.items ?? [])
  }

  async diagnose(uri: string): Promise<readonly Diagnostic[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } })
    return report.kind === 'full' ? report.items : []
  }

  /** The text of the hover, empty where there is none. */
  async hover(uri: string, position: Position): Promise<string> {
    const hover: Hover | null = await this.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position })
    return (hover?.contents as MarkupContent | undefined)?.value ?? ''
  }

  async codeActions(uri: string, range: Range, diagnostics: readonly Diagnostic[] = []): Promise<readonly CodeAction[]> {
    const context = { diagnostics: [...diagnostics] }
    const actions = await this.connection.sendRequest(CodeActionRequest.type, { textDocument: { uri }, range, context })
    return (actions ?? []) as CodeAction[]
  }

  /** Everything it ever said: messages, log, standard error. */
  get everythingSaid(): string {
    return this.received.join('') + this.standardError
  }

  /** Ends it as an editor does; answers its exit code. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode
    const gone = once(this.process, 'exit')
    await this.connection.sendRequest(ShutdownRequest.type)
    await this.connection.sendNotification(ExitNotification.type)
    const [code] = (await gone) as [number | null]
    this.connection.dispose()
    return code
  }
}

function capabilitiesOf({
  pull = true,
  snippets = true,
  configuration = true,
  capabilities = {},
}: LanguageServerOptions): ClientCapabilities {
  return {
    ...capabilities,
    workspace: {
      configuration,
      ...(configuration ? { didChangeConfiguration: { dynamicRegistration: true } } : {}),
      ...(pull ? { diagnostics: { refreshSupport: true } } : {}),
      ...capabilities.workspace,
    },
    textDocument: {
      ...(pull ? { diagnostic: {} } : { publishDiagnostics: {} }),
      completion: { completionItem: { snippetSupport: snippets } },
      ...capabilities.textDocument,
    },
  }
}
