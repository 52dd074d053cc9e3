// Every custom message between client and server and the data it carries. The client imports nothing else of the server.
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-languageserver-protocol'
import type { CertificateReport } from './core/certificate/report.ts'
import type { RuleCoverage } from './core/policytest/coverage.ts'
import type { WrittenCase, WrittenTarget } from './core/policytest/writtenCase.ts'
import type { AccessReport, CallableReport } from './core/report/accessReport.ts'
import type { DecisionReport, StepReport } from './core/report/decisionReport.ts'
import type { ExplainReport } from './core/report/explainReport.ts'
import type { MeshNode, PodNode, ProxyKind, WorkloadNode } from './core/report/meshTree.ts'
import type { CaseReport, PolicyTestReport } from './core/report/policyTestReport.ts'
import type { PodRef, Problem } from './core/report/problem.ts'
import type { Position, Range } from './core/yaml/lines.ts'

export type { Certificate, CertificateEntry, CertificateProblem, CertificateReport } from './core/certificate/report.ts'
export type { WrittenCase, WrittenRequest, WrittenTarget, WrittenToken } from './core/policytest/writtenCase.ts'
export type { DecisionReport, StepReport } from './core/report/decisionReport.ts'
export type { MeshNode, MtlsMode, NamespaceNode, PodNode, ProxyKind, WorkloadNode } from './core/report/meshTree.ts'
export type { ClusterProblem, PodRef, Problem } from './core/report/problem.ts'
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
}

/** An expected failure is data, so every caller must handle it and can offer the way out. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

/** The connection to a cluster, as the status bar and the welcome views tell it. */
export type ClusterState =
  | { readonly kind: 'off'; readonly problem: Problem }
  | { readonly kind: 'connecting'; readonly context: string }
  | ({ readonly kind: 'connected' } & ConnectedCluster)
  /** Was connected; the last facts are kept and shown as old. */
  | ({ readonly kind: 'stale'; readonly since: string; readonly problem: Problem } & ConnectedCluster)
  | { readonly kind: 'failed'; readonly context: string; readonly problem: Problem }

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

/** Which cluster somebody wants to read until the window closes. */
export interface ContextChoice {
  /** `null`: no cluster. Absent: the current context of the kubeconfig. */
  readonly context?: string | null
  /** Absent: the configured one. */
  readonly kubeconfig?: string
}

/** A row of the Workloads view. Rows outlive the connection that they come from, so each names its context. */
export type MeshRow = MeshNode & FromContext
export type WorkloadRow = WorkloadNode & FromContext
export type PodRow = PodNode & FromContext

export interface FromContext {
  readonly context: string
}

/** The proxy certificate of one workload, for the Certificates view. */
export interface CertificateNode {
  readonly kind: 'certificate'
  readonly id: string
  readonly pod: PodRef
  readonly workload: string
  readonly identity?: string
  /** RFC 3339; absent where no certificate could be read. */
  readonly notAfter?: string
  readonly state: 'valid' | 'renewal-due' | 'expired' | 'not-yet-valid' | 'warming' | 'unreadable'
  readonly description: string
  /** Why it needs attention, in words. */
  readonly note?: string
}

export interface CertificatesPage {
  /** Those that need attention first, then by expiry. */
  readonly certificates: readonly CertificateNode[]
  /** How many workloads with a proxy were not read yet; ask again with a larger `limit`. */
  readonly remaining: number
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

/** Asked by whoever shows the cluster, so the server connects if it has not yet. */
export const GetClusterState = new RequestType0<ClusterState, void>('istioSecurity/clusterState')
export const GetContexts = new RequestType0<Answer<readonly ContextInfo[]>, void>('istioSecurity/contexts')
/** Connects to what was chosen, or disconnects; answers with the state reached. */
export const UseContext = new RequestType<ContextChoice, ClusterState, void>('istioSecurity/useContext')
/** Reads the cluster anew, after a change of permissions or a lost network. */
export const Refresh = new RequestType0<ClusterState, void>('istioSecurity/refresh')

/** Children of a row, named by its id and context: namespaces for no parent, then workloads, then pods. */
export const GetMeshNodes = new RequestType<{ readonly parent?: string; readonly context?: string }, Answer<readonly MeshRow[]>, void>(
  'istioSecurity/meshNodes',
)
export const GetCertificates = new RequestType<{ readonly limit: number }, Answer<CertificatesPage>, void>('istioSecurity/certificates')
export const InspectCertificate = new RequestType<PodRef, Answer<CertificateInspection>, void>('istioSecurity/inspectCertificate')

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

export const ClusterStateChanged = new NotificationType<ClusterState>('istioSecurity/clusterStateChanged')
/** Says that something changed, never what it is now: views ask again. */
export const MeshChanged = new NotificationType<{ readonly kinds: readonly string[] }>('istioSecurity/meshChanged')
/** What answers stand on changed: files of the disk, settings, or the cluster. Of open documents the client knows before the server does. */
export const WorldChanged = new NotificationType0('istioSecurity/worldChanged')
