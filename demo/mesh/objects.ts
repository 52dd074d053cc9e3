// Builders for the plain objects of a scenario. What a cluster adds by itself (uid, addresses, times, status) is added in cluster.ts.
import type { KubeObject, Metadata } from '../api/object.ts'

type Labels = Readonly<Record<string, string>>

export const istioTag = '1.30.2'

function object(apiVersion: string, kind: string, metadata: Metadata, content: object): KubeObject {
  return { apiVersion, kind, metadata, ...content }
}

export const namespace = (name: string, labels: Labels = {}): KubeObject =>
  object('v1', 'Namespace', { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } }, { spec: { finalizers: ['kubernetes'] } })

export const serviceAccount = (namespace: string, name: string): KubeObject => object('v1', 'ServiceAccount', { namespace, name }, {})

export const configMap = (namespace: string, name: string, data: Labels, labels: Labels = {}): KubeObject =>
  object('v1', 'ConfigMap', { namespace, name, labels }, { data })

export interface ServicePort {
  /** Istio reads the protocol from the name: `http-web`, `tcp-postgres`. */
  readonly name: string
  readonly port: number
  readonly targetPort: number
}

/** A ClusterIP service; its address is assigned with the cluster's others where none is given. */
export function service(namespace: string, name: string, selector: Labels, ports: readonly ServicePort[], address?: string): KubeObject {
  const addressed = address && { clusterIP: address, clusterIPs: [address] }
  const spec = { type: 'ClusterIP', selector, ports: ports.map(port => ({ ...port, protocol: 'TCP' })), ...addressed }
  return object('v1', 'Service', { namespace, name, labels: selector }, { spec })
}

export const peerAuthentication = (namespace: string, name: string, spec: object): KubeObject =>
  object('security.istio.io/v1', 'PeerAuthentication', { namespace, name }, { spec })

export const authorizationPolicy = (namespace: string, name: string, spec: object): KubeObject =>
  object('security.istio.io/v1', 'AuthorizationPolicy', { namespace, name }, { spec })

export const requestAuthentication = (namespace: string, name: string, spec: object): KubeObject =>
  object('security.istio.io/v1', 'RequestAuthentication', { namespace, name }, { spec })

export const destinationRule = (namespace: string, name: string, spec: object): KubeObject =>
  object('networking.istio.io/v1', 'DestinationRule', { namespace, name }, { spec })

export const istioGateway = (namespace: string, name: string, spec: object): KubeObject =>
  object('networking.istio.io/v1', 'Gateway', { namespace, name }, { spec })

export const virtualService = (namespace: string, name: string, spec: object): KubeObject =>
  object('networking.istio.io/v1', 'VirtualService', { namespace, name }, { spec })

export const serviceEntry = (namespace: string, name: string, spec: object): KubeObject =>
  object('networking.istio.io/v1', 'ServiceEntry', { namespace, name }, { spec })

export const gateway = (namespace: string, name: string, labels: Labels, spec: object): KubeObject =>
  object('gateway.networking.k8s.io/v1', 'Gateway', { namespace, name, labels }, { spec })

export const gatewayClass = (name: string, controllerName: string): KubeObject =>
  object('gateway.networking.k8s.io/v1', 'GatewayClass', { name }, { spec: { controllerName } })

/** The webhook that injects proxies of a revision, or of a tag that stands for it. */
export const injectionWebhook = (name: string, labels: Labels): KubeObject =>
  object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { name, labels: { app: 'sidecar-injector', ...labels } }, {})

/** The SPIFFE identity of a service account as policies write it: without the scheme. */
export const principal = (namespace: string, account: string): string => `cluster.local/ns/${namespace}/sa/${account}`
