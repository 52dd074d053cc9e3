// Which istiods there are, which revision and tags each serves, and which of them serves whoever asks for none.
// Source: istio/istio:manifests/charts/istio-control/istio-discovery (templates/deployment.yaml, revision-tags-mwc.yaml),
// istio.io "Canary upgrades", "Install Multiple Istio Control Planes in a Single Cluster".
import type { Labels, MeshConfig, Pod, WorkloadOwner } from '../istio/resources.ts'
import type { Mesh } from './mesh.ts'

export interface ControlPlane {
  readonly namespace: string
  readonly revision: string
  /** `1.30.2`, as far as it is told. */
  readonly version?: string
  /** Other names of the revision: `stable`. */
  readonly tags: readonly string[]
  /** Environment of istiod; absent where its Deployment is not known. */
  readonly environment?: Labels
}

/** A namespace may hold many; ordered by revision, those with pods first. */
export function controlPlanes(mesh: Pick<Mesh, 'all'>): readonly ControlPlane[] {
  const webhooks = mesh.all('InjectionWebhook')
  const found = new Map<string, ControlPlane>()
  for (const part of [...istiodsAmong(mesh.all('Pod'), isIstiod), ...istiodsAmong(mesh.all('WorkloadOwner'), isIstiodOwner)]) {
    const labels = { ...(part.kind === 'WorkloadOwner' ? part.template.labels : {}), ...part.labels }
    const revision = labels[revisionLabel] ?? 'default'
    const key = `${part.namespace}/${revision}`
    const known = found.get(key)
    const version = known?.version ?? versionOf(labels, part.kind === 'WorkloadOwner' ? part.discoveryImage : undefined)
    const environment = part.kind === 'WorkloadOwner' ? part.discovery : known?.environment
    found.set(key, {
      namespace: part.namespace,
      revision,
      tags: [...new Set(webhooks.filter(each => each.revision === revision).flatMap(({ tag }) => tag ?? []))].toSorted(),
      ...(version ? { version } : {}),
      ...(environment ? { environment } : {}),
    })
  }
  return [...found.values()].toSorted((a, b) => order(a.revision, b.revision) || order(a.namespace, b.namespace))
}

const revisionLabel = 'istio.io/rev'

/** Few among thousands, which meshes that are laid over one cluster share. */
function istiodsAmong<T extends object>(list: readonly T[], isOne: (object: T) => boolean): readonly T[] {
  const known = istiods.get(list) as readonly T[] | undefined
  if (known) return known
  const found = list.filter(isOne)
  istiods.set(list, found)
  return found
}

const istiods = new WeakMap<readonly object[], readonly object[]>()

function isIstiod({ labels, phase }: Pod): boolean {
  return labels.app === 'istiod' && phase !== 'Succeeded' && phase !== 'Failed'
}

function isIstiodOwner({ discovery, template }: WorkloadOwner): boolean {
  return discovery !== undefined && template.labels.app === 'istiod'
}

/** `1.30.2` of the labels that Istio's charts set, else of the tag of the image. */
function versionOf(labels: Labels, image: string | undefined): string | undefined {
  const told = [labels['app.kubernetes.io/version'], labels['helm.sh/chart'], image?.split('@')[0]?.split(':').at(-1)]
  for (const text of told) {
    const [, version] = /(?:^|-|^v)(\d+\.\d+(?:\.\d+)?)(?:$|[-+])/.exec(text ?? '') ?? []
    if (version) return version
  }
  return undefined
}

/** Who serves a namespace with `istio-injection: enabled`: the tag `default`, else the revision without a name, else the only one. */
export function defaultControlPlane(mesh: Pick<Mesh, 'all'>): ControlPlane | undefined {
  const planes = controlPlanes(mesh)
  const tagged = mesh.all('InjectionWebhook').find(({ tag }) => tag === 'default')?.revision
  const named = planes.filter(({ revision }) => revision === (tagged ?? 'default'))
  // Anybody can label a pod, so one in the usual namespace comes first and several elsewhere are none.
  const [only, ...others] = named.length > 0 ? named : planes
  return named.find(({ namespace }) => namespace === 'istio-system') ?? (others.length === 0 ? only : undefined)
}

/** `1.30` of the default control plane, else of all where they are of one. */
export function istioVersionOf(mesh: Pick<Mesh, 'all'>): string | undefined {
  const minor = (version: string | undefined) => /^\d+\.\d+/.exec(version ?? '')?.[0]
  const own = minor(defaultControlPlane(mesh)?.version)
  const [first, ...others] = new Set(controlPlanes(mesh).flatMap(({ version }) => minor(version) ?? []))
  return own ?? (others.length === 0 ? first : undefined)
}

/** The ConfigMap in which the settings of a revision stand, in the namespace of its istiod. */
export function configNameOf(revision: string): string {
  return revision === 'default' ? 'istio' : `istio-${revision}`
}

/** The settings of the default control plane, else the first by name. `istio-system` is where Istio is unless somebody says otherwise. */
export function meshConfigOf(mesh: Pick<Mesh, 'all' | 'find'>, namespace = 'istio-system'): MeshConfig | undefined {
  const plane = defaultControlPlane(mesh)
  const configs = mesh.all('MeshConfig')
  return (
    (plane && mesh.find('MeshConfig', plane.namespace, configNameOf(plane.revision))) ??
    mesh.find('MeshConfig', namespace, 'istio') ??
    configs.find(({ name }) => name === 'istio') ??
    configs[0]
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
