// From a YAML tree (or an object of the cluster) to a typed resource. Missing parts are empty, wrongly shaped parts are left out:
// the structure rules speak of those. Never throws.
import { parse as parseYamlText } from 'yaml'
import { at, entriesAt, entry, fromJson, get, itemsAt, type Located, live, type Node, stringAt, stringsAt } from '../yaml/tree.ts'
import { writeYaml } from '../yaml/write.ts'
import { hasRules, readRoot } from './openApi.ts'
import {
  readDestinationRule,
  readIstioGateway,
  readServiceEntry,
  readSidecar,
  readTelemetry,
  readVirtualService,
  readWasmPlugin,
  readWorkloadEntry,
  readWorkloadGroup,
} from './read/networking.ts'
import { type Common, flagAt, labelsAt, numberAt, type Reader, readSelector, readTargetRefs } from './read/parts.ts'
import { readRequestAuthentication, readRequestSettings } from './read/requestAuthentication.ts'
import type {
  AuthorizationAction,
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicy,
  AuthorizationRule,
  AuthorizationSource,
  ContainerPort,
  CustomResourceDefinition,
  EndpointSlice,
  Gateway,
  GatewayClass,
  GatewayListener,
  InjectionWebhook,
  MeshConfig,
  NamespaceSelector,
  PeerAuthentication,
  PeerAuthenticationMode,
  Pod,
  Resource,
  Secret,
  Service,
  ServicePort,
  SliceEndpoint,
  Source,
  WorkloadOwner,
} from './resources.ts'
import { schemaOf } from './schema/index.ts'
import { readSnapshot } from './snapshot.ts'
import { writtenPart } from './written.ts'

/** The objects of one document: one, or the items of a List. Kinds we do not know are left out. */
export function readDocument(root: Node | undefined, source: Source, defaultNamespace = 'default'): readonly Resource[] {
  const objects = objectsOf(root).flatMap(object => readNode(object, source, defaultNamespace) ?? [])
  return [...objects, ...readSnapshot(root, objects, source)]
}

/** The items of a List, else the document itself. */
export function objectsOf(root: Node | undefined): readonly (Node | undefined)[] {
  return stringAt(root, 'kind')?.value.endsWith('List') ? itemsAt(root, 'items') : [root]
}

/** One Kubernetes object as JSON. Undefined for kinds that decide nothing about security. What people write knows its place in its YAML. */
export function readObject(json: unknown, source: Source): Resource | undefined {
  const written = writtenPart(json)
  if (!written) return readNode(fromJson(json), source, '')
  const resource = readNode(withStatus(writeYaml(written).root, json), source, '')
  return resource && { ...resource, written: JSON.stringify(written) }
}

/** Only a waypoint's is read. */
function withStatus(root: Node, json: unknown): Node {
  const status =
    json !== null && typeof json === 'object' && 'status' in json ? entry(fromJson({ status: json.status }), 'status') : undefined
  return status && root.kind === 'mapping' ? { ...root, entries: [...root.entries, status] } : root
}

/** `kind` of any API version of the group, since Istio reads all of them alike. */
const readers: Readonly<Record<string, Reader>> = {
  '/Namespace': (_, common) => ({ ...common, kind: 'Namespace', namespace: '' }),
  '/ServiceAccount': (_, common) => ({ ...common, kind: 'ServiceAccount' }),
  '/Pod': readPod,
  '/Service': readService,
  'discovery.k8s.io/EndpointSlice': readEndpointSlice,
  '/ConfigMap': readMeshConfig,
  '/Secret': readSecret,
  'cert-manager.io/Certificate': readSecretMaker('spec', 'secretName'),
  'external-secrets.io/ExternalSecret': readSecretMaker('spec', 'target', 'name'),
  'bitnami.com/SealedSecret': readSecretMaker(),
  'apps/Deployment': readOwner,
  'apps/StatefulSet': readOwner,
  'apps/DaemonSet': readOwner,
  'apps/ReplicaSet': readOwner,
  'argoproj.io/Rollout': readOwner,
  'batch/Job': readOwner,
  'batch/CronJob': readOwner,
  'security.istio.io/PeerAuthentication': readPeerAuthentication,
  'security.istio.io/AuthorizationPolicy': readAuthorizationPolicy,
  'security.istio.io/RequestAuthentication': readRequestAuthentication,
  'networking.istio.io/DestinationRule': readDestinationRule,
  'networking.istio.io/Gateway': readIstioGateway,
  'networking.istio.io/Sidecar': readSidecar,
  'networking.istio.io/ServiceEntry': readServiceEntry,
  'networking.istio.io/WorkloadEntry': readWorkloadEntry,
  'networking.istio.io/WorkloadGroup': readWorkloadGroup,
  'networking.istio.io/VirtualService': readVirtualService,
  'networking.istio.io/EnvoyFilter': (_, common) => ({ ...common, kind: 'EnvoyFilter' }),
  'telemetry.istio.io/Telemetry': readTelemetry,
  'extensions.istio.io/WasmPlugin': readWasmPlugin,
  'gateway.networking.k8s.io/Gateway': readGateway,
  'gateway.networking.k8s.io/GatewayClass': readGatewayClass,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': readInjectionWebhook,
  'apiextensions.k8s.io/CustomResourceDefinition': readDefinition,
}

function readNode(root: Node | undefined, source: Source, defaultNamespace: string): Resource | undefined {
  const apiVersion = stringAt(root, 'apiVersion')?.value
  const kind = entry(root, 'kind')
  const kindName = stringAt(root, 'kind')?.value
  if (!root || !apiVersion || !kind || !kindName) return undefined
  const slash = apiVersion.indexOf('/')
  const reader = readers[`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kindName}`]
  if (!reader) return undefined
  const name = stringAt(root, 'metadata', 'name')
  const namespace = stringAt(root, 'metadata', 'namespace')
  const created = stringAt(root, 'metadata', 'creationTimestamp')?.value
  return reader(root, {
    apiVersion,
    name: name?.value ?? '',
    namespace: namespace?.value ?? defaultNamespace,
    labels: labelsAt(root, 'metadata', 'labels'),
    annotations: labelsAt(root, 'metadata', 'annotations'),
    ...(created === undefined ? {} : { created }),
    source,
    at: {
      kind: kind.value?.span ?? kind.key.span,
      ...(name ? { name: name.span } : {}),
      ...(namespace ? { namespace: namespace.span } : {}),
    },
  })
}

function readPod(root: Node, common: Common): Pod {
  const owner = itemsAt(root, 'metadata', 'ownerReferences').find(each => flagAt(each, 'controller'))
  const ownerKind = stringAt(owner, 'kind')?.value
  const ownerName = stringAt(owner, 'name')?.value
  const ip = stringAt(root, 'status', 'podIP')?.value
  const phase = stringAt(root, 'status', 'phase')?.value
  const nodeName = stringAt(root, 'spec', 'nodeName')?.value
  const ready = itemsAt(root, 'status', 'conditions').find(each => stringAt(each, 'type')?.value === 'Ready')
  return {
    ...common,
    kind: 'Pod',
    ...readPodSpec(get(root, 'spec')),
    ...readProxyImage(get(root, 'spec')),
    ...(nodeName ? { nodeName } : {}),
    ...(ip ? { ip } : {}),
    ...(phase ? { phase } : {}),
    ...(ready ? { ready: stringAt(ready, 'status')?.value === 'True' } : {}),
    ...(ownerKind && ownerName ? { owner: { kind: ownerKind, name: ownerName } } : {}),
  }
}

function readPodSpec(spec: Node | undefined): Pick<Pod, 'serviceAccount' | 'hostNetwork' | 'containers' | 'ports'> {
  const containers = itemsAt(spec, 'containers')
  // A restartable init container runs as long as the pod does: this is how native sidecars are injected.
  const sidecars = itemsAt(spec, 'initContainers').filter(each => stringAt(each, 'restartPolicy')?.value === 'Always')
  return {
    serviceAccount: stringAt(spec, 'serviceAccountName')?.value ?? 'default',
    hostNetwork: flagAt(spec, 'hostNetwork'),
    containers: [...containers, ...sidecars].flatMap(each => stringAt(each, 'name')?.value ?? []),
    ports: containers
      .filter(each => stringAt(each, 'name')?.value !== 'istio-proxy')
      .flatMap(each => itemsAt(each, 'ports').flatMap(readContainerPort)),
  }
}

function readProxyImage(spec: Node | undefined): Pick<Pod, 'proxyImage'> {
  const proxy = [...itemsAt(spec, 'containers'), ...itemsAt(spec, 'initContainers')].find(
    each => stringAt(each, 'name')?.value === 'istio-proxy',
  )
  const proxyImage = stringAt(proxy, 'image')?.value
  return proxyImage ? { proxyImage } : {}
}

function readContainerPort(node: Node | undefined): ContainerPort[] {
  const port = numberAt(node, 'containerPort')
  const name = stringAt(node, 'name')?.value
  const protocol = stringAt(node, 'protocol')?.value
  return port === undefined ? [] : [{ port, ...(name ? { name } : {}), ...(protocol ? { protocol } : {}) }]
}

function readOwner(root: Node, common: Common): WorkloadOwner {
  const spec = get(root, 'spec')
  const template = get(get(get(spec, 'jobTemplate'), 'spec') ?? spec, 'template')
  const { serviceAccount, hostNetwork, containers, ports } = readPodSpec(get(template, 'spec'))
  return {
    ...common,
    kind: 'WorkloadOwner',
    ownerKind: stringAt(root, 'kind')?.value ?? '',
    template: {
      labels: labelsAt(template, 'metadata', 'labels'),
      annotations: labelsAt(template, 'metadata', 'annotations'),
      serviceAccount,
      hostNetwork,
      containers,
      ports,
    },
    ...readDiscovery(get(template, 'spec')),
  }
}

function readDiscovery(spec: Node | undefined): Pick<WorkloadOwner, 'discovery' | 'discoveryImage'> {
  const container = itemsAt(spec, 'containers').find(each => stringAt(each, 'name')?.value === 'discovery')
  if (!container) return {}
  const variables = itemsAt(container, 'env').map(each => [stringAt(each, 'name')?.value ?? '', stringAt(each, 'value')?.value ?? ''])
  const image = stringAt(container, 'image')?.value
  return { discovery: Object.fromEntries(variables), ...(image ? { discoveryImage: image } : {}) }
}

function readService(root: Node, common: Common): Service {
  const externalName = stringAt(root, 'spec', 'externalName')?.value
  return {
    ...common,
    kind: 'Service',
    type: stringAt(root, 'spec', 'type')?.value ?? 'ClusterIP',
    headless: stringAt(root, 'spec', 'clusterIP')?.value === 'None',
    selector: labelsAt(root, 'spec', 'selector'),
    ports: itemsAt(root, 'spec', 'ports').flatMap(readServicePort),
    ...(externalName ? { externalName } : {}),
  }
}

function readServicePort(node: Node | undefined): ServicePort[] {
  const port = numberAt(node, 'port')
  if (port === undefined) return []
  const name = stringAt(node, 'name')?.value
  const appProtocol = stringAt(node, 'appProtocol')?.value
  const protocol = stringAt(node, 'protocol')?.value
  const targetPort = numberAt(node, 'targetPort') ?? stringAt(node, 'targetPort')?.value ?? port
  return [{ port, targetPort, ...(name ? { name } : {}), ...(appProtocol ? { appProtocol } : {}), ...(protocol ? { protocol } : {}) }]
}

function readEndpointSlice(root: Node, common: Common): EndpointSlice {
  return {
    ...common,
    kind: 'EndpointSlice',
    addressType: stringAt(root, 'addressType')?.value ?? '',
    endpoints: itemsAt(root, 'endpoints').map(each => readSliceEndpoint(each, common.namespace)),
    ports: itemsAt(root, 'ports').flatMap(each => {
      const port = numberAt(each, 'port')
      return port === undefined ? [] : [{ port, name: stringAt(each, 'name')?.value ?? '' }]
    }),
  }
}

function readSliceEndpoint(node: Node | undefined, namespace: string): SliceEndpoint {
  const addresses = stringsAt(node, 'addresses').map(({ value }) => value)
  const name = stringAt(node, 'targetRef', 'name')?.value
  if (stringAt(node, 'targetRef', 'kind')?.value !== 'Pod' || name === undefined) return { addresses }
  return { addresses, pod: { namespace: stringAt(node, 'targetRef', 'namespace')?.value ?? namespace, name } }
}

/** Nothing of what it holds is read. */
function readSecret(root: Node, common: Common): Secret {
  return { ...common, kind: 'Secret', type: stringAt(root, 'type')?.value ?? 'Opaque' }
}

/** In files an object from which a controller makes a Secret stands for it; the Secret has its name where no other is written. */
function readSecretMaker(...name: readonly string[]): Reader {
  return (root, common) => ({ ...common, kind: 'Secret', name: stringAt(root, ...name)?.value ?? common.name, type: '' })
}

/** Only the ConfigMaps `istio` and `istio-<revision>` hold the mesh's settings. */
function readMeshConfig(root: Node, common: Common): MeshConfig | undefined {
  const text = stringAt(root, 'data', 'mesh')?.value
  if (text === undefined || !/^istio(-|$)/.test(common.name)) return undefined
  const settings = meshSettings(text)
  const rootNamespace = stringAt(settings, 'rootNamespace')?.value
  const trustDomain = stringAt(settings, 'trustDomain')?.value
  const autoMtls = at(settings, ['enableAutoMtls'])
  const listed = (field: string) => (get(settings, field) ? { [field]: stringsAt(settings, field).map(({ value }) => value) } : {})
  return {
    ...common,
    kind: 'MeshConfig',
    ...(rootNamespace ? { rootNamespace } : {}),
    ...(trustDomain ? { trustDomain } : {}),
    trustDomainAliases: stringsAt(settings, 'trustDomainAliases').map(each => each.value),
    enableAutoMtls: !(autoMtls?.kind === 'scalar' && autoMtls.value === false),
    ...readRequestSettings(settings),
    ...listed('defaultDestinationRuleExportTo'),
    ...listed('defaultServiceExportTo'),
    ...readDiscoverySelectors(settings),
    networks: entriesAt(meshSettings(stringAt(root, 'data', 'meshNetworks')?.value ?? ''), 'networks').map(({ key }) => key.text),
  }
}

/** None are the same as no field. Source: istio/istio:pkg/kube/namespace/filter.go. */
function readDiscoverySelectors(settings: Node | undefined): Pick<MeshConfig, 'discoverySelectors'> {
  const selectors = itemsAt(settings, 'discoverySelectors').map(
    (each): NamespaceSelector => ({
      labels: labelsAt(each, 'matchLabels'),
      expressions: itemsAt(each, 'matchExpressions').map(expression => ({
        key: stringAt(expression, 'key')?.value ?? '',
        operator: stringAt(expression, 'operator')?.value ?? '',
        values: stringsAt(expression, 'values').map(({ value }) => value),
      })),
    }),
  )
  return selectors.length > 0 ? { discoverySelectors: selectors } : {}
}

/** Only those of Istio say a revision. Source: manifests/charts/istio-control/istio-discovery/templates/revision-tags-mwc.yaml. */
function readInjectionWebhook(_: Node, common: Common): InjectionWebhook | undefined {
  const { 'istio.io/rev': revision, 'istio.io/tag': tag } = common.labels
  return revision ? { ...common, kind: 'InjectionWebhook', namespace: '', revision, ...(tag ? { tag } : {}) } : undefined
}

/** The settings in a ConfigMap of istiod; undefined where they do not parse. */
export function meshSettings(text: string): Node | undefined {
  try {
    return fromJson(parseYamlText(text))
  } catch {
    // istiod itself refuses settings that do not parse and keeps its defaults.
    return undefined
  }
}

const modes: readonly string[] = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'] satisfies PeerAuthenticationMode[]

function modeAt(node: Node | undefined, ...path: (string | number)[]): Located<PeerAuthenticationMode> | undefined {
  const mode = stringAt(node, ...path)
  return mode && modes.includes(mode.value) ? { value: mode.value as PeerAuthenticationMode, span: mode.span } : undefined
}

function readPeerAuthentication(root: Node, common: Common): PeerAuthentication {
  const spec = get(root, 'spec')
  const selector = readSelector(spec)
  const mode = modeAt(spec, 'mtls', 'mode')
  const portLevelMtls = entriesAt(spec, 'portLevelMtls').flatMap(({ key, value }) => {
    const port = Number(key.value)
    const portMode = modeAt(value, 'mode')
    return Number.isInteger(port) ? [{ port: { value: port, span: key.span }, ...(portMode ? { mode: portMode } : {}) }] : []
  })
  return {
    ...common,
    kind: 'PeerAuthentication',
    portLevelMtls,
    ...(selector ? { selector } : {}),
    ...(mode ? { mode } : {}),
    ...(spec ? { spec } : {}),
  }
}

const actions: readonly string[] = ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'] satisfies AuthorizationAction[]

function readAuthorizationPolicy(root: Node, common: Common): AuthorizationPolicy {
  const spec = get(root, 'spec')
  const selector = readSelector(spec)
  const action = stringAt(spec, 'action')
  const provider = stringAt(spec, 'provider', 'name')
  return {
    ...common,
    kind: 'AuthorizationPolicy',
    action: action && actions.includes(action.value) ? (action.value as AuthorizationAction) : 'ALLOW',
    targetRefs: readTargetRefs(spec),
    rules: itemsAt(spec, 'rules').map(readRule),
    // Every value that Go's ParseBool reads as true. Source: pilot/pkg/security/authz/builder/builder.go.
    dryRun: /^(?:1|t|T|true|True|TRUE)$/.test(common.annotations['istio.io/dry-run'] ?? ''),
    ...(action ? { actionAt: action.span } : {}),
    ...(selector ? { selector } : {}),
    ...(provider ? { provider } : {}),
  }
}

function readRule(node: Node | undefined): AuthorizationRule {
  return {
    span: node?.span ?? live,
    from: itemsAt(node, 'from').map(each => readSource(get(each, 'source'))),
    to: itemsAt(node, 'to').map(each => readOperation(get(each, 'operation'))),
    when: itemsAt(node, 'when').map(readCondition),
  }
}

function readSource(node: Node | undefined): AuthorizationSource {
  const values = (field: string) => stringsAt(node, field)
  return {
    span: node?.span ?? live,
    principals: values('principals'),
    notPrincipals: values('notPrincipals'),
    requestPrincipals: values('requestPrincipals'),
    notRequestPrincipals: values('notRequestPrincipals'),
    namespaces: values('namespaces'),
    notNamespaces: values('notNamespaces'),
    serviceAccounts: values('serviceAccounts'),
    notServiceAccounts: values('notServiceAccounts'),
    trustDomains: values('trustDomains'),
    notTrustDomains: values('notTrustDomains'),
    ipBlocks: values('ipBlocks'),
    notIpBlocks: values('notIpBlocks'),
    remoteIpBlocks: values('remoteIpBlocks'),
    notRemoteIpBlocks: values('notRemoteIpBlocks'),
  }
}

function readOperation(node: Node | undefined): AuthorizationOperation {
  const values = (field: string) => stringsAt(node, field)
  return {
    span: node?.span ?? live,
    hosts: values('hosts'),
    notHosts: values('notHosts'),
    ports: values('ports'),
    notPorts: values('notPorts'),
    methods: values('methods'),
    notMethods: values('notMethods'),
    paths: values('paths'),
    notPaths: values('notPaths'),
  }
}

function readCondition(node: Node | undefined): AuthorizationCondition {
  return {
    span: node?.span ?? live,
    key: stringAt(node, 'key') ?? { value: '', span: node?.span ?? live },
    values: stringsAt(node, 'values'),
    notValues: stringsAt(node, 'notValues'),
  }
}

function readGateway(root: Node, common: Common): Gateway {
  const seen = common.source.from === 'cluster' || get(root, 'status') !== undefined
  return {
    ...common,
    kind: 'Gateway',
    className: stringAt(root, 'spec', 'gatewayClassName')?.value ?? '',
    listeners: itemsAt(root, 'spec', 'listeners').map(readGatewayListener),
    ...(seen ? { ready: itemsAt(root, 'status', 'addresses').length > 0 } : {}),
  }
}

function readGatewayListener(node: Node | undefined): GatewayListener {
  const port = numberAt(node, 'port')
  const hostname = stringAt(node, 'hostname')?.value
  const namespaces = at(node, ['allowedRoutes', 'namespaces'])
  return {
    protocol: stringAt(node, 'protocol')?.value ?? '',
    from: readAllowedNamespaces(namespaces),
    ...(port === undefined ? {} : { port }),
    ...(hostname === undefined ? {} : { hostname }),
  }
}

function readAllowedNamespaces(namespaces: Node | undefined): GatewayListener['from'] {
  const from = stringAt(namespaces, 'from')?.value
  if (from !== 'Selector') return from === 'All' ? 'All' : 'Same'
  return itemsAt(namespaces, 'selector', 'matchExpressions').length > 0
    ? 'expressions'
    : { labels: labelsAt(namespaces, 'selector', 'matchLabels') }
}

function readGatewayClass(root: Node, common: Common): GatewayClass {
  return { ...common, kind: 'GatewayClass', namespace: '', controllerName: stringAt(root, 'spec', 'controllerName')?.value ?? '' }
}

/** Of Istio's groups only. */
function readDefinition(root: Node, common: Common): CustomResourceDefinition | undefined {
  const group = stringAt(root, 'spec', 'group')?.value ?? ''
  if (!/(^|\.)istio\.io$/.test(group)) return undefined
  const known = schemaOf(`${group}/`, stringAt(root, 'spec', 'names', 'kind')?.value ?? '')
  const versions = itemsAt(root, 'spec', 'versions').flatMap(version => {
    const name = stringAt(version, 'name')?.value
    const schema = at(version, ['schema', 'openAPIV3Schema'])
    return name && schema && flagAt(version, 'served') ? [[name, readRoot(schema, known)] as const] : []
  })
  return {
    ...common,
    kind: 'CustomResourceDefinition',
    namespace: '',
    versions: new Map(versions),
    hasRules: versions.some(([, schema]) => hasRules(schema)),
  }
}
