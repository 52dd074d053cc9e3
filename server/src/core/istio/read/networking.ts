// The kinds of networking.istio.io, and Telemetry and WasmPlugin, as far as they decide about security.
import { entriesAt, get, itemsAt, type Located, type Node, stringAt, stringsAt } from '../../yaml/tree.ts'
import type {
  DestinationRule,
  DestinationTls,
  GatewayServer,
  IstioGateway,
  ServerTls,
  ServiceEntry,
  Sidecar,
  Subset,
  Telemetry,
  VirtualService,
  WasmPlugin,
  WorkloadEntry,
  WorkloadGroup,
} from '../resources.ts'
import { type Common, flagAt, labelsAt, located, locatedNumberAt, readLabelSelector, readSelector, readTargetRefs } from './parts.ts'

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
  const selector = readLabelSelector(get(root, 'spec'), 'workloadSelector', 'labels')
  return { ...common, kind: 'Sidecar', ...(selector ? { selector } : {}) }
}

export function readServiceEntry(root: Node, common: Common): ServiceEntry {
  const spec = get(root, 'spec')
  const workloadSelector = readLabelSelector(spec, 'workloadSelector', 'labels')
  return {
    ...common,
    kind: 'ServiceEntry',
    hosts: stringsAt(spec, 'hosts'),
    endpoints: itemsAt(spec, 'endpoints').map(each => labelsAt(each, 'labels')),
    ...(workloadSelector ? { workloadSelector } : {}),
  }
}

export function readWorkloadEntry(root: Node, common: Common): WorkloadEntry {
  return { ...common, kind: 'WorkloadEntry', workloadLabels: labelsAt(root, 'spec', 'labels') }
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
  const workloadSelector = readLabelSelector(spec, 'workloadSelector', 'matchLabels')
  return {
    ...common,
    kind: 'DestinationRule',
    exportTo: stringsAt(spec, 'exportTo'),
    tls: readTrafficPolicyTls(get(spec, 'trafficPolicy')),
    subsets: itemsAt(spec, 'subsets').flatMap(readSubset),
    ...(host ? { host } : {}),
    ...(workloadSelector ? { workloadSelector } : {}),
  }
}

/** Of the host first, then of its ports. */
function readTrafficPolicyTls(policy: Node | undefined): readonly DestinationTls[] {
  const ports = itemsAt(policy, 'portLevelSettings').flatMap(each =>
    readClientTls(get(each, 'tls'), locatedNumberAt(each, 'port', 'number')),
  )
  return [...readClientTls(get(policy, 'tls')), ...ports]
}

function readClientTls(tls: Node | undefined, port?: Located<number>): readonly DestinationTls[] {
  if (tls?.kind !== 'mapping') return []
  const mode = stringAt(tls, 'mode')
  const sni = stringAt(tls, 'sni')
  const caCertificates = stringAt(tls, 'caCertificates')
  const credentialName = stringAt(tls, 'credentialName')
  return [
    {
      insecureSkipVerify: flagAt(tls, 'insecureSkipVerify'),
      subjectAltNames: stringsAt(tls, 'subjectAltNames'),
      ...(port ? { port } : {}),
      ...(mode ? { mode } : {}),
      ...(sni ? { sni } : {}),
      ...(caCertificates ? { caCertificates } : {}),
      ...(credentialName ? { credentialName } : {}),
    },
  ]
}

function readSubset(node: Node | undefined): readonly Subset[] {
  const name = stringAt(node, 'name')
  return node && name ? [{ name, labels: readLabelSelector(node, 'labels')?.labels ?? [] }] : []
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
