// The clusters that are open, what each tells of itself, and how a person chooses them.
import type { Problem } from '../core/report/problem.ts'

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
