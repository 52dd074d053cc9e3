// Every custom message between client and server and the data it carries. The client imports nothing else of the server.
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-languageserver-protocol'
import type { CertificateReport } from './core/certificate/report.ts'
import type { ConnectionReport } from './core/live/connection/step.ts'
import type { GatewayReport } from './core/live/gateway/gatewayReport.ts'
import type { RuleCoverage } from './core/policytest/coverage.ts'
import type { WrittenCase, WrittenTarget } from './core/policytest/writtenCase.ts'
import type { AccessReport, CallableReport } from './core/report/accessReport.ts'
import type { CertificateGrouping, CertificateNode, CertificateTreeNode } from './core/report/certificateTree/nodes.ts'
import type { DecisionReport, StepReport } from './core/report/decisionReport.ts'
import type { ExplainReport } from './core/report/explainReport.ts'
import type { GatewayCommand } from './core/report/gatewayCommands.ts'
import type { MeshExtent, MeshNode, PodNode, ProxyKind, WorkloadNode } from './core/report/meshTree.ts'
import type { PolicyExtent, PolicyTreeNode } from './core/report/policies/policyTree.ts'
import type { CaseReport, PolicyTestReport } from './core/report/policyTestReport.ts'
import type { PodRef, Problem } from './core/report/problem.ts'
import type { Position, Range } from './core/yaml/lines.ts'

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

/** An expected failure is data, so every caller must handle it and can offer the way out. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

/** The clusters that are open side by side, in the order in which they were opened. */
export interface Clusters {
  readonly open: readonly OpenCluster[]
  /** `context` of the one that files are judged against. */
  readonly judging?: string
  /** Of that one; else why files are judged alone. */
  readonly state: ClusterState
  /** What somebody chose for this workspace, to be handed back at the next start; absent: settings decide. */
  readonly choice?: ClusterChoice
}

export interface OpenCluster {
  /** Its handle in rows and requests: the context's name, with its file where another open cluster has that name. */
  readonly context: string
  /** What opens it again. */
  readonly choice: OneContext
  readonly state: ClusterState
  /** The namespaces that are read; empty: all that the account may list. */
  readonly namespaces: readonly string[]
}

/** Which clusters somebody opened, and what is read of them. */
export interface ClusterChoice {
  /** Absent: the settings say which one. */
  readonly open?: readonly OneContext[]
  /** One of `open`; absent: files are judged alone. */
  readonly judging?: OneContext
  /** Instead of the setting `namespaces`. */
  readonly namespaces?: readonly (OneContext & { readonly namespaces: readonly string[] })[]
}

export interface OneContext {
  readonly context: string
  /** Absent: the configured one. */
  readonly kubeconfig?: string
}

/** The connection to a cluster, as the status bar and the welcome views tell it. */
export type ClusterState =
  | { readonly kind: 'off'; readonly problem: Problem }
  | { readonly kind: 'connecting'; readonly context: string; readonly step?: ConnectingStep }
  | ({ readonly kind: 'connected' } & ConnectedCluster)
  /** Was connected; the last facts are kept and shown as old. */
  | ({ readonly kind: 'stale'; readonly since: string; readonly problem: Problem } & ConnectedCluster)
  | { readonly kind: 'failed'; readonly context: string; readonly problem: Problem }

/** What a connection that is being made waits for: an answer about the credential program, the person who signs in, the lists. Absent: the server. */
export type ConnectingStep = 'asking' | 'signing-in' | 'listing'

export interface ConnectedCluster {
  readonly context: string
  readonly server: string
  /** `1.30`, where the control plane tells it. */
  readonly istioVersion?: string
  /** False where the API server knows no Istio kinds. */
  readonly istio: boolean
  /** What this account may not list or watch: nothing is concluded about it. */
  readonly gaps: readonly { readonly resource: string; readonly namespace?: string; readonly problem: Problem }[]
  /** The kubeconfig disables TLS verification: shown persistently. */
  readonly insecure: boolean
}

/** A program that a kubeconfig names to print credentials. */
export interface CredentialProgram {
  /** The context that needs it. */
  readonly context: string
  /** The file that names it. */
  readonly kubeconfig: string
  readonly command: string
  readonly args: readonly string[]
  /** Names of the environment variables that it is given besides. */
  readonly env: readonly string[]
}

export interface ContextInfo {
  readonly name: string
  readonly cluster: string
  readonly server: string
  readonly user: string
  /** The current context of the configured kubeconfig. */
  readonly current: boolean
  /** The file it stands in, where that is not the configured kubeconfig; handed back with the choice. */
  readonly kubeconfig?: string
}

/** Which cluster somebody wants files to be judged against. */
export interface ContextChoice {
  /** `null`: no cluster. Absent: the current context of the kubeconfig. */
  readonly context?: string | null
  /** Absent: the configured one. */
  readonly kubeconfig?: string
}

/** A row of the Workloads view. Rows outlive the connection that they come from, so each names its context. */
export type MeshRow = ClusterRow | (MeshNode & FromContext)
export type WorkloadRow = WorkloadNode & FromContext
export type PodRow = PodNode & FromContext

export interface FromContext {
  /** The handle of its cluster. */
  readonly context: string
}

/** An open cluster, whatever its state. */
export interface ClusterRow extends FromContext {
  readonly kind: 'cluster'
  readonly id: string
  readonly name: string
  readonly state: ClusterState
  /** Files are judged against it. */
  readonly judging: boolean
  /** One line for the tree, such as `connected · Istio 1.30`. */
  readonly description: string
  /** What holds of its mesh as a whole, such as `Trust domain: cluster.local`; absent while nothing of it is known. */
  readonly facts?: readonly string[]
}

export interface FindMeshRowsParams extends Pick<MeshExtent, 'view'> {
  readonly uri: string
  /** Of the cursor. */
  readonly position: Position
}

export interface FindWorkloadParams extends Pick<MeshExtent, 'view'>, FromContext {
  /** `id` of its row in the Certificates view. */
  readonly workload: string
}

/** The rows that lead to a workload, from its cluster to its own. */
export interface MeshRowPath {
  readonly steps: readonly {
    readonly row: MeshRow
    /** With which its parent shows it. */
    readonly limit: number
  }[]
  /** False where the view hides it; then the rows are those of the view without a filter. */
  readonly shown: boolean
}

/** An object of a cluster by its name; `namespace` absent for kinds without. */
export interface ObjectRef extends FromContext {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface ObjectText {
  readonly yaml: string
}

/** A row of the Policies view. */
export type PolicyRow = ClusterRow | (PolicyTreeNode & FromContext)

/** A policy by its place: of the cursor in an open file, or of a name. */
export type PolicySubject = { readonly uri: string; readonly position: Position } | ObjectRef

/** The rows that lead to a policy, the outermost first. */
export interface PolicyRowPath {
  readonly rows: readonly PolicyRow[]
}

/** An object as a file and a cluster say it. */
export interface Comparison {
  readonly context: string
  /** `AuthorizationPolicy shop/pay`. */
  readonly object: string
  /** The document of the file with what the cluster has in its place. */
  readonly cluster: string
  /** As people know the file. */
  readonly file: string
  readonly uri: string
  /** Of the document; absent where the file has only this one, and can be shown itself. */
  readonly document?: string
  /** Of the object in the file. */
  readonly range: Range
}

/** What the Certificates view shows. */
export interface CertificatesQuestion {
  readonly grouping: CertificateGrouping
  /** Words; only workloads whose name or identity has them all. */
  readonly filter?: string
  /** How many workloads are read, by the handle of the cluster; absent: `certificatesAtOnce`. */
  readonly limits?: Readonly<Record<string, number>>
}

/** The proxies of a cluster are asked by so many workloads: each answer takes the API server a connection. */
export const certificatesAtOnce = 50

/** The certificates of one open cluster, as far as they were read. */
export interface CertificatesPage extends FromContext {
  readonly cluster: ClusterRow
  readonly rows: readonly CertificateTreeNode[]
  /** Workloads that have a proxy and pass the filter. */
  readonly workloads: number
  /** How many of them are to be read, and how many were. */
  readonly wanted: number
  readonly read: number
}

/** Everything the certificate page shows. */
export interface CertificateInspection {
  readonly pod: PodRef
  readonly proxy: ProxyKind
  /** RFC 3339: when the proxy was asked; every duration below counts from here. */
  readonly readAt: string
  /** The identity this pod's service account should have, `spiffe://…`. */
  readonly expectedIdentity: string
  /** Facts that hold, in words: "The identity is the pod's service account: shop/checkout." */
  readonly facts: readonly string[]
  readonly report: CertificateReport
  /** The text twin of the page. */
  readonly text: string
}

/** A file to look at, as it stands in the editor or on disk. */
export interface FileToInspect {
  /** What the page calls it. */
  readonly name: string
  /** Its bytes, at most `largestFile`. */
  readonly base64: string
}

/** Bytes of a file that is inspected; a full dump of a large mesh has some 50 MB. */
export const largestFile = 64 * 1024 * 1024

/** Everything the certificate page shows of a file. */
export interface FileInspection extends Pick<CertificateInspection, 'readAt' | 'facts' | 'report' | 'text'> {
  readonly file: string
}

/** Two pods of one cluster: who calls, and who is called at a port of the pod. */
export interface ConnectionQuestion {
  readonly from: PodRef
  readonly to: PodRef
  readonly port: number
}

/** Everything the connection page shows. */
export interface ConnectionInspection extends ConnectionQuestion {
  /** RFC 3339: when the proxies were asked; validity is judged then. */
  readonly readAt: string
  readonly report: ConnectionReport
  /** In one line. */
  readonly verdict: string
  /** The text twin of the page. */
  readonly text: string
}

/** Everything the gateway page shows. */
export interface GatewayInspection {
  readonly pod: PodRef
  /** RFC 3339: when the proxy was asked; every duration counts from here. */
  readonly readAt: string
  readonly report: GatewayReport
  /** What is wrong, in one line. */
  readonly verdict: string
  /** That look deeper: to copy, never run. */
  readonly commands: readonly GatewayCommand[]
  /** The text twin of the page. */
  readonly text: string
}

/** A pod of a gateway, for a choice. */
export interface GatewayPod extends PodRef {
  readonly workload: string
}

export interface PodsQuestion {
  /** Absent: of the cluster that files are judged against, or of the only one. */
  readonly context?: string
  readonly namespace?: string
  /** So many are one list; of a namespace, all are. */
  readonly limit: number
}

/** Pods for a choice by typing; of more than the limit the namespaces that have any, in order. */
export type PodList =
  | { readonly kind: 'pods'; readonly pods: readonly PodOfWorkload[] }
  | { readonly kind: 'namespaces'; readonly context: string; readonly namespaces: readonly string[] }

export interface PodOfWorkload extends PodRef {
  readonly context: string
  readonly workload: string
}

/** A port that can be called at a pod, for a choice. */
export interface PodPort {
  readonly port: number
  readonly name?: string
}

/** The one argument of `istioSecurity.evaluate`, through `workspace/executeCommand`: would this request be let in, and by which rule? */
export interface EvaluateArguments {
  /** The open file in whose view of the world is decided; absent: that of the workspace. */
  readonly uri?: string
  /** Absent: a request that the rule below describes. */
  readonly case?: WrittenCase
  /** `rule` counts from 0. */
  readonly policy?: PolicyName
  readonly rule?: number
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

export interface PolicyName {
  readonly namespace: string
  readonly name: string
}

/** A case that cannot be decided about, because it is not whole or names what is not there, is answered with a problem. */
export type EvaluateResult = Evaluation | { readonly version: 1; readonly problem: string }

export interface Evaluation extends DecisionReport {
  readonly case: WrittenCase
  /** Where a file says them. */
  readonly steps: readonly (StepReport & Partial<RulePlace>)[]
  readonly text: string
  /** The command line that asks the same, from the workspace folder. */
  readonly command: string
}

/** Where a rule, or a policy without rules, is written. */
export interface RulePlace {
  readonly uri: string
  readonly range: Range
}

/** The one argument of `istioSecurity.whoCanCall`, through `workspace/executeCommand`: one of the fields says who is meant. */
export interface WhoCanCallArguments {
  /** The open file in whose view of the world is decided; absent: that of the workspace. */
  readonly uri?: string
  /** Who is called: `namespace/name`, with `:port`. */
  readonly to?: string
  /** Instead: what this workload can call. */
  readonly from?: string
  /** Each workload of the policy, or of the Service, or that runs as the account, is asked about. */
  readonly policy?: PolicyName
  readonly service?: PolicyName
  readonly serviceAccount?: PolicyName
  /** Of the cursor in the open file: what stands there is meant where nothing else is said. */
  readonly position?: Position
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

/** As `access --format json` reports, with its words; of several workloads a report for each. */
export type WhoCanCallResult =
  | (AccessReport & AccessWords)
  | (CallableReport & AccessWords)
  | ({ readonly version: 1; readonly accesses: readonly AccessReport[] } & AccessWords)
  | { readonly version: 1; readonly problem: string }

export interface AccessWords {
  /** `Who can call checkout`. */
  readonly title: string
  readonly text: string
}

/** The one argument of `istioSecurity.explainDenial`, through `workspace/executeCommand`: who refused what this text of a proxy tells of? */
export interface ExplainDenialArguments {
  /** Lines of a log, or the body of an answer; not longer than `longestToExplain`. */
  readonly text: string
  /** The answer is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

export type ExplainDenialResult = DenialExplanation | { readonly version: 1; readonly problem: string }

/** As `explain --format json` reports, with what an editor needs besides. */
export interface DenialExplanation extends ExplainReport {
  readonly text: string
  /** Of the policies that the text names, in its order. */
  readonly places: readonly NamedPlace[]
}

export interface NamedPlace extends RulePlace {
  /** What a line of the text ends with: `policies/pay.yaml:14`. */
  readonly name: string
}

/** What somebody wants to evaluate: a policy or one of its rules, by its name or because the cursor stands in it. */
export interface EvaluationSubject extends Pick<EvaluateArguments, 'uri' | 'policy' | 'rule'> {
  /** Of the cursor in the open file; counts where no policy is named. */
  readonly position?: Position
}

/** What a request to evaluate can be made of. */
export interface EvaluationChoices {
  /** What was named, or stands at the cursor; absent: any workload is meant. */
  readonly policy?: PolicyName
  readonly rule?: number
  readonly callers: readonly CallerChoice[]
  /** Of the policy, where one is named; else every workload. */
  readonly targets: readonly WrittenTarget[]
  /** What the policy's rule describes. */
  readonly example?: WrittenCase
}

/** A workload that can call over mTLS. */
export interface CallerChoice {
  /** `namespace/name`. */
  readonly workload: string
  /** The SPIFFE ID without `spiffe://`. */
  readonly identity: string
}

/** A case as it is written into a policy test. */
export interface TestInsertion {
  readonly position: Position
  readonly text: string
}

/** A case of a policy test, as a list of tests shows it. */
export interface PolicyTestCase {
  /** Names it in its file. */
  readonly id: string
  readonly name: string
  readonly range: Range
  /** Why it cannot be run. */
  readonly problems: readonly { readonly message: string; readonly range: Range }[]
}

/** The one argument of `istioSecurity.runPolicyTests`, and the parameters of `RunPolicyTests`. */
export interface RunPolicyTestsArguments {
  /** A policy test, open or not. */
  readonly uri: string
  /** By their ids; absent: all. */
  readonly cases?: readonly string[]
  /** The place of each rule is wanted; else only of policies that decided. */
  readonly coverage?: boolean
  /** What comes out is shown to the user too, by `window/showMessage`. */
  readonly show?: boolean
}

/** As `test --format json` reports, with what an editor needs besides. */
export interface PolicyTestRun extends PolicyTestReport<PolicyTestOutcome, PlacedCoverage> {
  /** What the cases were run against, in words. */
  readonly worlds: readonly string[]
}

export type PolicyTestResult = PolicyTestRun | { readonly version: 1; readonly problem: string }

export interface PolicyTestOutcome extends CaseReport {
  readonly id: string
  /** Where the rule that decided is written; null where none did, or no file says it. */
  readonly place: RulePlace | null
}

export interface PlacedCoverage extends RuleCoverage {
  /** Null for a rule that no file says, and where it is not wanted. */
  readonly place: RulePlace | null
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
/** What is known already, of each open cluster; asks no proxy. */
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
