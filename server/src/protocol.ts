// Every custom message between client and server and the data it carries. The client imports nothing else of the server.
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-languageserver-protocol'
import type { WrittenCase } from './core/policytest/writtenCase.ts'
import type { CertificateNode } from './core/report/certificateTree/nodes.ts'
import type { MeshExtent } from './core/report/meshTree.ts'
import type { PolicyExtent } from './core/report/policies/policyTree.ts'
import type { PodRef } from './core/report/problem.ts'
import type { Range } from './core/yaml/lines.ts'
import type {
  CertificateInspection,
  CertificatesPage,
  CertificatesQuestion,
  FileInspection,
  FileToInspect,
} from './protocol/certificates.ts'
import type {
  Answer,
  ClusterChoice,
  ClusterState,
  Clusters,
  ContextChoice,
  ContextInfo,
  CredentialProgram,
  OneContext,
} from './protocol/clusters.ts'
import type { EvaluationChoices, EvaluationSubject, TestInsertion } from './protocol/decisions.ts'
import type {
  ConnectionInspection,
  ConnectionQuestion,
  GatewayInspection,
  GatewayPod,
  PodList,
  PodPort,
  PodsQuestion,
} from './protocol/live.ts'
import type { PolicyTestCase, PolicyTestResult, RunPolicyTestsArguments } from './protocol/policyTests.ts'
import type {
  Comparison,
  FindMeshRowsParams,
  FindWorkloadParams,
  FromContext,
  MeshRow,
  MeshRowPath,
  ObjectRef,
  ObjectText,
  PolicyRow,
  PolicyRowPath,
  PolicySubject,
} from './protocol/rows.ts'

export type { Certificate, CertificateEntry, CertificateProblem, CertificateReport } from './core/certificate/report.ts'
export type { ConnectionReport, Step as ConnectionStep } from './core/live/connection/step.ts'
export type { GatewayReport } from './core/live/gateway/gatewayReport.ts'
export type { WrittenCase, WrittenRequest, WrittenTarget, WrittenToken } from './core/policytest/writtenCase.ts'
export type {
  AuthorityNode,
  CertificateGroup,
  CertificateGrouping,
  CertificateNode,
  CertificateNote,
  CertificateTreeNode,
} from './core/report/certificateTree/nodes.ts'
export type { DecisionReport, StepReport } from './core/report/decisionReport.ts'
export type { GatewayCommand } from './core/report/gatewayCommands.ts'
export type {
  Finding,
  Grouping,
  GroupNode,
  MeshNode,
  MeshView,
  MoreNode,
  MtlsMode,
  NamespaceNode,
  PodNode,
  ProxyKind,
  Trait,
  WorkloadNode,
} from './core/report/meshTree.ts'
export type {
  FactNode,
  FileFact,
  FindingNode,
  PolicyExtent,
  PolicyKind,
  PolicyNode,
  PolicyTreeNode,
  ScopeNode,
} from './core/report/policies/policyTree.ts'
export type { ClusterProblem, Distrusted, PodRef, Problem } from './core/report/problem.ts'
export type { Position, Range } from './core/yaml/lines.ts'
export * from './protocol/certificates.ts'
export * from './protocol/clusters.ts'
export * from './protocol/decisions.ts'
export * from './protocol/live.ts'
export * from './protocol/policyTests.ts'
export * from './protocol/rows.ts'

/** What the client adds to the settings in `initializationOptions`. */
export interface InitializationOptions {
  /**
   * False in a window whose workspace is not trusted: no cluster and no `mesh` paths, since the workspace could choose what they run or read.
   * Absent = trusted, for editors without the notion. When trust is granted the client starts the server anew.
   */
  readonly trusted?: boolean
  /** True where the YAML extension judges YAML by our schema (`GetJsonSchema`), so that with `schemaValidation: auto` it need not be said twice. */
  readonly yamlExtension?: boolean
  /**
   * True for a client that runs the commands of lenses itself (a form to evaluate in) and asks the server by `workspace/executeCommand` for what
   * it shows. Absent: the server offers its commands to the editor, and shows what they find.
   */
  readonly ownCommands?: boolean
  /** What `Clusters.choice` said last; absent: settings decide. */
  readonly clusters?: ClusterChoice
  /** True for a client that answers `AllowProgram`. Absent: the programs of a kubeconfig are run as kubectl runs them. */
  readonly asksForPrograms?: boolean
}

/** Asked by whoever shows the clusters, so the server connects if it has not yet. */
export const GetClusters = new RequestType0<Clusters, void>('istioSecurity/clusters')
export const GetContexts = new RequestType0<Answer<readonly ContextInfo[]>, void>('istioSecurity/contexts')
/**
 * Judges files against what was chosen, in place of the cluster they were judged against, which is closed; or against nothing.
 * Where both are open already, both stay. Answers with the state reached.
 */
export const UseContext = new RequestType<ContextChoice, ClusterState, void>('istioSecurity/useContext')
/** Opens a cluster beside the others; answers with the state reached. */
export const OpenContext = new RequestType<OneContext, ClusterState, void>('istioSecurity/openContext')
/** Disconnects one, by its handle. */
export const CloseContext = new RequestType<FromContext, Clusters, void>('istioSecurity/closeContext')
/** Reads a cluster anew, or all, after a change of permissions or a lost network; answers with its state, or that of the judging one. */
export const Refresh = new RequestType<Partial<FromContext>, ClusterState, void>('istioSecurity/refresh')

/** The namespaces that are known of a cluster. */
export const GetNamespaces = new RequestType<FromContext, Answer<readonly string[]>, void>('istioSecurity/namespaces')
/** Reads these of a cluster, at once; empty: all that the account may list. Answers with the state reached. */
export const SelectNamespaces = new RequestType<FromContext & { readonly namespaces: readonly string[] }, ClusterState, void>(
  'istioSecurity/selectNamespaces',
)
/** Somebody is back at this window: what could not be reached is tried again at once. */
export const Resume = new NotificationType0('istioSecurity/resume')
/** From the server: may this program be run? Asked before each first need of its credentials; false leaves the cluster unconnected. */
export const AllowProgram = new RequestType<CredentialProgram, boolean, void>('istioSecurity/allowProgram')

/** Children of a row, named by its id and context: clusters for no parent, then namespaces or groups, workloads, pods. */
export const GetMeshNodes = new RequestType<
  { readonly parent?: string; readonly context?: string } & MeshExtent,
  Answer<readonly MeshRow[]>,
  void
>('istioSecurity/meshNodes')
/** The workloads that an object of an open file stands for, in the clusters that are open: what a policy selects, what an owner makes, who runs as an account. */
export const FindMeshRows = new RequestType<FindMeshRowsParams, Answer<readonly MeshRowPath[]>, void>('istioSecurity/findMeshRows')
/** An object of a cluster as YAML, without what is private: never a Secret. */
export const GetObject = new RequestType<ObjectRef, Answer<ObjectText>, void>('istioSecurity/object')
/** Children of a row of the Policies view, as in `GetMeshNodes`. */
export const GetPolicyNodes = new RequestType<
  { readonly parent?: string; readonly context?: string } & PolicyExtent,
  Answer<readonly PolicyRow[]>,
  void
>('istioSecurity/policyNodes')
/** Of the policies that stand at a place, in the clusters that are open. */
export const FindPolicyRows = new RequestType<PolicySubject, Answer<readonly PolicyRowPath[]>, void>('istioSecurity/findPolicyRows')
export const CompareWithCluster = new RequestType<PolicySubject, Answer<Comparison>, void>('istioSecurity/compareWithCluster')
/** Where keys and indexes lead to in the text of a document; as far as they lead. */
export const FindPlace = new RequestType<{ readonly text: string; readonly path: readonly (string | number)[] }, Range, void>(
  'istioSecurity/findPlace',
)
/** More is known of the policies of a cluster: the Policies view asks again. */
export const PolicyFactsChanged = new NotificationType<FromContext>('istioSecurity/policyFactsChanged')
/** What is known already, of each open cluster; asks no proxy. */
export const GetCertificates = new RequestType<CertificatesQuestion, Answer<readonly CertificatesPage[]>, void>(
  'istioSecurity/certificates',
)
/**
 * Asks the proxies whose certificates are unknown or were read long ago; with `again` all of the question. Ends when all have answered;
 * cancelled when nobody looks any more. `CertificatesRead` tells how far it is.
 */
export const ReadCertificates = new RequestType<CertificatesQuestion & { readonly again?: boolean }, Answer<null>, void>(
  'istioSecurity/readCertificates',
)
/** Of each pod of a workload, `several` of its row: asks their proxies. */
export const GetPodCertificates = new RequestType<{ readonly workload: string } & FromContext, Answer<readonly CertificateNode[]>, void>(
  'istioSecurity/podCertificates',
)
/** Of a row of the Certificates view: where the Workloads view has its workload. */
export const FindWorkload = new RequestType<FindWorkloadParams, Answer<MeshRowPath>, void>('istioSecurity/findWorkload')
/** A CA certificate that was read, by its fingerprint: in words, then as PEM. */
export const GetAuthority = new RequestType<{ readonly sha256: string } & FromContext, Answer<string>, void>('istioSecurity/authority')
/** The handshake between two pods, step by step, from what their proxies have now. */
/** Asks the proxy of a pod for its whole configuration, and the API server for the end of its log. */
export const AnalyzeGateway = new RequestType<PodRef, Answer<GatewayInspection>, void>('istioSecurity/analyzeGateway')
/** The pods of gateways in every open cluster. */
export const GetGateways = new RequestType0<readonly GatewayPod[], void>('istioSecurity/getGateways')
export const CheckConnection = new RequestType<ConnectionQuestion, Answer<ConnectionInspection>, void>('istioSecurity/checkConnection')
/** What a command can be about that needs a pod and was given none. */
export const GetPods = new RequestType<PodsQuestion, Answer<PodList>, void>('istioSecurity/pods')
/** The ports that a pod, its Services and policies name. */
export const GetPodPorts = new RequestType<PodRef, Answer<readonly PodPort[]>, void>('istioSecurity/podPorts')
export const InspectFile = new RequestType<FileToInspect, Answer<FileInspection>, void>('istioSecurity/inspectFile')
export const InspectCertificate = new RequestType<PodRef, Answer<CertificateInspection>, void>('istioSecurity/inspectCertificate')

/** What a snapshot of a cluster is to be. */
export interface SnapshotQuestion {
  /** Absent: the cluster that files are judged against, or the only one. */
  readonly context?: string
  readonly format: 'yaml' | 'json'
  /** Names are replaced, the same everywhere. */
  readonly pseudonyms: boolean
}

export interface SnapshotText {
  readonly text: string
  /** How many it holds. */
  readonly objects: number
  /** Why something is missing, in sentences. */
  readonly missing: readonly string[]
}

/** Reads the cluster once more, so that nothing is in the snapshot that the session does not keep. */
export const TakeSnapshot = new RequestType<SnapshotQuestion, Answer<SnapshotText>, void>('istioSecurity/takeSnapshot')

/** What is asked with `EvaluateArguments` and answered with an `EvaluateResult`. */
export const evaluateCommand = 'istioSecurity.evaluate'
export const whoCanCallCommand = 'istioSecurity.whoCanCall'
export const GetEvaluationChoices = new RequestType<EvaluationSubject, EvaluationChoices, void>('istioSecurity/evaluationChoices')
/** Where a case goes in a policy test with this text (`''`: a new one), expecting what is decided now. */
export const WriteTest = new RequestType<
  { readonly uri?: string; readonly case: WrittenCase; readonly text: string },
  TestInsertion | { readonly problem: string },
  void
>('istioSecurity/writeTest')

/** What is asked with `ExplainDenialArguments` and answered with an `ExplainDenialResult`. */
export const explainDenialCommand = 'istioSecurity.explainDenial'
/** In characters: about 1,500 lines of an access log. Nothing else is answered while a text is read. */
export const longestToExplain = 500_000

/** The cases of a file, open or not; none for what is no policy test. */
export const GetPolicyTests = new RequestType<{ readonly uri: string }, readonly PolicyTestCase[], void>('istioSecurity/policyTests')
export const RunPolicyTests = new RequestType<RunPolicyTestsArguments, PolicyTestResult, void>('istioSecurity/runPolicyTests')
/** The same through `workspace/executeCommand`. */
export const runPolicyTestsCommand = 'istioSecurity.runPolicyTests'

/** The kinds of Istio as JSON Schema (draft-07), serialised. */
export const GetJsonSchema = new RequestType0<string, void>('istioSecurity/jsonSchema')

export const ClustersChanged = new NotificationType<Clusters>('istioSecurity/clustersChanged')
/** Says that something changed in one cluster, never what it is now: views ask again. */
export const MeshChanged = new NotificationType<{ readonly kinds: readonly string[] } & FromContext>('istioSecurity/meshChanged')
/** More certificates are known than before. */
export const CertificatesRead = new NotificationType<FromContext>('istioSecurity/certificatesRead')
/** What answers stand on changed: files of the disk, settings, or the cluster. Of open documents the client knows before the server does. */
export const WorldChanged = new NotificationType0('istioSecurity/worldChanged')
