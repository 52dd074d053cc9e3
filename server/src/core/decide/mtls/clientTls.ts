// What a client sends: the TLS of its cluster for a host, port and subset, and what that means for each endpoint.
// Source: istio/istio:pilot/pkg/networking/core/cluster.go, cluster_builder.go, cluster_tls.go, pilot/pkg/xds/endpoints/mtls_checker.go,
// pilot/pkg/model/push_context.go (BestEffortInferServiceMTLSMode).
import type { ClientTls, Subset, TrafficPolicy } from '../../istio/resources.ts'
import { isSubset, labelsOf } from '../../istio/selector.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { perMesh } from '../perMesh.ts'
import { type MergedRule, ruleFor } from './destinationRules.ts'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import { identitiesBehind } from './identities.ts'
import { type Decided, modeAt, namespaceMtls } from './server.ts'
import type { Host, HostPort, Resolution } from './services.ts'
import { discoveredTls, settingsAt } from './trafficPolicy.ts'
import { type Client, visibleHosts } from './visibleHosts.ts'

export type TlsMode = 'ISTIO_MUTUAL' | 'MUTUAL' | 'SIMPLE' | 'DISABLE'

/** Envoy's name for how a cluster finds its endpoints. `ORIGINAL_DST`: the client goes to the address that the application asked for. */
export type ClusterType = 'EDS' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'ORIGINAL_DST'

/** Why a client that no DestinationRule tells anything sends what it sends. */
export type AutoMtls =
  | { readonly offers: true }
  | { readonly offers: false; readonly because: 'switched-off' | 'external' | 'no-endpoint' }
  /** A policy for the whole namespace or mesh says DISABLE; policies of workloads are not asked. */
  | { readonly offers: false; readonly because: 'namespace-disable'; readonly policy: Decided }
  /** It goes to addresses as they are, so one endpoint without proxy decides for all. */
  | { readonly offers: false; readonly because: 'endpoint-without-proxy'; readonly endpoint: Endpoint }

export interface Cluster {
  readonly host: Host
  readonly port: HostPort
  readonly subset?: string
  readonly type: ClusterType
  /** Of the cluster; what is sent stands at each endpoint. */
  readonly tls: TlsMode
  /** Whether `tls` is only offered, so that each endpoint decides. */
  readonly perEndpoint: boolean
  /** Whether auto mTLS decides: no DestinationRule has a `tls` block for this, and `enableAutoMtls` is on. */
  readonly auto: boolean
  /** Of the `tls` block in effect. */
  readonly userTls?: TlsMode
  /** Present where no `tls` block is in effect. */
  readonly decided?: AutoMtls
  /** That applies; it may say nothing of TLS. */
  readonly rule?: MergedRule
  readonly endpoints: readonly SentTo[]
  readonly sni?: string
  /** Names that the certificate of the server must have one of; empty: any name. */
  readonly sans: readonly string[]
  /** What Envoy asks its agent for, where it is not the mesh's own: `file-root:system`; null: the server's certificate is not checked. */
  readonly validation?: string | null
  readonly clientCertificate?: string
  /** Envoy fills in the SNI from the request, and checks the name of the certificate against it. */
  readonly autoSni: boolean
  readonly autoSanValidation: boolean
}

export interface SentTo {
  readonly endpoint: Endpoint
  readonly tls: TlsMode
  /** A `tls` block that the cluster does not go by, but the discovery of its endpoints does. */
  readonly discovered?: TlsMode
  /** Injection has not decided yet whether clients know of a proxy there. */
  readonly unknown: boolean
}

/** Undefined where the client does not know the host, the port or the subset. */
export function clientTls(mesh: Mesh, client: Client, host: string, port: number, subset?: string): Cluster | undefined {
  const found = visibleHosts(mesh, client).get(host)
  return found && clustersFor(mesh, client, found).find(each => each.port.port === port && each.subset === subset)
}

/** Of every port, and of the subsets of the rule that applies. */
export function clustersFor(mesh: Mesh, client: Client, host: Host): readonly Cluster[] {
  const rule = ruleFor(mesh, client, host)
  const isGateway = client.proxy === 'gateway'
  const key = rule ?? noRule
  const byRule = cache(mesh).get(host) ?? new Map<MergedRule | typeof noRule, Map<boolean, readonly Cluster[]>>()
  const byKind = byRule.get(key) ?? new Map<boolean, readonly Cluster[]>()
  cache(mesh).set(host, byRule.set(key, byKind))
  const known = byKind.get(isGateway)
  if (known) return known
  const clusters = host.ports.flatMap(port => (port.protocol === 'UDP' ? [] : ofPort({ mesh, host, port, rule, isGateway })))
  byKind.set(isGateway, clusters)
  return clusters
}

const noRule = Symbol('no rule')
const cache = perMesh(() => new WeakMap<Host, Map<MergedRule | typeof noRule, Map<boolean, readonly Cluster[]>>>())

interface Asked {
  readonly mesh: Mesh
  readonly host: Host
  readonly port: HostPort
  readonly rule: MergedRule | undefined
  readonly isGateway: boolean
}

function ofPort(asked: Asked): readonly Cluster[] {
  const subsets = asked.host.resolution === 'dynamic-dns' ? [] : (asked.rule?.subsets ?? [])
  const type = typeOf(asked)
  const main = build(asked, type, undefined)
  // Without an address to ask for, Envoy gets no cluster, and so no subset of it.
  return main ? [main, ...subsets.flatMap(subset => build(asked, main.type, subset) ?? [])] : []
}

const types: Readonly<Record<Resolution, ClusterType>> = {
  endpoints: 'EDS',
  dns: 'STRICT_DNS',
  'dns-round-robin': 'LOGICAL_DNS',
  'dynamic-dns': 'LOGICAL_DNS',
  passthrough: 'ORIGINAL_DST',
}

/** A gateway has no original destination to go to. */
function typeOf({ host, isGateway }: Asked): ClusterType {
  return host.resolution === 'passthrough' && isGateway ? 'EDS' : types[host.resolution]
}

const passthrough = 'PASSTHROUGH'

function build(asked: Asked, type: ClusterType, subset: Subset | undefined): Cluster | undefined {
  const { mesh, host, port, rule } = asked
  const policy = subset ? subset.trafficPolicy : rule?.trafficPolicy
  const settings = settingsAt(rule?.trafficPolicy, subset?.trafficPolicy, port.port)
  const ofThisPort = endpointsOf(mesh, host).filter(({ servicePort }) => servicePort === port.port)
  const found = ofThisPort.filter(({ backend }) => isSubset(subset ? labelsOf(subset) : {}, backend.labels))
  const asksDns = type === 'STRICT_DNS' || type === 'LOGICAL_DNS'
  const ownPassthrough = policy?.loadBalancer === passthrough
  if (asksDns && !(subset && ownPassthrough) && host.resolution !== 'dynamic-dns' && found.length === 0) return undefined
  const kind = ownPassthrough || settings.loadBalancer === passthrough ? 'ORIGINAL_DST' : type
  const reachable =
    kind === 'EDS' ? found.filter(({ port, backend }) => port === 0 || !backend.address || isIpAddress(backend.address)) : found
  const context = settings.tls ? userContext(settings.tls, asked, subset) : autoContext(policy, ofThisPort, asked, subset)
  const perEndpoint = context.decided?.offers === true && kind !== 'ORIGINAL_DST'
  const discovered = discoveredTls(rule?.trafficPolicy, subset?.trafficPolicy, port.port)
  return {
    host,
    port,
    type: kind,
    ...(subset ? { subset: subset.name.value } : {}),
    ...(rule ? { rule } : {}),
    ...context,
    perEndpoint,
    auto: !settings.tls && mesh.settings.enableAutoMtls,
    endpoints: reachable.map(endpoint => sentTo(mesh, endpoint, context.tls, perEndpoint, discovered)),
  }
}

/** An endpoint takes what is offered if it is known to have a proxy, and that proxy is not told to do without mTLS. */
function sentTo(mesh: Mesh, endpoint: Endpoint, tls: TlsMode, perEndpoint: boolean, discovered: ClientTls | undefined): SentTo {
  if (!perEndpoint) return { endpoint, tls, unknown: false }
  const { backend, port } = endpoint
  const unknown = backend.tlsMode === undefined
  const known = backend.tlsMode === 'istio'
  if (!discovered) {
    return { endpoint, tls: known && modeAt(mesh, backend, port).mode !== 'DISABLE' ? 'ISTIO_MUTUAL' : 'DISABLE', unknown }
  }
  const mode = modeOf(discovered)
  return { endpoint, tls: known && mode === 'ISTIO_MUTUAL' ? 'ISTIO_MUTUAL' : 'DISABLE', discovered: mode, unknown }
}

type Context = Pick<
  Cluster,
  'tls' | 'userTls' | 'decided' | 'sni' | 'sans' | 'validation' | 'clientCertificate' | 'autoSni' | 'autoSanValidation'
>

const plaintext = { tls: 'DISABLE', sans: [], autoSni: false, autoSanValidation: false } satisfies Context

/** A word that Istio does not know is refused by it; no word is DISABLE. */
export function modeOf({ mode }: Pick<ClientTls, 'mode'>): TlsMode {
  switch (mode?.value) {
    case 'ISTIO_MUTUAL':
    case 'MUTUAL':
    case 'SIMPLE':
      return mode.value
    default:
      return 'DISABLE'
  }
}

function userContext(tls: ClientTls, asked: Asked, subset: Subset | undefined): Context {
  const userTls = modeOf(tls)
  switch (userTls) {
    case 'DISABLE':
      return { ...plaintext, userTls }
    case 'ISTIO_MUTUAL':
      return { ...istioMutual(asked, subset, tls), userTls }
    case 'SIMPLE':
    case 'MUTUAL':
      return { ...ownCertificates(tls, userTls, asked), userTls }
    default:
      return userTls satisfies never
  }
}

/** Source: pilot/pkg/networking/core/cluster_tls.go (buildIstioMutualTLS, buildUpstreamClusterTLSContext). */
function istioMutual({ mesh, host, port }: Asked, subset: Subset | undefined, tls?: ClientTls): Context {
  const given = tls?.subjectAltNames.map(({ value }) => value) ?? []
  const own = host.resolution === 'dynamic-dns' ? {} : { sni: `outbound_.${port.port}_.${subset?.name.value ?? ''}_.${host.host}` }
  return {
    ...plaintext,
    tls: 'ISTIO_MUTUAL',
    ...(tls?.sni?.value ? { sni: tls.sni.value } : own),
    sans: given.length > 0 ? given.toSorted() : identitiesBehind(mesh, host),
  }
}

/** Source: pilot/pkg/networking/core/cluster_tls.go (constructUpstreamTLS), pilot/pkg/security/model/authentication.go. */
function ownCertificates(tls: ClientTls, mode: 'SIMPLE' | 'MUTUAL', { mesh, host, rule, isGateway }: Asked): Context {
  const credential = tls.credentialName?.value ?? ''
  const forSome = rule?.rules[0].workloadSelector !== undefined
  if (credential !== '' && !credential.startsWith('configmap://') && !isGateway && !forSome) return plaintext
  const files = [tls.clientCertificate?.value, tls.privateKey?.value]
  if (credential === '' && mode === 'MUTUAL' && !files.every(Boolean)) return plaintext
  const given = tls.subjectAltNames.map(({ value }) => value)
  const sni = tls.sni?.value ?? ''
  const wanted = given.length > 0 ? given.toSorted() : host.origin.kind === 'ServiceEntry' ? identitiesBehind(mesh, host) : []
  const secret = /^[a-z-]+:\/\//.test(credential) ? credential : `kubernetes://${credential}`
  const authority = credential === '' ? `file-root:${tls.caCertificates?.value || 'system'}` : `${secret}-cacert`
  const certificate = credential === '' ? `file-cert:${files.join('~')}` : secret
  return {
    tls: mode,
    ...(sni === '' ? {} : { sni }),
    sans: tls.insecureSkipVerify ? [] : wanted,
    validation: tls.insecureSkipVerify ? null : authority,
    ...(mode === 'MUTUAL' ? { clientCertificate: certificate } : {}),
    autoSni: sni === '',
    autoSanValidation: sni === '' && given.length === 0 && !tls.insecureSkipVerify,
  }
}

function autoContext(policy: TrafficPolicy | undefined, endpoints: readonly Endpoint[], asked: Asked, subset: Subset | undefined): Context {
  const decided = autoMtls(policy, endpoints, asked)
  return decided.offers ? { ...istioMutual(asked, subset), decided } : { ...plaintext, decided }
}

/** Only the top level of the rule, or of the subset, is looked at for PASSTHROUGH. */
function autoMtls(policy: TrafficPolicy | undefined, endpoints: readonly Endpoint[], { mesh, host }: Asked): AutoMtls {
  if (!mesh.settings.enableAutoMtls) return { offers: false, because: 'switched-off' }
  if (host.external) return { offers: false, because: 'external' }
  if (host.resolution === 'passthrough' || policy?.loadBalancer === passthrough) {
    if (endpoints.length === 0) return { offers: false, because: 'no-endpoint' }
    const endpoint = endpoints.find(({ backend }) => backend.tlsMode === 'disabled')
    if (endpoint) return { offers: false, because: 'endpoint-without-proxy', endpoint }
  }
  const all = namespaceMtls(mesh, host.namespace)
  return all.mode === 'DISABLE' ? { offers: false, because: 'namespace-disable', policy: all } : { offers: true }
}
