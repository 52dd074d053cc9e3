// How a namespace brings its pods into the mesh, in words.
// Source: istio/istio:manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml; istio.io "Add workloads to the mesh".
import { perMesh } from '../../decide/perMesh.ts'
import type { Labels } from '../../istio/resources.ts'
import { controlPlanes, meshConfigOf } from '../../mesh/controlPlanes.ts'
import { isDiscovered } from '../../mesh/discovery.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'

/** A sentence; undefined where the labels of the namespace are not known. */
export function enrolmentOf(namespace: string, mesh: Mesh): string | undefined {
  const object = mesh.find('Namespace', '', namespace)
  if (!object) return undefined
  if (isDiscovered(selectors(mesh), object) === 'no') {
    return 'istiod ignores this namespace: none of the discoverySelectors of the mesh selects it.'
  }
  const injection = injectionInWords(object.labels, mesh)
  const ambient = isAmbient(object.labels)
  if (injection && ambient) return `${injection}; its label for ambient mode counts only for pods without a sidecar.`
  if (injection) return `${injection}.`
  if (ambient) return 'Ambient mode, by label istio.io/dataplane-mode=ambient.'
  return object.labels[injectionLabel] === undefined
    ? 'Its labels ask for neither sidecars nor ambient mode.'
    : `Sidecar injection is off, by label istio-injection=${object.labels[injectionLabel]}.`
}

const selectors = perMesh(mesh => meshConfigOf(mesh)?.discoverySelectors)

/** Whether the workload, or its namespace for it, asks to be in the mesh and nobody keeps it out. */
export function asksForProxy({ namespace, labels, annotations, pods }: Workload, mesh: Mesh): boolean {
  const around = mesh.find('Namespace', '', namespace)?.labels ?? {}
  if (pods.length > 0 && pods.every(({ hostNetwork }) => hostNetwork)) return false
  const own = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject']
  const sidecar = own !== 'false' && (injects(around) || (around[injectionLabel] === undefined && asksItself(labels)))
  const mode = labels[dataplaneLabel] ?? around[dataplaneLabel]
  return sidecar || mode === 'ambient'
}

const injectionLabel = 'istio-injection'
const revisionLabel = 'istio.io/rev'
const dataplaneLabel = 'istio.io/dataplane-mode'

/** `istio-injection` outranks `istio.io/rev`. */
function injects(labels: Labels): boolean {
  const injection = labels[injectionLabel]
  return injection === undefined ? labels[revisionLabel] !== undefined : injection === 'enabled'
}

function asksItself(labels: Labels): boolean {
  return labels['sidecar.istio.io/inject'] === 'true' || labels[revisionLabel] !== undefined
}

function injectionInWords(labels: Labels, mesh: Mesh): string | undefined {
  if (!injects(labels)) return undefined
  const name = labels[injectionLabel] === undefined ? (labels[revisionLabel] ?? '') : undefined
  if (name === undefined) return 'Sidecars are injected, by label istio-injection=enabled'
  const plane = controlPlanes(mesh).find(({ tags, revision }) => tags.includes(name) && revision !== name)
  const stands = plane ? `, a tag of revision "${plane.revision}"` : ''
  return `Sidecars are injected, by label istio.io/rev=${name}${stands}`
}

function isAmbient(labels: Labels): boolean {
  return labels[dataplaneLabel] === 'ambient'
}
