// The built language server as an editor starts it, over stdio, connected to the rig as one of its users.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type Position,
  type ProtocolConnection,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'
import { type ClusterState, GetClusterState, type InitializationOptions, MeshChanged } from '../../server/src/protocol.ts'
import { eventually } from './eventually.ts'
import type { Rig } from './rig.ts'
import type { User } from './users.ts'

/** A running language server and what a test asks of it. */
export class LanguageServer {
  readonly connection: ProtocolConnection
  readonly #process: ChildProcess
  readonly #kinds = new Set<string>()
  #documents = 0

  private constructor(connection: ProtocolConnection, child: ChildProcess) {
    this.connection = connection
    this.#process = child
    connection.onNotification(MeshChanged, ({ kinds }) => {
      for (const kind of kinds) this.#kinds.add(kind)
    })
  }

  /** Starts it with the kubeconfig of `user`, in a trusted workspace without folders. */
  static async start(rig: Rig, user: User): Promise<LanguageServer> {
    const built = fileURLToPath(new URL('../../dist/server.mjs', import.meta.url))
    if (!existsSync(built)) throw new Error('dist/server.mjs is not there. Run "npm run build" first.')
    const child = spawn(process.execPath, [built, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
    const server = new LanguageServer(connection, child)
    const settings = { cluster: 'auto', kubeconfig: rig.kubeconfig(user) }
    connection.onRequest(RegistrationRequest.type, () => {})
    connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => settings))
    connection.listen()
    const initializationOptions: InitializationOptions = { trusted: true }
    await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: null,
      capabilities: { workspace: { configuration: true }, textDocument: { diagnostic: {}, completion: {} } },
      initializationOptions,
    })
    await connection.sendNotification(InitializedNotification.type, {})
    return server
  }

  /** Waits until the connection has come to `kind`, and answers with that state. */
  async reached<Kind extends ClusterState['kind']>(kind: Kind): Promise<Extract<ClusterState, { kind: Kind }>> {
    const state = await eventually(
      `the cluster is ${kind}`,
      () => this.connection.sendRequest(GetClusterState),
      now => now.kind === kind,
    )
    return state as Extract<ClusterState, { kind: Kind }>
  }

  /** The kinds that `MeshChanged` named since the last call. */
  takeChangedKinds(): ReadonlySet<string> {
    const kinds = new Set(this.#kinds)
    this.#kinds.clear()
    return kinds
  }

  /** Opens a policy; answers its URI. */
  async open(text: string): Promise<string> {
    const uri = `untitled:policy-${++this.#documents}.yaml`
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    })
    return uri
  }

  /** The labels that are offered at a position. */
  async complete(uri: string, position: Position): Promise<readonly string[]> {
    const answer = await this.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position })
    const items: readonly CompletionItem[] = Array.isArray(answer) ? answer : (answer?.items ?? [])
    return items.map(({ label }) => label)
  }

  async diagnose(uri: string): Promise<readonly Diagnostic[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } })
    return report.kind === 'full' ? report.items : []
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit')
    await this.connection.sendRequest(ShutdownRequest.type)
    await this.connection.sendNotification(ExitNotification.type)
    await gone
    this.connection.dispose()
  }
}
