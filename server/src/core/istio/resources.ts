// The objects that decide about security, as typed values. What a person writes carries its place; what only the cluster makes does not.
import type { Located, Node, Span } from '../yaml/tree.ts'
import type { OpenApiSchema } from './openApi.ts'

export type Resource =
  | Namespace
  | Pod
  | Service
  | EndpointSlice
  | ServiceAccount
  | WorkloadOwner
  | PeerAuthentication
  | AuthorizationPolicy
  | RequestAuthentication
  | DestinationRule
  | IstioGateway
  | Sidecar
  | ServiceEntry
  | WorkloadEntry
  | WorkloadGroup
  | VirtualService
  | Telemetry
  | WasmPlugin
  | EnvoyFilter
  | Secret
  | Gateway
  | GatewayClass
  | MeshConfig
  | InjectionWebhook
  | CustomResourceDefinition
  | Snapshot

export type Kind = Resource['kind']
/** The kind as it is written; two groups have a Gateway. */
export function apiKind({ kind }: Pick<Resource, 'kind'>): string {
  if (kind === 'InjectionWebhook') return 'MutatingWebhookConfiguration'
  return kind === 'IstioGateway' ? 'Gateway' : kind
}

export type ResourceOf<K extends Kind> = Extract<Resource, { kind: K }>

export type Labels = Readonly<Record<string, string>>

/** Where an object comes from. */
export type Source =
  | { readonly from: 'file'; readonly uri: string; readonly document: number; readonly span: Span }
  | { readonly from: 'cluster'; readonly context: string }

interface Base {
  readonly apiVersion: string
  readonly name: string
  /** As written, else the namespace the file stands for (`default`); `""` for cluster-wide kinds. */
  readonly namespace: string
  readonly labels: Labels
  readonly annotations: Labels
  /** RFC 3339; only objects of the cluster have one. */
  readonly created?: string
  /** Of an object of the cluster whose kind people write: it as JSON, without status and what machines note in it. `documentOf` is its YAML. */
  readonly written?: string
  readonly source: Source
  readonly at: {
    readonly kind: Span
    readonly name?: Span
    readonly namespace?: Span
  }
}

export interface Namespace extends Base {
  readonly kind: 'Namespace'
}

export interface ServiceAccount extends Base {
  readonly kind: 'ServiceAccount'
}

export interface Pod extends Base {
  readonly kind: 'Pod'
  readonly serviceAccount: string
  readonly nodeName?: string
  readonly hostNetwork: boolean
  readonly ip?: string
  /** Pending, Running, Succeeded, Failed, Unknown; absent in files. */
  readonly phase?: string
  readonly ready?: boolean
  /** Names of containers and restartable init containers. */
  readonly containers: readonly string[]
  /** Image of the container `istio-proxy`: `docker.io/istio/proxyv2:1.30.1`. */
  readonly proxyImage?: string
  readonly ports: readonly ContainerPort[]
  /** The controlling owner reference: `ReplicaSet`, `StatefulSet` … */
  readonly owner?: { readonly kind: string; readonly name: string }
}

export interface ContainerPort {
  readonly port: number
  readonly name?: string
  readonly protocol?: string
}

/** Deployment, StatefulSet, DaemonSet, Job: what makes pods. In files it stands for the pods it would make. */
export interface WorkloadOwner extends Base {
  readonly kind: 'WorkloadOwner'
  readonly ownerKind: string
  readonly template: {
    readonly labels: Labels
    readonly annotations: Labels
    readonly serviceAccount: string
    readonly hostNetwork: boolean
    readonly containers: readonly string[]
    readonly ports: readonly ContainerPort[]
  }
  /** What the container `discovery` has in its environment: the switches of istiod. Absent where there is no such container. */
  readonly discovery?: Labels
  /** Image of the container `discovery`: `docker.io/istio/pilot:1.30.1`. */
  readonly discoveryImage?: string
}

export interface Service extends Base {
  readonly kind: 'Service'
  readonly type: string
  readonly headless: boolean
  /** Of type ExternalName: the name that this one is an alias of. */
  readonly externalName?: string
  /** Absent or empty: the Service selects no pod by itself. */
  readonly selector: Labels
  readonly ports: readonly ServicePort[]
}

export interface ServicePort {
  readonly port: number
  readonly name?: string
  readonly appProtocol?: string
  readonly protocol?: string
  /** A number, or the name of a container port; the Service port itself where nothing is written. */
  readonly targetPort: number | string
}

/** Endpoints of a Service. Kubernetes makes those of Services with a selector, people those of the others. */
export interface EndpointSlice extends Base {
  readonly kind: 'EndpointSlice'
  /** `IPv4`, `IPv6`, `FQDN`. */
  readonly addressType: string
  readonly endpoints: readonly SliceEndpoint[]
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  /** The pod that `targetRef` names. */
  readonly pod?: { readonly namespace: string; readonly name: string }
}

/** `matchLabels`, or undefined where no selector is written. */
export interface Selector {
  readonly span: Span
  readonly labels: readonly { readonly key: Located<string>; readonly value: Located<string> }[]
}

/** Gateway API attachment: `targetRefs` (or the single `targetRef`). */
export interface TargetRef {
  readonly span: Span
  readonly group: string
  /** Only another namespace than the policy's own makes a difference: such a target is none. */
  readonly namespace?: string
  readonly targetKind: Located<string>
  readonly targetName: Located<string>
}

export type PeerAuthenticationMode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT'

export interface PeerAuthentication extends Base {
  readonly kind: 'PeerAuthentication'
  readonly selector?: Selector
  /** Absent where no `mtls.mode` is written: the same as UNSET. */
  readonly mode?: Located<PeerAuthenticationMode>
  readonly portLevelMtls: readonly { readonly port: Located<number>; readonly mode?: Located<PeerAuthenticationMode> }[]
  /** The raw spec, for edits. */
  readonly spec?: Node
}

export type AuthorizationAction = 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM'

export interface AuthorizationPolicy extends Base {
  readonly kind: 'AuthorizationPolicy'
  readonly action: AuthorizationAction
  readonly actionAt?: Span
  readonly provider?: Located<string>
  readonly selector?: Selector
  readonly targetRefs: readonly TargetRef[]
  /** Undefined where `rules` is missing or empty: nothing matches. */
  readonly rules: readonly AuthorizationRule[]
  /** Switched to dry-run by the annotation `istio.io/dry-run`. */
  readonly dryRun: boolean
}

export interface AuthorizationRule {
  readonly span: Span
  /** Empty: any source. */
  readonly from: readonly AuthorizationSource[]
  /** Empty: any operation. */
  readonly to: readonly AuthorizationOperation[]
  readonly when: readonly AuthorizationCondition[]
}

type Values = readonly Located<string>[]

export interface AuthorizationSource {
  readonly span: Span
  readonly principals: Values
  readonly notPrincipals: Values
  readonly requestPrincipals: Values
  readonly notRequestPrincipals: Values
  readonly namespaces: Values
  readonly notNamespaces: Values
  readonly serviceAccounts: Values
  readonly notServiceAccounts: Values
  readonly trustDomains: Values
  readonly notTrustDomains: Values
  readonly ipBlocks: Values
  readonly notIpBlocks: Values
  readonly remoteIpBlocks: Values
  readonly notRemoteIpBlocks: Values
}

export interface AuthorizationOperation {
  readonly span: Span
  readonly hosts: Values
  readonly notHosts: Values
  readonly ports: Values
  readonly notPorts: Values
  readonly methods: Values
  readonly notMethods: Values
  readonly paths: Values
  readonly notPaths: Values
}

export interface AuthorizationCondition {
  readonly span: Span
  readonly key: Located<string>
  readonly values: Values
  readonly notValues: Values
}

export interface RequestAuthentication extends Base {
  readonly kind: 'RequestAuthentication'
  readonly selector?: Selector
  readonly targetRefs: readonly TargetRef[]
  readonly jwtRules: readonly JwtRule[]
}

/** One issuer's tokens: where they are looked for, and what makes them valid. */
export interface JwtRule {
  /** Absent: of any issuer. */
  readonly issuer?: Located<string>
  /** Empty: not checked. */
  readonly audiences: Values
  /** All three empty: `Authorization: Bearer` and the parameter `access_token`. */
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[]
  readonly fromParams: Values
  readonly fromCookies: Values
  /** Where the public keys are: in the rule, at a URL, or where the issuer's discovery document says. */
  readonly keys: 'inline' | 'url' | 'discovered'
  readonly forwardOriginalToken: boolean
  readonly outputPayloadToHeader?: string
  readonly outputClaimToHeaders: readonly { readonly header: string; readonly claim: string }[]
  /** Beside `scope` and `permission`. */
  readonly spaceDelimitedClaims: Values
}

export interface DestinationRule extends Base {
  readonly kind: 'DestinationRule'
  readonly host?: Located<string>
  readonly exportTo: Values
  readonly trafficPolicy?: TrafficPolicy
  readonly subsets: readonly Subset[]
  /** The clients it is for. */
  readonly workloadSelector?: Selector
}

/** What a client does with the connections of a host, a subset or a port. */
export interface TrafficSettings {
  readonly tls?: ClientTls
  /** `loadBalancer.simple`: `ROUND_ROBIN`, `PASSTHROUGH` …; `UNSPECIFIED` where a load balancer is written without. */
  readonly loadBalancer?: string
}

export interface TrafficPolicy extends TrafficSettings {
  /** `portLevelSettings`: one with a port of the Service stands instead of the settings above, not beside them. */
  readonly ports: readonly PortTraffic[]
}

export interface PortTraffic extends TrafficSettings {
  readonly port?: Located<number>
}

export interface ClientTls {
  /** Absent: DISABLE. */
  readonly mode?: Located<string>
  readonly clientCertificate?: Located<string>
  readonly privateKey?: Located<string>
  readonly caCertificates?: Located<string>
  readonly credentialName?: Located<string>
  readonly sni?: Located<string>
  readonly subjectAltNames: Values
  readonly insecureSkipVerify: boolean
}

export interface Subset {
  readonly name: Located<string>
  readonly labels: Selector['labels']
  readonly trafficPolicy?: TrafficPolicy
}

/** The Gateway of networking.istio.io: servers of the proxies that its labels select, in any namespace. */
export interface IstioGateway extends Base {
  readonly kind: 'IstioGateway'
  readonly selector?: Selector
  readonly servers: readonly GatewayServer[]
}

export interface GatewayServer {
  readonly span: Span
  readonly port?: Located<number>
  readonly protocol: string
  /** Empty: all addresses. */
  readonly bind: string
  readonly hosts: Values
  readonly tls?: ServerTls
}

export interface ServerTls {
  readonly mode?: Located<string>
  readonly credentialName?: Located<string>
  readonly credentialNames: Values
  readonly serverCertificate?: Located<string>
  readonly privateKey?: Located<string>
}

export interface Sidecar extends Base {
  readonly kind: 'Sidecar'
  readonly selector?: Selector
  /** Empty: everything that is exported to the namespace. */
  readonly egress: readonly EgressListener[]
  /** Empty: what the Services of the workload say. */
  readonly ingress: readonly IngressListener[]
}

export interface EgressListener {
  /** `namespace/host`, each with wildcards. */
  readonly hosts: Values
  readonly port?: { readonly number: number; readonly protocol: string }
}

export interface IngressListener {
  readonly port: number
  readonly protocol: string
}

export interface ServiceEntry extends Base {
  readonly kind: 'ServiceEntry'
  readonly hosts: Values
  readonly exportTo: Values
  /** Outside the mesh, which is what Istio takes for granted where nothing is written. */
  readonly external: boolean
  /** `NONE`, `STATIC`, `DNS`, `DNS_ROUND_ROBIN`, `DYNAMIC_DNS`. */
  readonly resolution: string
  readonly ports: readonly ServiceEntryPort[]
  readonly endpoints: readonly WorkloadAddress[]
  readonly workloadSelector?: Selector
  readonly subjectAltNames: Values
}

export interface ServiceEntryPort {
  readonly port: number
  readonly name: string
  readonly protocol: string
  readonly targetPort?: number
}

/** Where a workload outside Kubernetes listens. */
export interface WorkloadAddress {
  /** An IP address, a host, a `unix://` socket; absent: somewhere in another network. */
  readonly address?: string
  readonly labels: Labels
  readonly serviceAccount?: string
  /** By the name of the Service's port. */
  readonly ports: Readonly<Record<string, number>>
}

/** A workload outside Kubernetes, such as a virtual machine. */
export interface WorkloadEntry extends Base, Omit<WorkloadAddress, 'labels'> {
  readonly kind: 'WorkloadEntry'
  readonly workloadLabels: Labels
}

/** What WorkloadEntries are made from when machines join. */
export interface WorkloadGroup extends Base {
  readonly kind: 'WorkloadGroup'
  readonly workloadLabels: Labels
}

export interface VirtualService extends Base {
  readonly kind: 'VirtualService'
  /** Empty: the sidecars. */
  readonly gateways: Values
  /** Names of the headers that its HTTP routes match. */
  readonly headers: Values
}

/** How a policy that is no judge of security attaches to workloads. */
interface Attached extends Base {
  readonly selector?: Selector
  readonly targetRefs: readonly TargetRef[]
}

export interface Telemetry extends Attached {
  readonly kind: 'Telemetry'
  /** Whether an expression chooses what an access log has. */
  readonly filters: boolean
}

export interface WasmPlugin extends Attached {
  readonly kind: 'WasmPlugin'
}

/** Only that it is there: it may change anything. */
export interface EnvoyFilter extends Base {
  readonly kind: 'EnvoyFilter'
}

/** Only that it is there and of which type: what it holds is never read, and never asked of a cluster. */
export interface Secret extends Base {
  readonly kind: 'Secret'
  readonly type: string
}

/** A Gateway of the Gateway API: an ingress, or a waypoint. */
export interface Gateway extends Base {
  readonly kind: 'Gateway'
  readonly className: string
  readonly listeners: readonly GatewayListener[]
  /** Whether its status has an address, which is written when a pod of it is ready; absent where a file shows no status. */
  readonly ready?: boolean
}

export interface GatewayListener {
  readonly port?: number
  readonly protocol: string
  /** Absent: any. */
  readonly hostname?: string
  /** Of `allowedRoutes`: which namespaces may use it. `expressions`: by `matchExpressions`, which are not read. */
  readonly from: 'Same' | 'All' | { readonly labels: Labels } | 'expressions'
}

export interface GatewayClass extends Base {
  readonly kind: 'GatewayClass'
  /** `istio.io/mesh-controller`: a waypoint. */
  readonly controllerName: string
}

/** The mesh-wide settings of ConfigMap `istio`, key `mesh`. */
export interface MeshConfig extends Base {
  readonly kind: 'MeshConfig'
  readonly rootNamespace?: string
  readonly trustDomain?: string
  readonly trustDomainAliases: readonly string[]
  readonly enableAutoMtls: boolean
  /** Who sees a DestinationRule without `exportTo`; absent: everybody. */
  readonly defaultDestinationRuleExportTo?: readonly string[]
  /** Likewise Services and ServiceEntries. */
  readonly defaultServiceExportTo?: readonly string[]
  /** Of `caCertificates`: whose client certificates are accepted beside the mesh's own. */
  readonly foreignTrustDomains: readonly string[]
  readonly pathNormalization: PathNormalization
  readonly extensionProviders: readonly ExtensionProvider[]
  /** Of `defaultConfig.gatewayTopology`: proxies in front of the gateways. */
  readonly numTrustedProxies: number
  /** Of namespaces: what no selector matches is ignored by istiod; absent: nothing is. */
  readonly discoverySelectors?: readonly NamespaceSelector[]
  /** Of key `meshNetworks`: networks of the mesh beside the cluster's own. */
  readonly networks: readonly string[]
}

/** A Kubernetes label selector; all of it has to match. */
export interface NamespaceSelector {
  readonly labels: Labels
  readonly expressions: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[]
}

/** The webhook that injects proxies, of a revision or of a tag that stands for it; another name for `MutatingWebhookConfiguration`. */
export interface InjectionWebhook extends Base {
  readonly kind: 'InjectionWebhook'
  readonly revision: string
  readonly tag?: string
}

/** What happens to the path of a request before anything reads it. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES'

export interface ExtensionProvider {
  readonly name: string
  /** Which external authorizer it is; absent for providers of other things (tracing, logs). */
  readonly authorizer?: 'http' | 'grpc'
  /** Of an authorizer: the host it is reached at, or `namespace/host`. */
  readonly service?: string
}

/** What the API server holds objects of one of Istio's kinds against. */
export interface CustomResourceDefinition extends Base {
  readonly kind: 'CustomResourceDefinition'
  /** By version, of those that are served. */
  readonly versions: ReadonlyMap<string, OpenApiSchema>
  /** Whether it has rules that no rule here speaks of. */
  readonly hasRules: boolean
}

/** A cluster as it was when somebody wrote it down. It stands for the cluster where none is connected. */
export interface Snapshot extends Base {
  readonly kind: 'Snapshot'
  readonly objects: readonly Resource[]
  /** Of which kinds it holds every object. */
  readonly complete: readonly { readonly kind: string; readonly namespace?: string }[]
  readonly istioVersion?: string
}
