// The kinds of networking.istio.io, and Telemetry and WasmPlugin, as far as they decide about security.
import { entriesAt, get, itemsAt, type Node, stringAt, stringsAt } from '../../yaml/tree.ts'
import type {
  ClientTls,
  DestinationRule,
  EgressListener,
  GatewayServer,
  IstioGateway,
  ServerTls,
  ServiceEntry,
  ServiceEntryPort,
  Sidecar,
  Subset,
  Telemetry,
  TrafficPolicy,
  TrafficSettings,
  VirtualService,
  WasmPlugin,
  WorkloadAddress,
  WorkloadEntry,
  WorkloadGroup,
} from '../resources.ts'
import {
  type Common,
  flagAt,
  labelsAt,
  located,
  locatedNumberAt,
  numberAt,
  readLabelSelector,
  readSelector,
  readTargetRefs,
} from './parts.ts'

export function readIstioGateway(root: Node, common: Common): IstioGateway {
  const spec = get(root, 'spec')
  const selector = readLabelSelector(spec, 'selector')
  return {
    ...common,
    kind: 'IstioGateway',
    servers: itemsAt(spec, 'servers').flatMap(each => (each ? [readServer(each)] : [])),
    ...(selector ? { selector } : {}),
  }
}

function readServer(node: Node): GatewayServer {
  const port = locatedNumberAt(node, 'port', 'number')
  const tls = get(node, 'tls')
  return {
    span: node.span,
    protocol: stringAt(node, 'port', 'protocol')?.value ?? '',
    bind: stringAt(node, 'bind')?.value ?? '',
    hosts: stringsAt(node, 'hosts'),
    ...(port ? { port } : {}),
    ...(tls?.kind === 'mapping' ? { tls: readServerTls(tls) } : {}),
  }
}

function readServerTls(tls: Node): ServerTls {
  const mode = stringAt(tls, 'mode')
  const credentialName = stringAt(tls, 'credentialName')
  const serverCertificate = stringAt(tls, 'serverCertificate')
  const privateKey = stringAt(tls, 'privateKey')
  return {
    credentialNames: stringsAt(tls, 'credentialNames'),
    ...(mode ? { mode } : {}),
    ...(credentialName ? { credentialName } : {}),
    ...(serverCertificate ? { serverCertificate } : {}),
    ...(privateKey ? { privateKey } : {}),
  }
}

export function readSidecar(root: Node, common: Common): Sidecar {
  const spec = get(root, 'spec')
  const selector = readLabelSelector(spec, 'workloadSelector', 'labels')
  return {
    ...common,
    kind: 'Sidecar',
    egress: itemsAt(spec, 'egress').map(readEgress),
    ingress: itemsAt(spec, 'ingress').flatMap(each => {
      const port = numberAt(each, 'port', 'number')
      return port === undefined ? [] : [{ port, protocol: stringAt(each, 'port', 'protocol')?.value ?? '' }]
    }),
    ...(selector ? { selector } : {}),
  }
}

function readEgress(node: Node | undefined): EgressListener {
  const number = numberAt(node, 'port', 'number')
  const protocol = stringAt(node, 'port', 'protocol')?.value ?? ''
  return { hosts: stringsAt(node, 'hosts'), ...(number ? { port: { number, protocol } } : {}) }
}

export function readServiceEntry(root: Node, common: Common): ServiceEntry {
  const spec = get(root, 'spec')
  const workloadSelector = readLabelSelector(spec, 'workloadSelector', 'labels')
  return {
    ...common,
    kind: 'ServiceEntry',
    hosts: stringsAt(spec, 'hosts'),
    exportTo: stringsAt(spec, 'exportTo'),
    external: stringAt(spec, 'location')?.value !== 'MESH_INTERNAL',
    resolution: stringAt(spec, 'resolution')?.value ?? 'NONE',
    ports: itemsAt(spec, 'ports').flatMap(readServiceEntryPort),
    endpoints: itemsAt(spec, 'endpoints').map(each => ({ ...readAddress(each), labels: labelsAt(each, 'labels') })),
    subjectAltNames: stringsAt(spec, 'subjectAltNames'),
    ...(workloadSelector ? { workloadSelector } : {}),
  }
}

function readServiceEntryPort(node: Node | undefined): readonly ServiceEntryPort[] {
  const port = numberAt(node, 'number')
  if (port === undefined) return []
  const name = stringAt(node, 'name')?.value ?? ''
  const targetPort = numberAt(node, 'targetPort')
  return [{ port, name, protocol: stringAt(node, 'protocol')?.value ?? '', ...(targetPort ? { targetPort } : {}) }]
}

function readAddress(node: Node | undefined): Omit<WorkloadAddress, 'labels'> {
  const address = stringAt(node, 'address')?.value
  const serviceAccount = stringAt(node, 'serviceAccount')?.value
  const ports = entriesAt(node, 'ports').flatMap(({ key, value }) =>
    value?.kind === 'scalar' && typeof value.value === 'number' ? [[key.text, value.value] as const] : [],
  )
  return { ports: Object.fromEntries(ports), ...(address ? { address } : {}), ...(serviceAccount ? { serviceAccount } : {}) }
}

export function readWorkloadEntry(root: Node, common: Common): WorkloadEntry {
  const spec = get(root, 'spec')
  return { ...common, kind: 'WorkloadEntry', ...readAddress(spec), workloadLabels: labelsAt(spec, 'labels') }
}

export function readWorkloadGroup(root: Node, common: Common): WorkloadGroup {
  return { ...common, kind: 'WorkloadGroup', workloadLabels: labelsAt(root, 'spec', 'metadata', 'labels') }
}

export function readVirtualService(root: Node, common: Common): VirtualService {
  const matches = itemsAt(root, 'spec', 'http').flatMap(route => itemsAt(route, 'match'))
  const headers = matches.flatMap(match => [...entriesAt(match, 'headers'), ...entriesAt(match, 'withoutHeaders')])
  return {
    ...common,
    kind: 'VirtualService',
    gateways: stringsAt(root, 'spec', 'gateways'),
    headers: headers.map(({ key }) => located(key)),
  }
}

export function readDestinationRule(root: Node, common: Common): DestinationRule {
  const spec = get(root, 'spec')
  const host = stringAt(spec, 'host')
  const trafficPolicy = readTrafficPolicy(get(spec, 'trafficPolicy'))
  const workloadSelector = readLabelSelector(spec, 'workloadSelector', 'matchLabels')
  return {
    ...common,
    kind: 'DestinationRule',
    exportTo: stringsAt(spec, 'exportTo'),
    subsets: itemsAt(spec, 'subsets').flatMap(readSubset),
    ...(host ? { host } : {}),
    ...(trafficPolicy ? { trafficPolicy } : {}),
    ...(workloadSelector ? { workloadSelector } : {}),
  }
}

function readTrafficPolicy(policy: Node | undefined): TrafficPolicy | undefined {
  if (policy?.kind !== 'mapping') return undefined
  const ports = itemsAt(policy, 'portLevelSettings').map(each => {
    const port = locatedNumberAt(each, 'port', 'number')
    return { ...readTrafficSettings(each), ...(port ? { port } : {}) }
  })
  return { ...readTrafficSettings(policy), ports }
}

function readTrafficSettings(node: Node | undefined): TrafficSettings {
  const tls = get(node, 'tls')
  const loadBalancer = get(node, 'loadBalancer') && (stringAt(node, 'loadBalancer', 'simple')?.value ?? 'UNSPECIFIED')
  return { ...(tls?.kind === 'mapping' ? { tls: readClientTls(tls) } : {}), ...(loadBalancer ? { loadBalancer } : {}) }
}

const clientTlsTexts = ['mode', 'sni', 'clientCertificate', 'privateKey', 'caCertificates', 'credentialName'] as const

function readClientTls(tls: Node): ClientTls {
  const texts = clientTlsTexts.flatMap(field => {
    const text = stringAt(tls, field)
    return text ? [[field, text] as const] : []
  })
  return {
    insecureSkipVerify: flagAt(tls, 'insecureSkipVerify'),
    subjectAltNames: stringsAt(tls, 'subjectAltNames'),
    ...Object.fromEntries(texts),
  }
}

function readSubset(node: Node | undefined): readonly Subset[] {
  const name = stringAt(node, 'name')
  const trafficPolicy = readTrafficPolicy(get(node, 'trafficPolicy'))
  if (!node || !name) return []
  return [{ name, labels: readLabelSelector(node, 'labels')?.labels ?? [], ...(trafficPolicy ? { trafficPolicy } : {}) }]
}

export function readTelemetry(root: Node, common: Common): Telemetry {
  const filters = itemsAt(get(root, 'spec'), 'accessLogging').some(each => stringAt(get(each, 'filter'), 'expression') !== undefined)
  return { ...common, kind: 'Telemetry', filters, ...readAttachment(root) }
}

export function readWasmPlugin(root: Node, common: Common): WasmPlugin {
  return { ...common, kind: 'WasmPlugin', ...readAttachment(root) }
}

function readAttachment(root: Node): Pick<Telemetry, 'selector' | 'targetRefs'> {
  const spec = get(root, 'spec')
  const selector = readSelector(spec)
  return { targetRefs: readTargetRefs(spec), ...(selector ? { selector } : {}) }
}
