// Every custom message between client and server and the data it carries. The client imports nothing else of the server.
import { NotificationType, RequestType, RequestType0 } from 'vscode-languageserver-protocol'
import type { CertificateReport } from './core/certificate/report.ts'
import type { MeshNode, PodNode, ProxyKind, WorkloadNode } from './core/report/meshTree.ts'
import type { PodRef, Problem } from './core/report/problem.ts'

export type { Certificate, CertificateEntry, CertificateProblem, CertificateReport } from './core/certificate/report.ts'
export type { MeshNode, MtlsMode, NamespaceNode, PodNode, ProxyKind, WorkloadNode } from './core/report/meshTree.ts'
export type { ClusterProblem, PodRef, Problem } from './core/report/problem.ts'

/** What the client adds to the settings in `initializationOptions`. */
export interface InitializationOptions {
  /**
   * False in a window whose workspace is not trusted: no cluster and no `mesh` paths, since the workspace could choose what they run or read.
   * Absent = trusted, for editors without the notion. When trust is granted the client starts the server anew.
   */
  readonly trusted?: boolean
  /** True where the YAML extension judges YAML by our schema (`GetJsonSchema`), so that with `schemaValidation: auto` it need not be said twice. */
  readonly yamlExtension?: boolean
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

/** The kinds of Istio as JSON Schema (draft-07), serialised. */
export const GetJsonSchema = new RequestType0<string, void>('istioSecurity/jsonSchema')

export const ClusterStateChanged = new NotificationType<ClusterState>('istioSecurity/clusterStateChanged')
/** Says that something changed, never what it is now: views ask again. */
export const MeshChanged = new NotificationType<{ readonly kinds: readonly string[] }>('istioSecurity/meshChanged')
