// Rows of the views of workloads and policies, and the objects behind them.
import type { MeshExtent, MeshNode, PodNode, WorkloadNode } from '../core/report/meshTree.ts'
import type { PolicyTreeNode } from '../core/report/policies/policyTree.ts'
import type { Position, Range } from '../core/yaml/lines.ts'
import type { ClusterState } from './clusters.ts'

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
