// The language server's lifetime, and the one way to ask it. It alone talks to the cluster; the client keeps only the last state it told.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  type Memento,
  type TextDocument,
  window,
  workspace,
} from 'vscode'
import {
  CloseAction,
  type ErrorHandler,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  LSPErrorCodes,
  ResponseError,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node'
import {
  AllowProgram,
  type Answer,
  CertificatesRead,
  CloseContext,
  type ClusterChoice,
  type ClusterState,
  type Clusters,
  ClustersChanged,
  type ContextChoice,
  type EvaluateArguments,
  type EvaluateResult,
  type ExplainDenialArguments,
  type ExplainDenialResult,
  evaluateCommand,
  explainDenialCommand,
  GetClusters,
  GetJsonSchema,
  type InitializationOptions,
  MeshChanged,
  type OneContext,
  OpenContext,
  PolicyFactsChanged,
  type PolicyTestResult,
  type Problem,
  Refresh,
  Resume,
  RunPolicyTests,
  type RunPolicyTestsArguments,
  SelectNamespaces,
  UseContext,
  type WhoCanCallArguments,
  type WhoCanCallResult,
  WorldChanged,
  whoCanCallCommand,
} from '../../server/src/protocol.ts'
import { CredentialPrograms } from './programs.ts'

/** A problem as people are told it; `no-server` where the language server itself does not answer. */
export interface Failure {
  readonly kind: Problem['kind'] | 'no-server'
  readonly message: string
  readonly remedy: string
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Failure }

const noServer: Failure = {
  kind: 'no-server',
  message: 'The Istio Security language server does not answer.',
  remedy: 'Run "Istio Security: Restart Language Server"; the log says why it stopped.',
}

const cancelled: Failure = { kind: 'cancelled', message: 'Cancelled.', remedy: 'Refresh to ask again.' }

// Most JSON has nothing to do with Istio, so it does not activate the extension; once YAML or a view has, JSON is served too.
const languages = ['yaml', 'helm', 'json']
// The left side of a diff (scheme git) and other generated texts are not the user's to repair.
const schemes = ['file', 'untitled', 'vscode-remote', 'vscode-vfs']

/** Whether the server sees what is typed here. */
export function isServed({ languageId, uri }: TextDocument): boolean {
  return languages.includes(languageId) && schemes.includes(uri.scheme)
}

/** In the memory of the workspace: a `ClusterChoice`. */
const chosenClusters = 'istioSecurity.clusters'

export class Server implements Disposable {
  readonly log: LogOutputChannel
  readonly #module: string
  readonly #memory: Memento
  readonly #programs: CredentialPrograms
  readonly #yamlExtension: () => boolean
  readonly #states = new EventEmitter<ClusterState>()
  readonly #clusterChanges = new EventEmitter<Clusters>()
  readonly #meshChanges = new EventEmitter<readonly string[]>()
  readonly #policyFacts = new EventEmitter<void>()
  readonly #certificateReadings = new EventEmitter<void>()
  readonly #worldChanges = new EventEmitter<void>()
  #client: LanguageClient | undefined
  #clusters: Clusters | undefined
  #looked = false
  /** Ends when the last start or stop that was asked for has ended. */
  #turn: Promise<void> = Promise.resolve()

  /** The connection to the cluster that files are judged against changed; fires with each new state. */
  readonly onState = this.#states.event
  /** Which clusters are open, or the state of one of them changed. */
  readonly onClusters = this.#clusterChanges.event
  /** More certificates of proxies are known than before. */
  readonly onCertificates = this.#certificateReadings.event
  /** Something of these kinds changed in the mesh: ask again. */
  readonly onMeshChange = this.#meshChanges.event
  /** More is known of the policies of a cluster than before. */
  readonly onPolicyFacts = this.#policyFacts.event
  /** Files of the disk, settings or the cluster changed, so every answer may have. */
  readonly onWorldChange = this.#worldChanges.event

  /** `yamlExtension` is asked at each start: whether the YAML extension judges by our schema. */
  constructor(context: ExtensionContext, yamlExtension: () => boolean) {
    this.#yamlExtension = yamlExtension
    this.#memory = context.workspaceState
    this.#module = context.asAbsolutePath(join('dist', 'server.mjs'))
    this.log = window.createOutputChannel('Istio Security', { log: true })
    this.#programs = new CredentialPrograms(context.globalState, line => this.log.info(line))
  }

  /** What the server told last of the cluster that files are judged against; absent before it answered. */
  get state(): ClusterState | undefined {
    return this.#clusters?.state
  }

  /** What the server told last; absent before it answered. */
  get clusters(): Clusters | undefined {
    return this.#clusters
  }

  /** Never rejects; a server that does not start is told to the user. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#launch())
  }

  /** Never rejects. */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end()
      await this.#launch()
    })
  }

  /** Never rejects. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#end())
  }

  dispose(): void {
    this.#states.dispose()
    this.#clusterChanges.dispose()
    this.#meshChanges.dispose()
    this.#policyFacts.dispose()
    this.#certificateReadings.dispose()
    this.#worldChanges.dispose()
    this.log.dispose()
  }

  /** Asks for something that may fail in expected ways; a server that does not answer is one more of them. Never rejects. */
  async ask<T>(send: (client: LanguageClient) => Promise<Answer<T>>): Promise<Outcome<T>> {
    if (!this.#client) return { ok: false, problem: noServer }
    try {
      return await send(this.#client)
    } catch (error) {
      return { ok: false, problem: this.#failure(error) }
    }
  }

  /** Who can call a workload, or what one can call. Never rejects. */
  whoCanCall(asked: WhoCanCallArguments, token?: CancellationToken): Promise<Outcome<WhoCanCallResult>> {
    const params = { command: whoCanCallCommand, arguments: [asked] }
    return this.ask(async client => ({ ok: true, value: await client.sendRequest(ExecuteCommandRequest.type, params, token) }))
  }

  /** Would this request be let in, and by which rule? Never rejects. */
  evaluate(asked: EvaluateArguments, token: CancellationToken): Promise<Outcome<EvaluateResult>> {
    const params = { command: evaluateCommand, arguments: [asked] }
    return this.ask(async client => ({ ok: true, value: await client.sendRequest(ExecuteCommandRequest.type, params, token) }))
  }

  /** Who refused what this text of a proxy tells of? Never rejects. */
  explainDenial(asked: ExplainDenialArguments, token: CancellationToken): Promise<Outcome<ExplainDenialResult>> {
    const params = { command: explainDenialCommand, arguments: [asked] }
    return this.ask(async client => ({ ok: true, value: await client.sendRequest(ExecuteCommandRequest.type, params, token) }))
  }

  /** What comes out of the cases of a policy test? Never rejects. */
  runPolicyTests(asked: RunPolicyTestsArguments, token: CancellationToken): Promise<Outcome<PolicyTestResult>> {
    return this.ask(async client => ({ ok: true, value: await client.sendRequest(RunPolicyTests, asked, token) }))
  }

  /** The kinds of Istio as JSON Schema; undefined where the server does not answer. */
  async jsonSchema(): Promise<string | undefined> {
    try {
      return await this.#client?.sendRequest(GetJsonSchema)
    } catch (error) {
      this.log.error(`server: no schema for the YAML extension (${error})`)
      return undefined
    }
  }

  /** Judges files against it. Ends when the state is reached. Never rejects. */
  async useContext(choice: ContextChoice): Promise<void> {
    await this.#programs.askAgain()
    await this.#connect(client => client.sendRequest(UseContext, choice))
  }

  /** Opens a cluster beside the others. Ends when the state is reached. Never rejects. */
  async openContext(one: OneContext): Promise<void> {
    await this.#programs.askAgain()
    await this.#connect(client => client.sendRequest(OpenContext, one))
  }

  /** Disconnects the cluster of this handle. Never rejects. */
  async closeContext(context: string): Promise<void> {
    await this.#connect(client => client.sendRequest(CloseContext, { context }))
  }

  /** Somebody looks at a view: the server connects if it has not yet. */
  look(): void {
    if (!this.#looked) void this.#connect(client => this.#askClusters(client))
  }

  /** Reads the cluster of this handle anew, or all. Ends when the state is reached. Never rejects. */
  async refresh(context?: string): Promise<void> {
    await this.#programs.askAgain()
    await this.#connect(client => client.sendRequest(Refresh, context === undefined ? {} : { context }))
  }

  /** Reads these namespaces of a cluster; none: all that the account may list. Ends when the state is reached. Never rejects. */
  async selectNamespaces(context: string, namespaces: readonly string[]): Promise<void> {
    await this.#connect(client => client.sendRequest(SelectNamespaces, { context, namespaces }))
  }

  /** Somebody is back at the window: what could not be reached is tried again now. */
  resume(): void {
    if (this.#clusters?.open.some(({ state }) => 'problem' in state)) void this.#client?.sendNotification(Resume)
  }

  // One after the other: whoever restarts while another start is under way must not end up with two servers.
  #inTurn(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step)
    return this.#turn
  }

  async #launch(): Promise<void> {
    const client = this.#newClient()
    this.#client = client
    try {
      await client.start()
    } catch (error) {
      this.log.error(`server: did not start (${error})`)
      void this.#offerRestart('The Istio Security language server did not start.')
    }
  }

  async #end(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    try {
      // The library cannot stop what is still starting, as it does by itself after a crash.
      if (client?.state === State.Starting) await client.start()
      await client?.dispose()
    } catch (error) {
      this.log.warn(`server: did not stop in order (${error})`)
    }
  }

  /** The states that are passed on the way are told by themselves. */
  async #connect(send: (client: LanguageClient) => Promise<unknown>): Promise<void> {
    this.#looked = true
    const client = this.#client
    if (!client) return
    try {
      await send(client)
    } catch (error) {
      this.log.error(`server: the state of the connection is unknown (${error})`)
    }
  }

  /** Where there is no cluster to open nothing changes, so nothing is told by itself. */
  async #askClusters(client: LanguageClient): Promise<void> {
    this.#remember(await client.sendRequest(GetClusters), client)
  }

  /** A server that was restarted contacts nobody by itself. */
  async #greet(): Promise<void> {
    if (this.#looked) await this.#connect(client => this.#askClusters(client))
  }

  #failure(error: unknown): Failure {
    const code = error instanceof ResponseError ? error.code : undefined
    if (code === LSPErrorCodes.RequestCancelled || code === LSPErrorCodes.ServerCancelled) return cancelled
    this.log.error(`server: a request failed (${error})`)
    return noServer
  }

  /** A server that was replaced has nothing to say any more. */
  #remember(clusters: Clusters, from: LanguageClient): void {
    if (from !== this.#client) return
    const before = this.#clusters
    this.#clusters = clusters
    if (!isDeepStrictEqual(before?.choice, clusters.choice)) void this.#memory.update(chosenClusters, clusters.choice)
    this.#clusterChanges.fire(clusters)
    if (!isDeepStrictEqual(before?.state, clusters.state)) this.#states.fire(clusters.state)
  }

  #newClient(): LanguageClient {
    const debug = { execArgv: ['--nolazy', '--inspect=6009', '--enable-source-maps'] }
    const client: LanguageClient = new LanguageClient(
      'istioSecurity',
      'Istio Security',
      {
        run: { module: this.#module, transport: TransportKind.ipc },
        debug: { module: this.#module, transport: TransportKind.ipc, options: debug },
      },
      this.#options(() => client),
    )
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running && client === this.#client) void this.#greet()
    })
    client.onRequest(AllowProgram, program => this.#programs.allow(program))
    client.onNotification(ClustersChanged, clusters => this.#remember(clusters, client))
    client.onNotification(MeshChanged, ({ kinds }) => {
      if (client === this.#client) this.#meshChanges.fire(kinds)
    })
    client.onNotification(CertificatesRead, () => {
      if (client === this.#client) this.#certificateReadings.fire()
    })
    client.onNotification(PolicyFactsChanged, () => {
      if (client === this.#client) this.#policyFacts.fire()
    })
    client.onNotification(WorldChanged, () => {
      if (client === this.#client) this.#worldChanges.fire()
    })
    return client
  }

  #options(client: () => LanguageClient): LanguageClientOptions {
    return {
      documentSelector: schemes.flatMap(scheme => languages.map(language => ({ scheme, language }))),
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: (): InitializationOptions => ({
        trusted: workspace.isTrusted,
        yamlExtension: this.#yamlExtension(),
        ownCommands: true,
        asksForPrograms: true,
        clusters: this.#memory.get<ClusterChoice>(chosenClusters) ?? {},
      }),
      errorHandler: this.#errorHandler(client),
    }
  }

  /** The library's limits (restart, but not for ever), with a way out in the message. */
  #errorHandler(client: () => LanguageClient): ErrorHandler {
    let usual: ErrorHandler | undefined
    const standard = () => {
      usual ??= client().createDefaultErrorHandler()
      return usual
    }
    return {
      error: (...what) => standard().error(...what),
      closed: async () => {
        if (client() !== this.#client) return { action: CloseAction.DoNotRestart, handled: true }
        const result = await standard().closed()
        if (result.action === CloseAction.Restart) return result
        void this.#offerRestart('The Istio Security language server stopped again and again, so it is not restarted.')
        return { ...result, handled: true }
      },
    }
  }

  async #offerRestart(message: string): Promise<void> {
    const choice = await window.showErrorMessage(message, 'Show Log', 'Restart')
    if (choice === 'Show Log') this.log.show()
    if (choice === 'Restart') await this.restart()
  }
}
