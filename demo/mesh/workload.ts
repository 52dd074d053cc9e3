// A Deployment, StatefulSet or DaemonSet with its ReplicaSet and pods, as the controllers and Istio's injector would write them.
import { createHash } from 'node:crypto'
import type { KubeObject, OwnerReference } from '../api/object.ts'
import { istioTag, serviceAccount } from './objects.ts'

type Labels = Readonly<Record<string, string>>

/** What carries the pod's traffic. A native sidecar is an init container that is never finished. */
export type ProxyKind = 'sidecar' | 'native-sidecar' | 'gateway' | 'waypoint' | 'ambient' | 'none'

export interface ContainerPort {
  readonly name: string
  readonly containerPort: number
}

export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet'
  /** Label `app`; the name where absent. */
  readonly app?: string
  readonly version?: string
  /** The name where absent. */
  readonly account?: string
  readonly image?: string
  /** Name of the container; that of the app where absent. */
  readonly container?: string
  readonly environment?: Labels
  readonly ports?: readonly ContainerPort[]
  readonly replicas?: number
  readonly proxy: ProxyKind
  readonly labels?: Labels
  readonly annotations?: Labels
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly restartPolicy?: 'Always'
  readonly ports?: readonly (ContainerPort & { readonly protocol: string })[]
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly serviceAccountName: string
    readonly nodeName?: string
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
  }
  readonly status?: PodStatus
}

export interface PodStatus {
  readonly phase: string
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip: string }[]
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
  readonly [field: string]: unknown
}

const tunnelLabel = 'networking.istio.io/tunnel'

export const takesHbone = ({ metadata }: Pod): boolean => metadata.labels?.[tunnelLabel] === 'http'

export const isPod = (object: KubeObject): object is Pod => object.kind === 'Pod'

/** The workload's account, its controller objects and its pods. */
export function workload(spec: Workload): readonly KubeObject[] {
  const { namespace, name, kind = 'Deployment', replicas = 1 } = spec
  const owner = controller(spec)
  const account = serviceAccount(namespace, spec.account ?? name)
  const indexes = Array.from({ length: replicas }, (_, index) => index)
  if (kind !== 'Deployment') return [account, owner, ...indexes.map(index => pod(spec, index, owner))]
  const replicaSet = replicaSetOf(spec, owner)
  return [account, owner, replicaSet, ...indexes.map(index => pod(spec, index, replicaSet))]
}

/** One pod of a workload, made by its ReplicaSet, StatefulSet or DaemonSet. */
function pod(spec: Workload, index: number, owner: KubeObject): Pod {
  const { namespace, name, kind = 'Deployment' } = spec
  const ordinal = kind === 'StatefulSet' ? String(index) : code(`${namespace}/${name}/${index}`, 5)
  const { metadata, spec: podSpec } = podTemplate(spec)
  const hash = kind === 'Deployment' ? { 'pod-template-hash': templateHash(spec) } : {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      namespace,
      name: `${owner.metadata.name}-${ordinal}`,
      labels: { ...metadata.labels, ...hash, ...enrolmentLabels(spec) },
      annotations: { ...metadata.annotations, ...enrolmentAnnotations(spec) },
      ownerReferences: [ownerReference(owner)],
    },
    spec: { ...podSpec, ...injected(spec, podSpec.containers) },
  }
}

/** The uid that an object of this kind and name has in the demo: made from its name, so owner references agree without book-keeping. */
export function uidOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  const hex = createHash('sha256')
    .update(`${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function controller(spec: Workload): KubeObject {
  const { namespace, name, kind = 'Deployment', replicas = 1 } = spec
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { namespace, name, labels: workloadLabels(spec) },
    spec: {
      ...(kind !== 'DaemonSet' && { replicas }),
      selector: { matchLabels: workloadLabels(spec) },
      template: podTemplate(spec),
      ...(kind === 'StatefulSet' && { serviceName: name }),
    },
    status:
      kind === 'DaemonSet'
        ? { currentNumberScheduled: replicas, desiredNumberScheduled: replicas, numberReady: replicas }
        : { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 },
  }
}

function replicaSetOf(spec: Workload, deployment: KubeObject): KubeObject {
  const labels = { ...workloadLabels(spec), 'pod-template-hash': templateHash(spec) }
  const { metadata, spec: podSpec } = podTemplate(spec)
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: spec.namespace,
      name: `${spec.name}-${templateHash(spec)}`,
      labels,
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: spec.replicas ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { ...metadata, labels }, spec: podSpec },
    },
    status: { replicas: spec.replicas ?? 1, readyReplicas: spec.replicas ?? 1 },
  }
}

function ownerReference(owner: KubeObject): OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: uidOf(owner), controller: true }
}

// The template is what a person wrote: without the sidecar, which only the pod has.
function podTemplate(spec: Workload) {
  return {
    metadata: { labels: { ...workloadLabels(spec), ...spec.labels }, ...(spec.annotations && { annotations: spec.annotations }) },
    spec: { serviceAccountName: spec.account ?? spec.name, containers: [mainContainer(spec)] },
  }
}

function workloadLabels({ app, name, version }: Workload): Labels {
  return { app: app ?? name, ...(version && { version }) }
}

function mainContainer({ name, app, image, proxy, container, environment, ports = [] }: Workload): Container {
  const declared = ports.map(port => ({ ...port, protocol: 'TCP' }))
  if (proxy === 'gateway' || proxy === 'waypoint') {
    return { name: 'istio-proxy', image: proxyImage, args: ['proxy', proxy === 'gateway' ? 'router' : 'waypoint'], ports: declared }
  }
  const env = Object.entries(environment ?? {}).map(([name, value]) => ({ name, value }))
  return {
    name: container ?? app ?? name,
    image: image ?? `example.com/${app ?? name}:1.4.0`,
    ports: declared,
    ...(environment && { env }),
  }
}

const proxyImage = `docker.io/istio/proxyv2:${istioTag}`

function injected({ proxy }: Workload, containers: readonly Container[]): Partial<Pod['spec']> {
  if (proxy !== 'sidecar' && proxy !== 'native-sidecar') return {}
  const init = { name: 'istio-init', image: proxyImage, args: ['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337'] }
  const sidecar = {
    name: 'istio-proxy',
    image: proxyImage,
    args: ['proxy', 'sidecar'],
    ports: [{ name: 'http-envoy-prom', containerPort: 15090, protocol: 'TCP' }],
  }
  if (proxy === 'sidecar') return { initContainers: [init], containers: [...containers, sidecar] }
  return { initContainers: [init, { ...sidecar, restartPolicy: 'Always' }] }
}

function enrolmentLabels(spec: Workload): Labels {
  const canonical = {
    'service.istio.io/canonical-name': spec.app ?? spec.name,
    'service.istio.io/canonical-revision': spec.version ?? 'latest',
  }
  switch (spec.proxy) {
    case 'sidecar':
    case 'native-sidecar':
      // The injector gives `tunnel` where ambient is installed (istio/istio pkg/kube/inject: ISTIO_META_ENABLE_HBONE).
      return { ...canonical, [tunnelLabel]: 'http', 'security.istio.io/tlsMode': 'istio' }
    case 'gateway':
    case 'waypoint':
      return canonical
    case 'ambient':
    case 'none':
      return {}
  }
}

function enrolmentAnnotations({ proxy }: Workload): Labels {
  if (proxy === 'ambient') return { 'ambient.istio.io/redirection': 'enabled' }
  if (proxy !== 'sidecar' && proxy !== 'native-sidecar') return {}
  const native = proxy === 'native-sidecar'
  const status = {
    initContainers: native ? ['istio-init', 'istio-proxy'] : ['istio-init'],
    containers: native ? null : ['istio-proxy'],
    volumes: ['workload-socket', 'workload-certs', 'istio-envoy', 'istio-data', 'istio-podinfo', 'istio-token', 'istiod-ca-cert'],
    imagePullSecrets: null,
    revision: 'default',
  }
  return { 'istio.io/rev': 'default', 'sidecar.istio.io/status': JSON.stringify(status) }
}

const templateHash = ({ namespace, name }: Workload): string => code(`${namespace}/${name}`, 10)

// The alphabet Kubernetes uses for generated names: no vowels, so no words.
function code(text: string, length: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  const digest = createHash('sha256').update(text).digest()
  return Array.from(digest.subarray(0, length), byte => alphabet[byte % alphabet.length]).join('')
}
