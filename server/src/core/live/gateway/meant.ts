// What objects mean for a gateway, held against what its proxy has: servers of Gateways, and the TLS to its backends. Certain or silent.
// Source: istio/istio:pilot/pkg/model/gateway.go (MergeGateways, resolvePorts), pilot/pkg/networking/core/gateway.go (buildGatewayListeners).
import { clientTls } from '../../decide/mtls/clientTls.ts'
import { missingFacts } from '../../decide/mtls/needed.ts'
import type { Gateway, GatewayServer as GatewaySpec, IstioGateway, Labels, Service } from '../../istio/resources.ts'
import { isSubset, isTemplated, selects } from '../../istio/selector.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import type { GatewayBackend, GatewayServer, GatewayTls, Meant, MeantBackend, MeantServer } from './gatewayReport.ts'
import { atOf } from './servers.ts'

export interface Held {
  readonly namespace: string
  readonly name: string
  readonly config: EnvoyConfig
  readonly servers: readonly GatewayServer[]
  readonly backends: readonly GatewayBackend[]
}

/** Null where the proxy is no gateway: nothing is meant for it here. */
export function meantFor(mesh: Mesh, held: Held): Meant | null {
  if (held.config.node?.role !== 'gateway') return null
  const labels = labelsOf(mesh, held)
  const own = ports(mesh, held, labels)
  const ofIstio = mesh.all('IstioGateway').flatMap(gateway => (isFor(gateway, labels) ? serversOf(gateway, held, own) : []))
  const named = labels['gateway.networking.k8s.io/gateway-name']
  const gateway = named === undefined ? undefined : mesh.find('Gateway', held.namespace, named)
  return {
    servers: [...ofIstio, ...(gateway ? listenersOf(gateway, held, own) : [])],
    backends: backendsOf(mesh, held, labels),
  }
}

function labelsOf(mesh: Mesh, { namespace, name, config }: Held): Labels {
  return mesh.find('Pod', namespace, name)?.labels ?? config.node?.labels ?? {}
}

/** Without a selector it is for every gateway; a revision that is not this proxy's keeps to itself. */
function isFor({ selector, labels }: IstioGateway, pod: Labels): boolean {
  const revision = labels['istio.io/rev']
  if (selector && isTemplated(selector)) return false
  return selects(selector, pod) && (revision === undefined || revision === pod['istio.io/rev'])
}

/** Ports of the pod that a port of its Services leads to. */
interface Ports {
  /** Empty: no Service has the port. Undefined: not known. */
  behind(servicePort: number): readonly number[] | undefined
  /** Whether no other Service or ServiceEntry can lead it elsewhere. */
  readonly complete: boolean
}

function ports(mesh: Mesh, { namespace, name }: Held, labels: Labels): Ports {
  const services = mesh.in('Service', namespace).filter(({ selector }) => Object.keys(selector).length > 0 && isSubset(selector, labels))
  const entries = mesh.in('ServiceEntry', namespace).filter(({ workloadSelector }) => workloadSelector && selects(workloadSelector, labels))
  const containers = mesh.find('Pod', namespace, name)?.ports ?? []
  const targetOf = ({ targetPort }: Service['ports'][number]) =>
    typeof targetPort === 'number' ? targetPort : containers.find(each => each.name === targetPort)?.port
  const untranslated = services.some(each => each.labels['experimental.istio.io/disable-gateway-port-translation'] !== undefined)
  return {
    complete: mesh.complete('Service', namespace) && entries.length === 0 && !untranslated,
    behind(servicePort) {
      const targets = services.flatMap(each => each.ports.filter(({ port }) => port === servicePort).map(targetOf))
      if (targets.some(target => target === undefined)) return undefined
      if (targets.length === 0 && !mesh.complete('Service', namespace)) return undefined
      return targets.flatMap(target => target ?? [])
    },
  }
}

interface Wanted extends Omit<MeantServer, 'state' | 'detail'> {
  /** Whether the proxy has such a server whatever routes there are. */
  readonly certain: boolean
  /** Whether a Service leads to the port. */
  readonly served: boolean
}

function serversOf(gateway: IstioGateway, held: Held, own: Ports): readonly MeantServer[] {
  const judged = gateway.servers.flatMap(spec => {
    const port = spec.port?.value
    return port === undefined ? [] : [judge(wantedBy(gateway, spec, port, own), held)]
  })
  // istiod can be told that a Gateway counts in its own namespace only (PILOT_SCOPE_GATEWAY_TO_NAMESPACE).
  const reaches = gateway.namespace === held.namespace || judged.some(({ state }) => state === 'there' || state === 'different')
  return reaches ? judged : judged.map(each => ({ ...each, state: 'unknown', detail: null }))
}

const plain = /^(?:HTTP|HTTP2|GRPC|GRPC-WEB)$/i

function wantedBy(gateway: IstioGateway, { protocol, hosts, tls }: GatewaySpec, port: number, own: Ports): Wanted {
  const behind = own.behind(port)
  const mode = plain.test(protocol) || tls === undefined ? 'none' : modeOf(tls.mode?.value ?? 'PASSTHROUGH')
  const several = tls?.credentialNames ?? []
  const written = (several.length > 0 ? several : [tls?.credentialName]).flatMap(each => (each?.value ? [each.value] : []))
  const unnamed = mode === 'ISTIO_MUTUAL' || written.some(each => each.startsWith('sds://'))
  const credentials = unnamed ? [] : written.map(secretOf)
  const named = hosts.map(({ value }) => value.slice(value.indexOf('/') + 1))
  return {
    object: `Gateway ${gateway.namespace}/${gateway.name}`,
    port,
    // A port that no Service has is opened as it is.
    listens: behind?.length === 0 ? [port] : (behind ?? []),
    protocol,
    hosts: named.includes('*') ? [] : named,
    tls: mode ?? 'PASSTHROUGH',
    credentials,
    certain:
      behind !== undefined &&
      own.complete &&
      (plain.test(protocol) || (/^HTTPS$/i.test(protocol) && mode !== undefined && mode !== 'none' && mode !== 'PASSTHROUGH')),
    served: behind === undefined || behind.length > 0,
  }
}

function modeOf(word: string): GatewayTls | undefined {
  const modes: readonly GatewayTls[] = ['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL', 'ISTIO_MUTUAL']
  return modes.find(each => each === word)
}

function secretOf(credential: string): string {
  if (credential.startsWith('builtin://')) return 'default'
  return credential.includes('://') ? credential : `kubernetes://${credential}`
}

const listenerTls: ReadonlyMap<string, 'none' | 'SIMPLE'> = new Map([
  ['HTTP', 'none'],
  ['HTTPS', 'SIMPLE'],
])

/** Of the Gateway API: a port that no Service has is not opened. */
function listenersOf(gateway: Gateway, held: Held, own: Ports): readonly MeantServer[] {
  return gateway.listeners.flatMap(({ port, protocol, hostname }) => {
    const tls = listenerTls.get(protocol)
    if (port === undefined || tls === undefined) return []
    const behind = own.behind(port)
    const wanted: Wanted = {
      object: `Gateway ${gateway.namespace}/${gateway.name} (Gateway API)`,
      port,
      listens: behind ?? [],
      protocol,
      hosts: hostname === undefined || hostname === '' ? [] : [hostname],
      tls: tls as GatewayTls,
      credentials: [],
      // A listener of HTTPS may be a placeholder for ListenerSets, which istiod makes no server of.
      certain: behind !== undefined && own.complete && protocol === 'HTTP',
      served: behind === undefined || behind.length > 0,
    }
    // How clients are verified stands elsewhere.
    return [judge(wanted, held, ({ tls: has }) => (tls === 'none' ? has === 'none' : has !== 'none' && has !== 'PASSTHROUGH'))]
  })
}

function judge(wanted: Wanted, held: Held, fits = (server: GatewayServer) => server.tls === wanted.tls): MeantServer {
  const { certain, served, ...server } = wanted
  if (!held.config.has.has('listeners')) return { ...server, state: 'unknown', detail: null }
  const at = held.servers.filter(({ port }) => port !== null && wanted.listens.includes(port))
  const byHost =
    wanted.tls === 'none' ? [at.filter(({ tls }) => tls === 'none')] : hostsOf(wanted).map(host => at.filter(each => takes(each, host)))
  const lost = byHost.findIndex(found => found.length === 0)
  if (lost >= 0) {
    if (!certain) return { ...server, state: 'unknown', detail: null }
    return { ...server, state: 'missing', detail: whyMissing(wanted, served, held) }
  }
  // Servers with an address of their own, and those for QUIC, share the port.
  const odd = byHost.find(found => !found.some(fits))?.[0]
  if (odd && !certain) return { ...server, state: 'unknown', detail: null }
  if (odd) return { ...server, state: 'different', detail: `${odd.at} has ${wordOf(odd.tls)} in the place of ${wordOf(wanted.tls)}` }
  const shows = (each: GatewayServer) => wanted.credentials.every(name => each.credentials.includes(name))
  const shown = byHost.find(found => !found.some(each => fits(each) && shows(each)))?.find(fits)
  if (shown && !certain) return { ...server, state: 'unknown', detail: null }
  if (shown) {
    const has = shown.credentials.join(', ') || 'nothing'
    return { ...server, state: 'different', detail: `${shown.at} presents ${has} in the place of ${wanted.credentials.join(', ')}` }
  }
  return { ...server, state: 'there', detail: null }
}

function takes({ hosts }: GatewayServer, host: string | undefined): boolean {
  return host === undefined ? hosts.length === 0 : hosts.includes(host)
}

function hostsOf({ hosts }: Wanted): readonly (string | undefined)[] {
  return hosts.length === 0 ? [undefined] : hosts
}

function wordOf(tls: GatewayTls): string {
  return tls === 'none' ? 'plaintext' : tls
}

function whyMissing({ port, listens, object }: Wanted, served: boolean, { config }: Held): string {
  const there = config.listeners.filter(each => each.port !== undefined && listens.includes(each.port))
  const refused = there.find(each => each.refused)
  if (refused?.refused) return `Envoy refused the newest configuration of ${atOf(refused)}: ${refused.refused.details}`
  if (!served && object.endsWith('(Gateway API)')) return `no Service of the gateway has port ${port}, so istiod does not open it`
  if (!served && port < 1024)
    return `no Service of the gateway has port ${port}, so istiod takes it for a port of the pod, where a proxy without privileges opens none below 1024`
  const listener = there.find(({ state }) => state === 'active')
  if (listener)
    return `${atOf(listener)} is there without it: istiod has not sent it, or another Gateway came first with the port or the host`
  return 'the proxy has no listener for it: istiod has not sent it'
}

function backendsOf(mesh: Mesh, { namespace, backends }: Held, labels: Labels): readonly MeantBackend[] {
  if (!mesh.settings.known) return []
  const client = { namespace, labels, proxy: 'gateway' } as const
  return backends.flatMap(({ cluster, host, port, subset, used, tls, destinationRule }) => {
    if (!used || host === null || port === null) return []
    const found = clientTls(mesh, client, host, port, subset ?? undefined)
    if (!found || missingFacts(mesh, client, found, undefined).length > 0) return []
    const meant = found.perEndpoint ? 'auto' : found.tls
    // A rule that istiod made itself, as of a BackendTLSPolicy, is no object here.
    const [of = '', named = ''] = destinationRule?.split('/') ?? []
    if (destinationRule !== null && !mesh.find('DestinationRule', of, named)) return []
    if (meant !== tls && destinationRule === null && (tls === 'SIMPLE' || tls === 'MUTUAL')) return []
    const rule = found.rule?.rules[0]
    return [
      {
        cluster,
        destinationRule: rule ? `${rule.namespace}/${rule.name}` : destinationRule,
        meant,
        state: meant === tls ? ('same' as const) : ('different' as const),
      },
    ]
  })
}
