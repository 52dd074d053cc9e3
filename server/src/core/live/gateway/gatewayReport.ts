// What a gateway presents, to whom it connects and how, as data: the shape of `gateway --format json`.
import type { Certificate, CertificateEntry } from '../../certificate/report.ts'
import type { EnvoyNode } from '../../proxy/envoy/node.ts'
import type { RouteConfig } from '../../proxy/envoy/routes.ts'

export interface GatewayReport {
  readonly version: 1
  readonly gateway: {
    readonly namespace: string | null
    readonly name: string | null
    /** What the proxy says that it is; null where its dump does not say. */
    readonly role: EnvoyNode['role'] | null
    readonly istioVersion: string | null
    readonly addresses: readonly string[]
  }
  /** What needs attention first. */
  readonly problems: readonly GatewayProblem[]
  /** Configuration that is meant or sent, and not in force. */
  readonly pending: readonly Pending[]
  readonly secrets: readonly GatewaySecret[]
  readonly servers: readonly GatewayServer[]
  readonly backends: readonly GatewayBackend[]
  readonly routes: readonly RouteConfig[]
  readonly listeners: readonly GatewayListener[]
  /** What the objects of the cluster or of files mean; null where none are known. */
  readonly meant: Meant | null
  /** Lines of the proxy's log that tell of certificates and secrets, the newest last; null where the log was not read. */
  readonly log: readonly string[] | null
  /** What could not be read, and what follows: a sentence each. */
  readonly notes: readonly string[]
}

export interface GatewayProblem {
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info'
  /** The secret, server, cluster or listener that it is about. */
  readonly about: string
  /** What, what follows, what now. */
  readonly message: string
}

/** `meant`: written, and not received by the proxy · `sent`: received, and not in force, since it is refused or waits. */
export interface Pending {
  readonly stage: 'meant' | 'sent'
  readonly what: 'server' | 'listener' | 'cluster' | 'secret'
  readonly name: string
  readonly state: 'missing' | 'different' | 'refused' | 'warming'
  readonly detail: string
  /** RFC 3339: when the proxy received it, where it says. */
  readonly at: string | null
}

export interface GatewaySecret extends Pick<CertificateEntry, 'name' | 'role' | 'state'> {
  readonly lastUpdated: string | null
  /** The leaf first; roots for a bundle. */
  readonly chain: readonly Omit<Certificate, 'pem'>[]
  /** The proxy reads it from this path. */
  readonly file: string | null
  /** Servers and clusters that use it. */
  readonly usedBy: readonly string[]
}

export type GatewayTls = 'none' | 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL' | 'ISTIO_MUTUAL'

export interface GatewayServer {
  /** `0.0.0.0:8443`. */
  readonly at: string
  readonly port: number | null
  /** Server names that it is for; empty: any. */
  readonly hosts: readonly string[]
  readonly tls: GatewayTls
  /** The secrets that it presents. */
  readonly credentials: readonly string[]
  /** The secret that it verifies clients with. */
  readonly roots: string | null
  readonly minimumVersion: string | null
  /** Route configuration of its HTTP, or the cluster that its TCP goes to. */
  readonly leadsTo: string | null
  readonly lastUpdated: string | null
}

export type BackendTls = 'auto' | 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL'

export interface GatewayBackend {
  readonly cluster: string
  readonly host: string | null
  readonly port: number | null
  readonly subset: string | null
  readonly state: 'static' | 'active' | 'warming'
  /** `auto`: mTLS to endpoints with a proxy, plaintext to others. */
  readonly tls: BackendTls
  readonly sni: string | null
  /** Names of which the server's certificate must have one; empty: any name of a trusted root. */
  readonly sans: readonly string[]
  readonly certificates: readonly string[]
  readonly roots: string | null
  /** `namespace/name` of the DestinationRule that shaped it. */
  readonly destinationRule: string | null
  readonly lastUpdated: string | null
  /** What Envoy said when it refused the newest configuration. */
  readonly refused: string | null
  /** Null where endpoints were not told. */
  readonly endpoints: readonly GatewayEndpoint[] | null
  /** Whether a route or a TCP server leads there. */
  readonly used: boolean
}

export interface GatewayEndpoint {
  readonly address: string
  readonly port: number | null
  /** `HEALTHY`, or what Envoy found. */
  readonly health: string
  /** What is sent to it; null where the dump does not tell its labels. */
  readonly tls: 'mTLS' | 'TLS' | 'plaintext' | null
  readonly workload: string | null
}

export interface GatewayListener {
  readonly name: string
  readonly at: string
  readonly state: string
  readonly lastUpdated: string | null
  /** What Envoy said when it refused the newest configuration. */
  readonly refused: string | null
  readonly warming: boolean
}

export interface Meant {
  readonly servers: readonly MeantServer[]
  /** Of those that a route leads to, where what is meant is certain. */
  readonly backends: readonly MeantBackend[]
}

export interface MeantServer {
  /** `Gateway istio-ingress/web`. */
  readonly object: string
  readonly port: number
  /** Where the proxy should listen for it: ports of the pod. */
  readonly listens: readonly number[]
  readonly protocol: string
  /** Empty: any. */
  readonly hosts: readonly string[]
  readonly tls: GatewayTls
  readonly credentials: readonly string[]
  /** `unknown`: what decides is not known, or the server depends on routes. */
  readonly state: 'there' | 'missing' | 'different' | 'unknown'
  /** Of a server that is missing or different: what is so, and why where that is known. */
  readonly detail: string | null
}

export interface MeantBackend {
  readonly cluster: string
  readonly destinationRule: string | null
  readonly meant: BackendTls
  readonly state: 'same' | 'different'
}
