// Method → feature, a line each. Every handler waits until settings and files are read, and none can take the server down.
import { type Connection, type Diagnostic, DocumentDiagnosticReportKind, type TextDocuments } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { codeActions } from '../core/features/codeActions.ts'
import { completion } from '../core/features/completion.ts'
import { diagnostics } from '../core/features/diagnostics.ts'
import { hover } from '../core/features/hover.ts'
import type { SourceFile } from '../core/istio/file.ts'
import { kinds } from '../core/istio/schema/index.ts'
import { jsonSchema } from '../core/istio/schema/jsonSchema.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { meshNodes } from '../core/report/meshTree.ts'
import { check, type Structure } from '../core/rules/run.ts'
import {
  GetCertificates,
  GetClusterState,
  GetContexts,
  GetJsonSchema,
  GetMeshNodes,
  InspectCertificate,
  Refresh,
  UseContext,
} from '../protocol.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ClusterSession } from './clusterSession.ts'
import { guarded } from './guard.ts'

export interface Server {
  readonly connection: Connection
  readonly documents: TextDocuments<TextDocument>
  readonly workspace: Workspace
  readonly session: ClusterSession
  readonly log: (line: string) => void
  readonly ready: Promise<void>
  readonly snippets: boolean
  /** What is said of the structure of a document: the YAML extension may say it already. */
  structure(uri: string): Structure
  readonly documentation: (rule: string) => string
}

export interface Handlers {
  diagnose(uri: string): Promise<Diagnostic[]>
}

export function registerHandlers(server: Server): Handlers {
  const { connection, workspace, session, log } = server
  const whenReady = async <T>(run: () => T | Promise<T>): Promise<T> => {
    await server.ready
    return run()
  }
  const asked = <T>(what: string, fallback: T, run: () => T | Promise<T>): Promise<T> => guarded(what, log, fallback, () => whenReady(run))
  const onFile = <T>(what: string, uri: string, fallback: T, run: (file: SourceFile, mesh: Mesh) => T): Promise<T> =>
    asked(`${what} ${uri}`, fallback, async () => {
      await workspace.prepare()
      const file = workspace.file(uri)
      return file ? run(file, workspace.meshFor(file)) : fallback
    })
  const judge = (file: SourceFile, mesh: Mesh): Diagnostic[] =>
    diagnostics(
      file,
      check(file, mesh, { severities: workspace.settings.rules, structure: server.structure(file.uri) }),
      server.documentation,
    )
  const diagnose = (uri: string): Promise<Diagnostic[]> => onFile('diagnostics', uri, [], judge)

  connection.languages.diagnostics.on(async ({ textDocument }) => ({
    kind: DocumentDiagnosticReportKind.Full,
    items: await diagnose(textDocument.uri),
  }))
  connection.onHover(({ textDocument, position }) =>
    onFile(
      'hover',
      textDocument.uri,
      null,
      (file, mesh) => hover(file, mesh, file.lines.offset(position), { fields: server.structure(file.uri) === 'all' }) ?? null,
    ),
  )
  connection.onCompletion(({ textDocument, position }) =>
    onFile('completion', textDocument.uri, null, (file, mesh) =>
      completion(file.text, file.lines.offset(position), mesh, { snippets: server.snippets, fields: server.structure(file.uri) === 'all' }),
    ),
  )
  connection.onCodeAction(({ textDocument, range }) =>
    onFile('code actions', textDocument.uri, [], (file, mesh) => codeActions(file, mesh, range, judge(file, mesh))),
  )

  connection.onRequest(GetClusterState, () =>
    asked('cluster state', session.state, () => {
      session.want()
      return session.state
    }),
  )
  connection.onRequest(GetContexts, () => whenReady(() => session.contexts()))
  connection.onRequest(UseContext, ({ context, kubeconfig }) => whenReady(() => session.use(context, kubeconfig)))
  connection.onRequest(Refresh, () => whenReady(() => session.refresh()))
  connection.onRequest(GetMeshNodes, ({ parent, context }) =>
    asked('mesh nodes', session.rows([], context), () => session.rows(meshNodes(workspace.running, parent), context)),
  )
  connection.onRequest(GetCertificates, ({ limit }, token) => whenReady(() => session.certificates(workspace.running, limit, token)))
  connection.onRequest(InspectCertificate, (pod, token) => whenReady(() => session.inspect(pod, token)))
  connection.onRequest(GetJsonSchema, () => JSON.stringify(jsonSchema(kinds)))
  return { diagnose }
}
