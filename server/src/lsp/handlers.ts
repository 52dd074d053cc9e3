// Method → feature, a line each. Every handler waits until settings and files are read, and none can take the server down.
import {
  type Diagnostic,
  DocumentDiagnosticReportKind,
  ErrorCodes,
  MessageType,
  ResponseError,
  ShowMessageNotification,
} from 'vscode-languageserver'
import { codeActions } from '../core/features/codeActions.ts'
import { codeLenses, resolveLens, uriOfLens } from '../core/features/codeLens.ts'
import { completion } from '../core/features/completion.ts'
import { diagnostics } from '../core/features/diagnostics.ts'
import { hover } from '../core/features/hover.ts'
import { inlayHints } from '../core/features/inlayHints.ts'
import type { SourceFile } from '../core/istio/file.ts'
import { kinds } from '../core/istio/schema/index.ts'
import { jsonSchema } from '../core/istio/schema/jsonSchema.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { check } from '../core/rules/run.ts'
import {
  AnalyzeGateway,
  CheckConnection,
  CloseContext,
  CompareWithCluster,
  evaluateCommand,
  explainDenialCommand,
  FindMeshRows,
  FindPlace,
  FindPolicyRows,
  FindWorkload,
  GetAuthority,
  GetCertificates,
  GetClusters,
  GetContexts,
  GetEvaluationChoices,
  GetGateways,
  GetJsonSchema,
  GetMeshNodes,
  GetNamespaces,
  GetObject,
  GetPodCertificates,
  GetPodPorts,
  GetPods,
  GetPolicyNodes,
  GetPolicyTests,
  InspectCertificate,
  InspectFile,
  OpenContext,
  ReadCertificates,
  Refresh,
  Resume,
  RunPolicyTests,
  runPolicyTestsCommand,
  SelectNamespaces,
  TakeSnapshot,
  UseContext,
  WriteTest,
  whoCanCallCommand,
} from '../protocol.ts'
import {
  authorityAsText,
  certificatePages,
  inspectCertificate,
  podCertificates,
  readCertificates,
  rowsToWorkload,
  timeLeftOf,
} from './certificates.ts'
import { inspectConnection, portsOf } from './connection.ts'
import type { Server } from './context.ts'
import { evaluate, evaluationChoices, readEvaluateArguments, testInsertion } from './evaluate.ts'
import { explainDenial, readExplainArguments } from './explainDenial.ts'
import { gatewayPods, inspectGateway } from './gateway.ts'
import { guarded } from './guard.ts'
import { inspectFile } from './inspectFile.ts'
import { findMeshRows, objectText } from './objects.ts'
import { podsOf } from './pods.ts'
import { Policies, placeOf } from './policies.ts'
import { listPolicyTests, readRunArguments, runPolicyTests, runText } from './policyTests.ts'
import { takeSnapshot } from './takeSnapshot.ts'
import { readWhoCanCallArguments, whoCanCall } from './whoCanCall.ts'

/** What any editor can run. */
export const serverCommands = [evaluateCommand, whoCanCallCommand, explainDenialCommand, runPolicyTestsCommand] as const

export interface Handlers {
  diagnose(uri: string): Promise<Diagnostic[]>
}

export function registerHandlers(server: Server): Handlers {
  const { connection, workspace, sessions, log } = server
  const policies = new Policies(server)
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
  connection.onCodeLens(({ textDocument }) =>
    onFile('lenses', textDocument.uri, [], (file, mesh) => {
      const more = server.ownCommands ? {} : { more: { show: true } }
      return workspace.settings.codeLens ? codeLenses(file, mesh, { ...more, differsFrom: resource => policies.differsFrom(resource) }) : []
    }),
  )
  connection.onCodeLensResolve(lens =>
    asked('a lens', lens, () => {
      const uri = uriOfLens(lens)
      return resolveLens(lens, uri === undefined ? undefined : workspace.file(uri), workspace.meshAt(uri), pod => timeLeftOf(pod, server))
    }),
  )
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    onFile('hints', textDocument.uri, [], (file, mesh) => (workspace.settings.inlayHints ? inlayHints(file, mesh, range) : [])),
  )

  /** Nothing is asked, so nothing is awaited. */
  const tell = (message: string) => void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Info, message })
  const commands: Readonly<Record<(typeof serverCommands)[number], (argument: unknown) => Promise<unknown>>> = {
    [evaluateCommand]: async argument => {
      const question = readEvaluateArguments(argument)
      await sessions.settled()
      const answer = await evaluate(question, workspace, sessions.reached)
      if (question.show) tell(textOf(answer))
      return answer
    },
    [whoCanCallCommand]: async argument => {
      const question = readWhoCanCallArguments(argument)
      await sessions.settled()
      const answer = await whoCanCall(question, workspace)
      if (question.show) tell(textOf(answer))
      return answer
    },
    [explainDenialCommand]: async argument => {
      const asked = readExplainArguments(argument)
      const answer = await explainDenial(asked, server)
      if (asked.show) tell(textOf(answer))
      return answer
    },
    [runPolicyTestsCommand]: async argument => {
      const asked = readRunArguments(argument)
      const result = await runPolicyTests(asked, server)
      if (asked.show) tell(runText(result))
      return result
    },
  }
  connection.onExecuteCommand(({ command, arguments: given }) => {
    const known = serverCommands.find(each => each === command)
    if (!known) throw new ResponseError(ErrorCodes.InvalidParams, `There is no command "${command}".`)
    sessions.want()
    return whenReady(() => commands[known](given?.[0]))
  })
  connection.onRequest(GetPolicyTests, ({ uri }) => asked(`tests ${uri}`, [], () => listPolicyTests(uri, workspace)))
  connection.onRequest(RunPolicyTests, (question, token) => whenReady(() => runPolicyTests(question, server, token)))
  connection.onRequest(GetEvaluationChoices, question =>
    whenReady(async () => {
      await sessions.settled()
      return evaluationChoices(question, workspace)
    }),
  )
  connection.onRequest(WriteTest, question => whenReady(() => testInsertion(question, workspace)))

  connection.onRequest(GetClusters, () =>
    asked('clusters', sessions.described, async () => {
      await sessions.opened()
      return sessions.described
    }),
  )
  connection.onRequest(GetContexts, () => whenReady(() => sessions.contexts()))
  connection.onRequest(UseContext, choice => whenReady(() => sessions.use(choice)))
  connection.onRequest(OpenContext, one => whenReady(() => sessions.open(one)))
  connection.onRequest(CloseContext, ({ context }) =>
    whenReady(async () => {
      await sessions.close(context)
      return sessions.described
    }),
  )
  connection.onRequest(GetNamespaces, ({ context }) =>
    whenReady(() => sessions.ask(context, async ({ knownNamespaces }) => ({ ok: true, value: knownNamespaces }))),
  )
  connection.onRequest(SelectNamespaces, ({ context, namespaces }) => whenReady(() => sessions.selectNamespaces(context, namespaces)))
  connection.onNotification(Resume, () => sessions.resume())
  connection.onRequest(Refresh, ({ context }) => whenReady(() => sessions.refresh(context)))
  connection.onRequest(GetMeshNodes, ({ parent, context, ...extent }) =>
    asked('mesh nodes', sessions.rows(), () => sessions.children(parent, context, { ...extent, rules: policies.ruleSettings })),
  )
  connection.onRequest(FindMeshRows, question => whenReady(() => findMeshRows(question, server)))
  connection.onRequest(GetObject, (object, token) => whenReady(() => objectText(object, server, token)))
  connection.onRequest(GetPolicyNodes, asked => whenReady(() => policies.rows(asked)))
  connection.onRequest(FindPolicyRows, subject => whenReady(() => policies.find(subject)))
  connection.onRequest(CompareWithCluster, subject => whenReady(() => policies.compare(subject)))
  connection.onRequest(FindPlace, ({ text, path }) => placeOf(text, path))
  connection.onRequest(GetCertificates, question => whenReady(() => certificatePages(question, server)))
  connection.onRequest(ReadCertificates, (question, token) => whenReady(() => readCertificates(question, server, token)))
  connection.onRequest(GetPodCertificates, (question, token) => whenReady(() => podCertificates(question, server, token)))
  connection.onRequest(FindWorkload, question => whenReady(() => rowsToWorkload(question, server)))
  connection.onRequest(GetAuthority, (question, token) => whenReady(() => authorityAsText(question, server, token)))
  connection.onRequest(AnalyzeGateway, (pod, token) => whenReady(() => inspectGateway(sessions, pod, token)))
  connection.onRequest(GetGateways, token => asked('gateways', [], () => gatewayPods(sessions, token)))
  connection.onRequest(CheckConnection, (question, token) => whenReady(() => inspectConnection(sessions, question, token)))
  connection.onRequest(GetPods, question => whenReady(() => podsOf(sessions, question)))
  connection.onRequest(GetPodPorts, pod => whenReady(() => portsOf(sessions, pod)))
  connection.onRequest(InspectFile, file => inspectFile(file))
  connection.onRequest(InspectCertificate, (pod, token) => whenReady(() => inspectCertificate(pod, server, token)))
  connection.onRequest(TakeSnapshot, (question, token) => whenReady(() => takeSnapshot(question, server, token)))
  connection.onRequest(GetJsonSchema, () => JSON.stringify(jsonSchema(kinds)))
  return { diagnose }
}

function textOf(answer: { readonly text: string } | { readonly problem: string }): string {
  return 'problem' in answer ? answer.problem : answer.text
}
