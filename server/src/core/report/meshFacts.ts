// What is true of a mesh as a whole: its settings, its control planes, its other clusters, and how each namespace stands in it.

import type { MtlsMode } from '../decide/mtls/server.ts'
import { namespaceMtls } from '../decide/mtls/server.ts'
import type { ExtensionProvider, NamespaceSelector, PathNormalization } from '../istio/resources.ts'
import { type ControlPlane, configNameOf, controlPlanes, defaultControlPlane, meshConfigOf } from '../mesh/controlPlanes.ts'
import { isDiscovered } from '../mesh/discovery.ts'
import { isAmbientNamespace } from '../mesh/enrolment.ts'
import type { Mesh, Presence } from '../mesh/mesh.ts'
import { compare } from '../mesh/workloads.ts'

export interface MeshFacts {
  /** `1.30`: what is judged for. */
  readonly istioVersion?: string
  readonly controlPlanes: readonly ControlPlaneFacts[]
  readonly settings: SettingsFacts
  /** What tells that other clusters belong to the mesh, each as a clause; an identity or host that is not here may be there. */
  readonly peers: readonly string[]
  readonly namespaces: readonly NamespaceFacts[]
  /** What is worth a look, in sentences. */
  readonly notes: readonly string[]
}

export interface ControlPlaneFacts {
  readonly namespace: string
  readonly revision: string
  readonly tags: readonly string[]
  readonly version?: string
  /** Whether it serves whoever asks for no revision. */
  readonly isDefault: boolean
  /** `namespace/name` of the ConfigMap with its settings; absent where that is not known. */
  readonly settings?: string
}

export interface SettingsFacts {
  /** False: nobody told them, so these are Istio's defaults. */
  readonly known: boolean
  /** `namespace/name` of the ConfigMap; absent where no settings are known. */
  readonly source?: string
  readonly rootNamespace: string
  readonly trustDomain: string
  readonly trustDomainAliases: readonly string[]
  readonly autoMtls: boolean
  readonly pathNormalization: PathNormalization
  readonly extensionProviders: readonly ExtensionProvider[]
  /** Empty: istiod looks at every namespace. */
  readonly discoverySelectors: readonly NamespaceSelector[]
}

/** How a namespace asks to be in the mesh, by its labels. `ignored`: istiod does not look at it. */
export type Enrolment = 'sidecar' | 'ambient' | 'none' | 'ignored' | 'unknown'

export interface NamespaceFacts {
  readonly name: string
  readonly enrolment: Enrolment
  /** The revision or tag that its label names, and the revision which that is; absent without a label. */
  readonly asksFor?: { readonly name: string; readonly revision?: string; readonly served: Presence }
  /** Of its workloads without a policy of their own; absent where not all policies are known. */
  readonly mode?: MtlsMode
  /** The PeerAuthentication that decides, `namespace/name`; absent: Istio's default. */
  readonly policy?: string
  /** The waypoint that its label names, `namespace/name`. */
  readonly waypoint?: { readonly name: string; readonly presence: Presence }
  /** Absent where not all pods are known. */
  readonly workloads?: number
}

export function meshFacts(mesh: Mesh): MeshFacts {
  const planes = controlPlanes(mesh)
  const namespaces = [...mesh.namespaces].toSorted(compare).map(name => namespaceFacts(name, mesh))
  return {
    ...(mesh.istioVersion === undefined ? {} : { istioVersion: mesh.istioVersion }),
    controlPlanes: planes.map(plane => planeFacts(plane, mesh)),
    settings: settingsFacts(mesh),
    peers: mesh.peers,
    namespaces,
    notes: notesOf(namespaces, planes, mesh),
  }
}

function planeFacts(plane: ControlPlane, mesh: Mesh): ControlPlaneFacts {
  const { namespace, revision, tags, version } = plane
  const name = configNameOf(revision)
  const main = defaultControlPlane(mesh)
  return {
    namespace,
    revision,
    tags,
    isDefault: main?.namespace === namespace && main.revision === revision,
    ...(version ? { version } : {}),
    ...(mesh.find('MeshConfig', namespace, name) ? { settings: `${namespace}/${name}` } : {}),
  }
}

function settingsFacts(mesh: Mesh): SettingsFacts {
  const { known, rootNamespace, trustDomain, trustDomainAliases, enableAutoMtls, pathNormalization, extensionProviders } = mesh.settings
  const config = meshConfigOf(mesh)
  return {
    known,
    ...(config ? { source: `${config.namespace}/${config.name}` } : {}),
    rootNamespace,
    trustDomain,
    trustDomainAliases,
    autoMtls: enableAutoMtls,
    pathNormalization,
    extensionProviders,
    discoverySelectors: config?.discoverySelectors ?? [],
  }
}

function namespaceFacts(name: string, mesh: Mesh): NamespaceFacts {
  const labels = mesh.find('Namespace', '', name)?.labels
  const { mode, policy, undecided } = namespaceMtls(mesh, name)
  const isSeen = [name, mesh.settings.rootNamespace].every(each => mesh.complete('PeerAuthentication', each)) && undecided.length === 0
  const revision = labels?.['istio-injection'] === undefined ? labels?.['istio.io/rev'] : undefined
  const waypoint = labels?.['istio.io/use-waypoint']
  return {
    name,
    enrolment: enrolmentOf(name, mesh),
    ...(mesh.complete('Pod', name) ? { workloads: mesh.workloadsIn(name).length } : {}),
    ...(isSeen ? { mode, ...(policy ? { policy: `${policy.namespace}/${policy.name}` } : {}) } : {}),
    ...(revision ? { asksFor: revisionNamed(revision, mesh) } : {}),
    ...(waypoint && waypoint !== 'none'
      ? { waypoint: waypointNamed(labels?.['istio.io/use-waypoint-namespace'] ?? name, waypoint, mesh) }
      : {}),
  }
}

function enrolmentOf(name: string, mesh: Mesh): Enrolment {
  const namespace = mesh.find('Namespace', '', name)
  if (!namespace) return 'unknown'
  if (isDiscovered(meshConfigOf(mesh)?.discoverySelectors, namespace) === 'no') return 'ignored'
  if (isAmbientNamespace(namespace)) return 'ambient'
  const { 'istio-injection': injection, 'istio.io/rev': revision } = namespace.labels
  return (injection ?? (revision ? 'enabled' : '')) === 'enabled' ? 'sidecar' : 'none'
}

/** Each revision and each tag has a webhook of its own: without one nothing is injected. */
function revisionNamed(name: string, mesh: Mesh): NonNullable<NamespaceFacts['asksFor']> {
  const webhooks = mesh.all('InjectionWebhook')
  const found = webhooks.find(({ tag }) => tag === name) ?? webhooks.find(({ revision, tag }) => tag === undefined && revision === name)
  if (found) return { name, revision: found.revision, served: 'present' }
  // Files seldom hold what an installation makes.
  const isInstalled = webhooks.length > 0 || controlPlanes(mesh).length > 0
  return { name, served: isInstalled && mesh.complete('InjectionWebhook') ? 'absent' : 'unknown' }
}

function waypointNamed(namespace: string, name: string, mesh: Mesh): NonNullable<NamespaceFacts['waypoint']> {
  return { name: `${namespace}/${name}`, presence: mesh.presence('Gateway', namespace, name) }
}

function notesOf(namespaces: readonly NamespaceFacts[], planes: readonly ControlPlane[], mesh: Mesh): readonly string[] {
  const isRunning = (revision: string) => planes.some(plane => plane.revision === revision)
  const configs = mesh.all('MeshConfig')
  return [
    ...namespaces.flatMap(({ name, asksFor, waypoint, enrolment }) => [
      ...(asksFor?.served === 'absent'
        ? [`Namespace "${name}" asks for revision "${asksFor.name}", which no webhook serves: new pods there get no sidecar.`]
        : []),
      ...(asksFor?.revision && !isRunning(asksFor.revision) && mesh.complete('Pod') && mesh.complete('WorkloadOwner')
        ? [`Namespace "${name}" asks for revision "${asksFor.revision}", of which no istiod runs in this cluster.`]
        : []),
      ...(waypoint?.presence === 'absent'
        ? [`Namespace "${name}" asks for waypoint "${waypoint.name}", which does not exist: its traffic goes without one.`]
        : []),
      ...(enrolment === 'ignored' && mesh.workloadsIn(name).length > 0
        ? [
            `istiod ignores namespace "${name}": none of the discoverySelectors of the mesh matches its labels. Policies there have no effect.`,
          ]
        : []),
    ]),
    ...(configs.length > 1 && !mesh.complete('MeshConfig')
      ? [
          `The settings of ${configs.map(each => `"${each.namespace}/${each.name}"`).join(' and ')} differ: those of the default control plane are taken, and nothing is concluded from them.`,
        ]
      : []),
  ]
}
