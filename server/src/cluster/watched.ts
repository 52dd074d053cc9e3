// Which lists are kept, and where the API server has them. What an account needs to read them follows from here: permissions.ts.
import type { Kind } from '../core/istio/resources.ts'

export interface Watched {
  readonly kind: Kind
  readonly group: string
  /** Newest first; the first that the server serves is read. */
  readonly versions: readonly string[]
  readonly plural: string
  /** The kind in the API, where ours has another name. */
  readonly apiKind?: string
  readonly namespaced: boolean
  readonly metadataOnly: boolean
  /** Only objects that this label selector selects. */
  readonly label?: string
  /** Only objects with these names are asked for, one by one: see scope.ts. */
  readonly byName?: true
  /** Those in the root namespace count in every namespace, so whoever reads one namespace needs them too. */
  readonly meshWide?: true
}

const core = { group: '', versions: ['v1'], namespaced: true, metadataOnly: false } as const
const apps = { kind: 'WorkloadOwner', group: 'apps', versions: ['v1'], namespaced: true, metadataOnly: false } as const
const security = {
  group: 'security.istio.io',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
  metadataOnly: false,
  meshWide: true,
} as const
const networking = { group: 'networking.istio.io', versions: ['v1', 'v1beta1'], namespaced: true, metadataOnly: false } as const
const gatewayApi = { group: 'gateway.networking.k8s.io', versions: ['v1', 'v1beta1'], metadataOnly: false } as const

/** No Secrets: certificates are read from proxies, which keep their keys to themselves. */
export const watched: readonly Watched[] = [
  { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false, metadataOnly: true, meshWide: true },
  { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', metadataOnly: true },
  { ...core, kind: 'Pod', plural: 'pods' },
  { ...core, kind: 'Service', plural: 'services' },
  { ...core, kind: 'MeshConfig', apiKind: 'ConfigMap', plural: 'configmaps', byName: true },
  { ...security, kind: 'PeerAuthentication', plural: 'peerauthentications' },
  { ...security, kind: 'AuthorizationPolicy', plural: 'authorizationpolicies' },
  { ...security, kind: 'RequestAuthentication', plural: 'requestauthentications' },
  { ...networking, kind: 'DestinationRule', plural: 'destinationrules', meshWide: true },
  { ...networking, kind: 'IstioGateway', apiKind: 'Gateway', plural: 'gateways' },
  { ...networking, kind: 'Sidecar', plural: 'sidecars', meshWide: true },
  { ...networking, kind: 'ServiceEntry', plural: 'serviceentries' },
  { ...networking, kind: 'WorkloadEntry', plural: 'workloadentries' },
  { ...networking, kind: 'WorkloadGroup', plural: 'workloadgroups' },
  { ...networking, kind: 'VirtualService', plural: 'virtualservices' },
  // Only that they are there: what they hold may do anything.
  { ...networking, kind: 'EnvoyFilter', versions: ['v1alpha3'], plural: 'envoyfilters', metadataOnly: true, meshWide: true },
  {
    kind: 'WasmPlugin',
    group: 'extensions.istio.io',
    versions: ['v1alpha1'],
    plural: 'wasmplugins',
    namespaced: true,
    metadataOnly: false,
    meshWide: true,
  },
  {
    kind: 'Telemetry',
    group: 'telemetry.istio.io',
    versions: ['v1', 'v1alpha1'],
    plural: 'telemetries',
    namespaced: true,
    metadataOnly: false,
    meshWide: true,
  },
  { ...gatewayApi, kind: 'Gateway', plural: 'gateways', namespaced: true },
  { ...gatewayApi, kind: 'GatewayClass', plural: 'gatewayclasses', namespaced: false },
  // Those of Services with a selector are as many as pods change, and say what the pods say already.
  {
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    versions: ['v1'],
    plural: 'endpointslices',
    namespaced: true,
    metadataOnly: false,
    label: 'endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io',
  },
  // Workloads without pods, which a selector may mean all the same. That of istiod tells its version and switches.
  { ...apps, apiKind: 'Deployment', plural: 'deployments', meshWide: true },
  { ...apps, apiKind: 'StatefulSet', plural: 'statefulsets' },
  { ...apps, apiKind: 'DaemonSet', plural: 'daemonsets' },
  { ...apps, apiKind: 'CronJob', group: 'batch', plural: 'cronjobs' },
  {
    kind: 'InjectionWebhook',
    apiKind: 'MutatingWebhookConfiguration',
    group: 'admissionregistration.k8s.io',
    versions: ['v1'],
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
    metadataOnly: true,
    label: 'istio.io/rev',
  },
  {
    kind: 'CustomResourceDefinition',
    group: 'apiextensions.k8s.io',
    versions: ['v1'],
    plural: 'customresourcedefinitions',
    namespaced: false,
    metadataOnly: false,
    // Istio's charts label its CRDs so; those of everything else can be many megabytes.
    label: 'app=istio-pilot',
  },
]

/** As kubectl names a resource: `pods`, `gateways.networking.istio.io`. */
export function resourceOf({ group, plural }: Pick<Watched, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** Versions the server offers, by group; from `GET /apis`. */
export type Groups = ReadonlyMap<string, readonly string[]>

export function readGroups(value: unknown): Groups | undefined {
  const { groups } = (value ?? {}) as { groups?: readonly ({ name?: string; versions?: readonly { version: string }[] } | null)[] }
  // A sign-in page or a proxy can answer 200 too.
  if (!Array.isArray(groups)) return undefined
  return new Map(
    groups.flatMap(group =>
      group?.name && Array.isArray(group.versions)
        ? [[group.name, group.versions.flatMap((each: { version: string } | null) => each?.version ?? [])] as const]
        : [],
    ),
  )
}

/** `v1`; undefined where the server does not have the group. */
export function servedVersion({ group, versions }: Watched, groups: Groups): string | undefined {
  if (group === '') return versions[0]
  const served = groups.get(group)
  return served && versions.find(version => served.includes(version))
}

/** The path of the list, or of the one object. */
export function pathOf({ group, plural }: Watched, version: string, { namespace, name }: { namespace?: string; name?: string }): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const list = namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}
