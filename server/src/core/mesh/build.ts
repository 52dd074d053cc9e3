// The world as one answerer: what files say, laid over what the cluster has.
import type { Cel } from '../istio/cel/value.ts'
import type { Kind, MeshConfig, Resource, ResourceOf } from '../istio/resources.ts'
import type { ExactPrincipal } from '../istio/values/principal.ts'
import { istioVersionOf, meshConfigOf } from './controlPlanes.ts'
import { isDiscovered } from './discovery.ts'
import { readSwitches } from './istiodSwitches.ts'
import { Layer } from './layer.ts'
import type { IstiodSwitches, Mesh, MeshSettings, Presence, Workload, World } from './mesh.ts'
import { peerSigns } from './peers.ts'
import { apart } from './snapshots.ts'
import { compare, gatherWorkloads } from './workloads.ts'

export interface MeshSources {
  /** Objects of files; they replace objects of the cluster with the same name. Without a cluster a snapshot among them stands for it. */
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

  constructor(world: World) {
    this.world = world
    this.layer = new Layer(world.lists ?? world.objects)
  }
}

function layerOf(world: World): ClusterLayer {
  const known = layers.get(world) ?? new ClusterLayer(world)
  layers.set(world, known)
  return known
}

const layers = new WeakMap<World, ClusterLayer>()

/** The same object for the same age: who keeps something of an object keeps it from one mesh to the next. */
function aged<R extends Resource>(object: R, created: string): R {
  const known = agedObjects.get(object)
  if (known?.created === created) return known as R
  const made = { ...object, created }
  agedObjects.set(object, made)
  return made
}

const agedObjects = new WeakMap<Resource, Resource>()

export function buildMesh(sources: MeshSources): Mesh {
  const snapshots = apart(sources.files)
  const files = new Layer(snapshots.files)
  const cluster = sources.cluster ?? (snapshots.world && layerOf(snapshots.world))
  // A snapshot tells what it lacks, so it is never taken to be everything.
  const closedWorld = sources.closedWorld && !snapshots.world
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
  const complete = (kind: Kind, namespace?: string) =>
    closedWorld || ((cluster?.world.complete(kind, namespace) ?? false) && !isBeyond(kind, namespace))
  // What istiod does not look at has no effect, and what takes its place is not for us to say.
  const isBeyond = (kind: Kind, namespace: string | undefined) =>
    kind === 'MeshConfig'
      ? !agree(all('MeshConfig'))
      : namespace !== undefined &&
        !ofKubernetes.includes(kind) &&
        isDiscovered(config?.discoverySelectors, find('Namespace', '', namespace)) === 'no'
  const presence = (kind: Kind, namespace: string, name: string): Presence => {
    if (find(kind, namespace, name)) return 'present'
    if (kind === 'Namespace' && [files, cluster?.layer].some(layer => layer?.namespaces.has(name))) return 'present'
    // Kubernetes makes this account with the namespace, so nobody writes it.
    if (kind === 'ServiceAccount' && name === 'default') return presence('Namespace', '', namespace)
    return complete(kind, namespace) ? 'absent' : 'unknown'
  }

  const config = meshConfigOf({ all, find }, sources.rootNamespace)
  const settings = readSettings(sources, config, readSwitches({ all }))
  let workloads: readonly Workload[] | undefined
  const byNamespace = new Map<string, readonly Workload[]>()
  const gathered = (namespace: string): readonly Workload[] => {
    const made = byNamespace.get(namespace) ?? gatherWorkloads({ in: within, find, complete }, namespace)
    byNamespace.set(namespace, made)
    return made
  }
  let namespaces: ReadonlySet<string> | undefined
  const version = sources.istioVersion ?? cluster?.world.istioVersion ?? (cluster ? istioVersionOf({ all }) : undefined)
  // Its labels tell of other networks.
  const knowsRoot = () => complete('Namespace') || find('Namespace', '', settings.rootNamespace) !== undefined
  let peers: readonly string[] | undefined
  const signs = () => {
    peers ??= peerSigns({ all, find }, settings.rootNamespace)
    return peers
  }

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
      // The accounts of other clusters are not in this list.
      return found === 'absent' && (signs().length > 0 || !knowsRoot()) ? 'unknown' : found
    },
    get peers() {
      return signs()
    },
    get namespaces() {
      namespaces ??= new Set([
        ...all('Namespace').map(({ name }) => name),
        ...[files, cluster?.layer].flatMap(layer => [...(layer?.namespaces ?? [])]).filter(name => name !== ''),
      ])
      return namespaces
    },
    get workloads() {
      workloads ??= [...this.namespaces].toSorted(compare).flatMap(gathered)
      return workloads
    },
    workloadsIn: gathered,
  }
}

/** What is there whether istiod looks at it or not. */
const ofKubernetes: readonly Kind[] = ['Namespace', 'ServiceAccount', 'Pod', 'WorkloadOwner', 'Secret']

/** Control planes side by side may have settings of their own; whoever asks about the mesh then gets no certain answer. */
function agree(configs: readonly MeshConfig[]): boolean {
  const [first, ...others] = configs.length > 1 ? configs.map(settingsIn) : []
  return others.every(each => each === first)
}

function settingsIn(config: MeshConfig): string {
  const { name: _, labels: __, annotations: ___, created: ____, at: _____, source: ______, namespace: _______, ...settings } = config
  return JSON.stringify({ ...settings, rootNamespace: settings.rootNamespace ?? 'istio-system' })
}

function readSettings(sources: MeshSources, config: MeshConfig | undefined, istiod: IstiodSwitches): MeshSettings {
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
    istiod: { ...istiod, ...sources.istiod },
    known: config !== undefined || sources.trustDomain !== undefined,
  }
}

/** `cluster.local` always stands for the mesh's own trust domain. Source: pilot/pkg/security/trustdomain/bundle.go. */
export function isOwnTrustDomain(trustDomain: string, settings: MeshSettings): boolean {
  return trustDomain === 'cluster.local' || trustDomain === settings.trustDomain || settings.trustDomainAliases.includes(trustDomain)
}
