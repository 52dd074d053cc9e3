// Which lists are kept, and where the API server has them.
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
  /** Only objects with this label. */
  readonly label?: string
  /** Only this object of this namespace. */
  readonly only?: { readonly namespace: string; readonly name: string }
}

const core = { group: '', versions: ['v1'], namespaced: true, metadataOnly: false } as const
const security = { group: 'security.istio.io', versions: ['v1', 'v1beta1'], namespaced: true, metadataOnly: false } as const

/** No Secrets: certificates are read from proxies, which keep their keys to themselves. */
export const watched: readonly Watched[] = [
  { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false, metadataOnly: true },
  { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', metadataOnly: true },
  { ...core, kind: 'Pod', plural: 'pods' },
  { ...core, kind: 'Service', plural: 'services' },
  { ...core, kind: 'MeshConfig', apiKind: 'ConfigMap', plural: 'configmaps', only: { namespace: 'istio-system', name: 'istio' } },
  { ...security, kind: 'PeerAuthentication', plural: 'peerauthentications' },
  { ...security, kind: 'AuthorizationPolicy', plural: 'authorizationpolicies' },
  { ...security, kind: 'RequestAuthentication', plural: 'requestauthentications' },
  {
    kind: 'DestinationRule',
    group: 'networking.istio.io',
    versions: ['v1', 'v1beta1'],
    plural: 'destinationrules',
    namespaced: true,
    metadataOnly: false,
  },
  {
    kind: 'Gateway',
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'gateways',
    namespaced: true,
    metadataOnly: false,
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

/** The path of the list, or of the only object. */
export function pathOf({ group, plural, only }: Watched, version: string, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const within = only?.namespace ?? namespace
  const list = within === undefined ? `${root}/${plural}` : `${root}/namespaces/${encodeURIComponent(within)}/${plural}`
  return only ? `${list}/${only.name}` : list
}
