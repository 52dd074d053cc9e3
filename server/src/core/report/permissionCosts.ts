// What each resource of a cluster is read for, and what stays unknown to whoever may not read it. The one table of these words.

export interface PermissionCost {
  /** What it pays for, as a comment in the manifest: "modes of mTLS". */
  readonly pays: string
  /** What is not known without it, as the subject of "are unknown": "the modes of mTLS". */
  readonly unknown: string
}

/** By the name that kubectl gives the resource: `gateways.networking.istio.io`. */
export const permissionCosts: Readonly<Record<string, PermissionCost>> = {
  namespaces: {
    pays: 'labels for injection, ambient mode and waypoints; which namespaces there are',
    unknown: 'the labels that put namespaces into the mesh',
  },
  pods: { pays: 'workloads, their proxies, labels and ports', unknown: 'workloads and their proxies' },
  serviceaccounts: { pays: 'the identities that policies name', unknown: 'the identities that callers can present' },
  services: { pays: 'hosts, ports and protocols', unknown: 'hosts, their ports and protocols' },
  configmaps: { pays: 'the settings of the mesh: root namespace, trust domain, providers', unknown: "the mesh's settings" },
  'peerauthentications.security.istio.io': { pays: 'modes of mTLS', unknown: 'the modes of mTLS' },
  'authorizationpolicies.security.istio.io': { pays: 'who may call whom', unknown: 'the policies that decide who may call' },
  'requestauthentications.security.istio.io': { pays: 'which tokens are accepted', unknown: 'the tokens that are accepted' },
  'destinationrules.networking.istio.io': {
    pays: 'what clients send: mTLS, TLS or plaintext',
    unknown: 'the settings that clients send with',
  },
  'gateways.networking.istio.io': { pays: 'servers of gateways and their certificates', unknown: 'the servers of gateways' },
  'sidecars.networking.istio.io': { pays: 'which hosts a workload sees, and its own listeners', unknown: 'the hosts that a workload sees' },
  'serviceentries.networking.istio.io': { pays: 'hosts outside the cluster', unknown: 'hosts that are no Services' },
  'workloadentries.networking.istio.io': { pays: 'machines outside the cluster', unknown: 'workloads outside the cluster' },
  'workloadgroups.networking.istio.io': { pays: 'machines that will join', unknown: 'workloads that will join from outside the cluster' },
  'virtualservices.networking.istio.io': { pays: 'routes that read claims of a token', unknown: 'the routes of requests' },
  'envoyfilters.networking.istio.io': { pays: 'that somebody changes proxies by hand', unknown: 'changes to proxies by EnvoyFilters' },
  'wasmplugins.extensions.istio.io': { pays: 'that proxies are extended', unknown: 'extensions of proxies' },
  'telemetries.telemetry.istio.io': { pays: 'what access logs hold', unknown: 'the settings of access logs' },
  'gateways.gateway.networking.k8s.io': { pays: 'waypoints and gateways', unknown: 'waypoints and gateways' },
  'gatewayclasses.gateway.networking.k8s.io': {
    pays: 'who makes a gateway: a waypoint or an ingress',
    unknown: 'the controllers of gateways',
  },
  'endpointslices.discovery.k8s.io': { pays: 'endpoints that people write by hand', unknown: 'endpoints that are written by hand' },
  'deployments.apps': {
    pays: 'workloads without pods; the switches of istiod',
    unknown: 'workloads without pods and the switches of istiod',
  },
  'statefulsets.apps': { pays: 'workloads without pods', unknown: 'workloads without pods' },
  'daemonsets.apps': { pays: 'workloads without pods', unknown: 'workloads without pods' },
  'cronjobs.batch': { pays: 'workloads between two runs', unknown: 'workloads between two runs' },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': {
    pays: 'revisions of Istio and their tags',
    unknown: 'the revisions and tags of Istio',
  },
  'customresourcedefinitions.apiextensions.k8s.io': {
    pays: 'the fields and rules of the Istio that is installed',
    unknown: 'the fields that the installed Istio has',
  },
}
