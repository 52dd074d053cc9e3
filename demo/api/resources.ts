// The kinds the demo's API server serves, as one table: discovery, paths and storage all read it.
import type { KubeObject } from './object.ts'

export interface ResourceType {
  /** `""` for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
}

const type = (group: string, version: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced,
})

// Secrets are listed so that reading them is refused as on a real cluster; none exist here.
export const resourceTypes: readonly ResourceType[] = [
  type('', 'v1', 'namespaces', 'Namespace', false),
  type('', 'v1', 'pods', 'Pod'),
  type('', 'v1', 'services', 'Service'),
  type('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  type('', 'v1', 'configmaps', 'ConfigMap'),
  type('', 'v1', 'secrets', 'Secret'),
  type('apps', 'v1', 'deployments', 'Deployment'),
  type('apps', 'v1', 'replicasets', 'ReplicaSet'),
  type('apps', 'v1', 'statefulsets', 'StatefulSet'),
  type('apps', 'v1', 'daemonsets', 'DaemonSet'),
  type('batch', 'v1', 'jobs', 'Job'),
  type('batch', 'v1', 'cronjobs', 'CronJob'),
  type('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  type('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', false),
  type('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', false),
  type('security.istio.io', 'v1', 'peerauthentications', 'PeerAuthentication'),
  type('security.istio.io', 'v1', 'authorizationpolicies', 'AuthorizationPolicy'),
  type('security.istio.io', 'v1', 'requestauthentications', 'RequestAuthentication'),
  type('networking.istio.io', 'v1', 'destinationrules', 'DestinationRule'),
  type('networking.istio.io', 'v1', 'gateways', 'Gateway'),
  type('networking.istio.io', 'v1', 'virtualservices', 'VirtualService'),
  type('networking.istio.io', 'v1', 'serviceentries', 'ServiceEntry'),
  type('networking.istio.io', 'v1', 'workloadentries', 'WorkloadEntry'),
  type('networking.istio.io', 'v1', 'workloadgroups', 'WorkloadGroup'),
  type('networking.istio.io', 'v1', 'sidecars', 'Sidecar'),
  type('networking.istio.io', 'v1alpha3', 'envoyfilters', 'EnvoyFilter'),
  type('extensions.istio.io', 'v1alpha1', 'wasmplugins', 'WasmPlugin'),
  type('telemetry.istio.io', 'v1', 'telemetries', 'Telemetry'),
  type('gateway.networking.k8s.io', 'v1', 'gateways', 'Gateway'),
  type('gateway.networking.k8s.io', 'v1', 'gatewayclasses', 'GatewayClass', false),
]

export const apiVersionOf = ({ group, version }: ResourceType): string => (group === '' ? version : `${group}/${version}`)

/** `pods`, `peerauthentications.security.istio.io`: unique over all groups. */
export const idOf = ({ group, plural }: ResourceType): string => (group === '' ? plural : `${plural}.${group}`)

/** The type of an object; throws for one that the table does not know, which is a mistake in the demo's own mesh. */
export function typeOf(object: KubeObject): ResourceType {
  const found = resourceTypes.find(candidate => candidate.kind === object.kind && apiVersionOf(candidate) === object.apiVersion)
  if (!found) throw new Error(`The demo serves no ${object.apiVersion} ${object.kind}`)
  return found
}
