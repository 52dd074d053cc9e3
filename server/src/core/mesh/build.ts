// The world as one answerer: what files say, laid over what the cluster has.
import type { Cel } from '../istio/cel/value.ts'
import type { Kind, MeshConfig, Resource, ResourceOf, WorkloadOwner } from '../istio/resources.ts'
import type { ExactPrincipal } from '../istio/values/principal.ts'
import { groupBy } from './groupBy.ts'
import { readSwitches } from './istiodSwitches.ts'
import { Layer } from './layer.ts'
import type { IstiodSwitches, Mesh, MeshSettings, Presence, Workload, World } from './mesh.ts'
import { gatherWorkloads } from './workloads.ts'

export interface MeshSources {
  /** Objects of files; they replace objects of the cluster with the same name. */
  readonly files: readonly Resource[]
  readonly cluster?: ClusterLayer
  /** The files are everything there is, so absence is proof. */
  readonly closedWorld: boolean
  readonly rootNamespace?: string
  readonly trustDomain?: string
  readonly istioVersion?: string
  /** Else from istiod's Deployment, where that is known. */
  readonly istiod?: Partial<IstiodSwitches>
  /** Loaded only where `needsCel` says so. */
  readonly cel?: Cel
}

/** A cluster's world with its index, made once per snapshot and shared by every mesh laid over it. */
export class ClusterLayer {
  readonly world: World
  readonly layer: Layer
  private gathered: readonly Workload[] | undefined

  constructor(world: World) {
    this.world = world
    this.layer = new Layer(world.objects)
  }

  get workloads(): readonly Workload[] {
    this.gathered ??= gatherWorkloads({
      all: kind => this.layer.all(kind),
      find: (...object) => this.layer.find(...object),
      complete: (...kind) => this.world.complete(...kind),
    })
    return this.gathered
  }
}

/** The same object for the same age: who keeps something of an object keeps it from one mesh to the next. */
function aged<R extends Resource>(object: R, created: string): R {
  const known = agedObjects.get(object)
  if (known?.created === created) return known as R
  const made = { ...object, created }
  agedObjects.set(object, made)
  return made
}

const agedObjects = new WeakMap<Resource, Resource>()

const workloadKinds: readonly Kind[] = ['Pod', 'WorkloadOwner', 'Namespace', 'Gateway']

export function buildMesh(sources: MeshSources): Mesh {
  const files = new Layer(sources.files)
  const cluster = sources.cluster
  const merged = new Map<string, readonly Resource[]>()

  const lay = <K extends Kind>(key: string, over: readonly ResourceOf<K>[], under: readonly ResourceOf<K>[]): readonly ResourceOf<K>[] => {
    if (over.length === 0) return under
    const known = merged.get(key)
    if (known) return known as readonly ResourceOf<K>[]
    const kept = under.filter(object => !files.counterpart(object))
    const all = [...kept, ...over.map(object => withAge(object))]
    merged.set(key, all)
    return all
  }
  // Applying a file keeps the age of the object it replaces, and age decides between policies.
  const withAge = <R extends Resource>(object: R): R => {
    const created = cluster?.layer.counterpart(object)?.created
    return created === undefined || object.created !== undefined ? object : aged(object, created)
  }

  const all = <K extends Kind>(kind: K) => lay<K>(kind, files.all(kind), cluster?.layer.all(kind) ?? [])
  const within = <K extends Kind>(kind: K, namespace: string) =>
    lay<K>(`${kind}\0${namespace}`, files.in(kind, namespace), cluster?.layer.in(kind, namespace) ?? [])
  const find = <K extends Kind>(kind: K, namespace: string, name: string) =>
    // The API server judges by the CRDs it has, whatever a file would make of them.
    (kind === 'CustomResourceDefinition' ? cluster?.layer.find(kind, namespace, name) : undefined) ??
    files.find(kind, namespace, name) ??
    cluster?.layer.find(kind, namespace, name)
  const complete = (kind: Kind, namespace?: string) => sources.closedWorld || (cluster?.world.complete(kind, namespace) ?? false)
  const presence = (kind: Kind, namespace: string, name: string): Presence => {
    if (find(kind, namespace, name)) return 'present'
    if (kind === 'Namespace' && [files, cluster?.layer].some(layer => layer?.namespaces.has(name))) return 'present'
    // Kubernetes makes this account with the namespace, so nobody writes it.
    if (kind === 'ServiceAccount' && name === 'default') return presence('Namespace', '', namespace)
    return complete(kind, namespace) ? 'absent' : 'unknown'
  }

  const settings = readSettings(
    sources,
    find('MeshConfig', sources.rootNamespace ?? 'istio-system', 'istio') ?? all('MeshConfig')[0],
    all('WorkloadOwner'),
  )
  let workloads: readonly Workload[] | undefined
  let namespaces: ReadonlySet<string> | undefined
  const gather = () => {
    if (cluster && workloadKinds.every(kind => files.all(kind).length === 0)) return cluster.workloads
    return gatherWorkloads({ all, find, complete })
  }
  let byNamespace: ReadonlyMap<string, readonly Workload[]> | undefined
  const version = sources.istioVersion ?? cluster?.world.istioVersion

  return {
    settings,
    ...(version === undefined ? {} : { istioVersion: version }),
    ...(sources.cel ? { cel: sources.cel } : {}),
    all,
    in: within,
    find,
    complete,
    presence,
    identity: (caller: ExactPrincipal): Presence => {
      if (!isOwnTrustDomain(caller.trustDomain, settings)) return 'unknown'
      const found = presence('ServiceAccount', caller.namespace, caller.serviceAccount)
      // With more networks there are more clusters, and their accounts are not in this list.
      return found === 'absent' && spansNetworks(find('Namespace', '', settings.rootNamespace)?.labels) ? 'unknown' : found
    },
    get namespaces() {
      namespaces ??= new Set([
        ...all('Namespace').map(({ name }) => name),
        ...[files, cluster?.layer].flatMap(layer => [...(layer?.namespaces ?? [])]).filter(name => name !== ''),
      ])
      return namespaces
    },
    get workloads() {
      workloads ??= gather()
      return workloads
    },
    workloadsIn(namespace) {
      byNamespace ??= groupBy(this.workloads, workload => workload.namespace)
      return byNamespace.get(namespace) ?? []
    },
  }
}

function readSettings(sources: MeshSources, config: MeshConfig | undefined, owners: readonly WorkloadOwner[]): MeshSettings {
  return {
    rootNamespace: sources.rootNamespace ?? config?.rootNamespace ?? 'istio-system',
    trustDomain: sources.trustDomain ?? config?.trustDomain ?? 'cluster.local',
    trustDomainAliases: config?.trustDomainAliases ?? [],
    enableAutoMtls: config?.enableAutoMtls ?? true,
    defaultDestinationRuleExportTo: config?.defaultDestinationRuleExportTo ?? ['*'],
    defaultServiceExportTo: config?.defaultServiceExportTo ?? ['*'],
    foreignTrustDomains: config?.foreignTrustDomains ?? [],
    pathNormalization: config?.pathNormalization ?? 'BASE',
    extensionProviders: config?.extensionProviders ?? [],
    numTrustedProxies: config?.numTrustedProxies ?? 0,
    istiod: { ...readSwitches(owners), ...sources.istiod },
    known: config !== undefined || sources.trustDomain !== undefined,
  }
}

/** `cluster.local` always stands for the mesh's own trust domain. Source: pilot/pkg/security/trustdomain/bundle.go. */
export function isOwnTrustDomain(trustDomain: string, settings: MeshSettings): boolean {
  return trustDomain === 'cluster.local' || trustDomain === settings.trustDomain || settings.trustDomainAliases.includes(trustDomain)
}

function spansNetworks(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.['topology.istio.io/network'] !== undefined
}
