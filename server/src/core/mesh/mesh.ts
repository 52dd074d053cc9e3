// Questions about the world. The one rule: absence is only ever concluded from a list that was seen completely.
import type { Cel } from '../istio/cel/value.ts'
import type { ExtensionProvider, Kind, PathNormalization, Pod, Resource, ResourceOf } from '../istio/resources.ts'
import type { ExactPrincipal } from '../istio/values/principal.ts'
import type { ProxyKind } from './enrolment.ts'
import type { KindLists } from './lists.ts'

/** `absent` only for kinds that were seen completely: connected, allowed to list and synced, or the user declared the files to be the whole world. */
export type Presence = 'present' | 'absent' | 'unknown'

/** What one source of facts (a cluster, a set of files) knows. */
export interface World {
  readonly objects: readonly Resource[]
  /** The same by kind and namespace, each once; lists that did not change are the same as in the world before. */
  readonly lists?: KindLists
  /** Whether every object of this kind in this namespace (`undefined`: in the whole mesh) is among `objects`. */
  complete(kind: Kind, namespace: string | undefined): boolean
  /** The control plane's version, `1.30`, where it is known. */
  readonly istioVersion?: string
}

/** Of istiod's environment. Istio's defaults are off. */
export interface IstiodSwitches {
  /** AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY: ztunnel gets dry-run policies, to log what they would do. */
  readonly ambientDryRun: boolean
  /** PILOT_AUTO_ALLOW_WAYPOINT_POLICY: who is served by a waypoint is reached through it only, unless a policy allows more. */
  readonly autoAllowWaypoint: boolean
}

export interface MeshSettings {
  readonly rootNamespace: string
  readonly trustDomain: string
  readonly trustDomainAliases: readonly string[]
  readonly enableAutoMtls: boolean
  /** Who sees a DestinationRule without `exportTo`. */
  readonly defaultDestinationRuleExportTo: readonly string[]
  /** Who sees a Service or ServiceEntry without `exportTo`. */
  readonly defaultServiceExportTo: readonly string[]
  /** Of `caCertificates`: whose client certificates are accepted beside the mesh's own. */
  readonly foreignTrustDomains: readonly string[]
  readonly pathNormalization: PathNormalization
  readonly extensionProviders: readonly ExtensionProvider[]
  /** Proxies in front of the gateways. */
  readonly numTrustedProxies: number
  readonly istiod: IstiodSwitches
  /** False where the settings above are only Istio's defaults because nobody told them. */
  readonly known: boolean
}

/** One workload: the pods that share an owner, or a pod without one. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly ownerKind: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly serviceAccount: string
  readonly proxy: ProxyKind
  /** Known pods; empty for a workload that only a file describes. */
  readonly pods: readonly Pod[]
  /** It has no pods now, which is certain: nobody calls it, and it calls nobody. */
  readonly idle?: true
  readonly ports: readonly { readonly port: number; readonly name?: string }[]
}

export interface Mesh {
  readonly settings: MeshSettings
  readonly istioVersion?: string
  all<K extends Kind>(kind: K): readonly ResourceOf<K>[]
  in<K extends Kind>(kind: K, namespace: string): readonly ResourceOf<K>[]
  find<K extends Kind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined
  presence(kind: Kind, namespace: string, name: string): Presence
  /** Whether a workload can present this identity; `unknown` for a trust domain or peer cluster we cannot see. */
  identity(caller: ExactPrincipal): Presence
  /** What tells that other clusters belong to the mesh; none of their objects are known. */
  readonly peers: readonly string[]
  /** Whether every object of the kind in the namespace (or mesh) is known. */
  complete(kind: Kind, namespace?: string): boolean
  /** Every namespace that is known: by its own object, or because something lives in it. */
  readonly namespaces: ReadonlySet<string>
  /** Absent where there is no expression to read. */
  readonly cel?: Cel
  readonly workloads: readonly Workload[]
  workloadsIn(namespace: string): readonly Workload[]
}
