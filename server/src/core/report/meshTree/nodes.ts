// What the rows of the mesh tree are: plain data, with the one line each shows.
import type { MtlsMode } from '../../decide/mtls/server.ts'
import type { ProxyKind } from '../../mesh/enrolment.ts'

export interface NamespaceNode {
  readonly kind: 'namespace'
  readonly id: string
  readonly name: string
  /** Effective mode of the namespace for workloads without a policy of their own; absent where no workload has a proxy. */
  readonly mode?: MtlsMode
  /** The PeerAuthentication that sets it, `namespace/name`; absent = the built-in default. */
  readonly policy?: string
  readonly dataplane: 'sidecar' | 'ambient' | 'mixed' | 'none'
  /** How its pods come into the mesh, a sentence; absent where the labels of the namespace are not known. */
  readonly enrolment?: string
  readonly workloads: number
  /** Of its workloads, all together. */
  readonly findings: number
  /** One line for the tree, such as `STRICT · 3 workloads`. */
  readonly description: string
}

export interface WorkloadNode {
  readonly kind: 'workload'
  readonly id: string
  readonly namespace: string
  readonly name: string
  /** Kind of the owner: Deployment, StatefulSet, DaemonSet, Job, Pod … */
  readonly owner: string
  readonly proxy: ProxyKind
  readonly mode: MtlsMode
  /** The PeerAuthentication that decides, `namespace/name`; absent = the built-in default. */
  readonly policy?: string
  readonly ports: readonly { readonly port: number; readonly mode: MtlsMode; readonly policy?: string }[]
  readonly pods: { readonly ready: number; readonly all: number }
  readonly serviceAccount: string
  /** SPIFFE id without `spiffe://`; absent where no proxy presents one. */
  readonly identity?: string
  /** Who enforces policies, a sentence; absent where nobody does or it is not known. */
  readonly enforcer?: string
  readonly description: string
  readonly findings: readonly Finding[]
  /** What the rules find in the policies that are written for it by name, a sentence each. */
  readonly policyProblems: readonly string[]
}

/** Something that needs attention, as a sentence. */
export interface Finding {
  readonly kind: FindingKind
  readonly message: string
}

export type FindingKind = 'no-proxy' | 'partly-injected' | 'account-gone' | 'clients-conflict' | 'old-proxy'

export interface PodNode {
  readonly kind: 'pod'
  readonly id: string
  readonly namespace: string
  readonly name: string
  /** `id` of its workload. */
  readonly workload: string
  readonly proxy: ProxyKind
  /** Of what carries its traffic: `1.30.1`; absent where the image does not tell. */
  readonly proxyVersion?: string
  readonly phase: string
  readonly serviceAccount: string
  /** SPIFFE id without `spiffe://`; absent where no proxy presents one. */
  readonly identity?: string
  readonly description: string
  readonly findings: readonly Finding[]
}

/** Workloads of all namespaces that have something in common. */
export interface GroupNode {
  readonly kind: 'group'
  readonly id: string
  readonly name: string
  readonly workloads: number
  readonly description: string
}

/** Stands for the rows that were not asked for. */
export interface MoreNode {
  readonly kind: 'more'
  readonly id: string
  /** `id` of the row whose children they are; absent for the topmost. */
  readonly below?: string
  /** How many there are. */
  readonly rest: number
  /** The `limit` that shows the next of them. */
  readonly limit: number
  readonly name: string
  readonly description: string
}

export type MeshNode = NamespaceNode | WorkloadNode | PodNode | GroupNode | MoreNode
