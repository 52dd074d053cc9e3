// Takes from an object of the API server what is large or private and decides nothing, before anything else reads it.
// A pod shrinks to a tenth: reading whole ones costs twice the time of parsing them.

import type { Kind } from '../core/istio/resources.ts'

type Fields = Readonly<Record<string, unknown>>
type Lean = <T extends { readonly metadata: object }>(object: T) => T

/** kubectl keeps a copy of the whole applied object there, which may hold anything. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
/** What the injector did, at length: nobody reads it. */
const injected = 'sidecar.istio.io/status'

export function lean<T extends { readonly metadata: object }>(object: T): T {
  return { ...object, metadata: leanMetadata(object.metadata) }
}

/** Values of environment variables, which are sometimes secret, stay out too. */
export function leanPod<T extends { readonly metadata: object }>(pod: T): T {
  const { spec, status } = pod as { spec?: Fields; status?: Fields }
  return {
    ...pod,
    metadata: podMetadata(pod.metadata as Fields),
    spec: {
      ...only(spec, ['serviceAccountName', 'nodeName', 'hostNetwork']),
      containers: leanContainers(spec?.containers),
      initContainers: leanContainers(spec?.initContainers),
    },
    status: { ...only(status, ['phase', 'podIP']), conditions: onlyReady(status?.conditions) },
  }
}

/** There are more pods than of everything else together, so nothing of them that nobody reads becomes a node of a tree. */
function podMetadata(metadata: Fields): object {
  const kept = leanMetadata(only(metadata, ['name', 'namespace', 'labels', 'annotations', 'creationTimestamp']))
  return {
    ...kept,
    ownerReferences: listOf(metadata.ownerReferences).map(each => only(each, ['apiVersion', 'kind', 'name', 'controller'])),
  }
}

function onlyReady(conditions: unknown): readonly Fields[] {
  const ready = listOf(conditions).find(each => each?.type === 'Ready')
  return ready ? [only(ready, ['type', 'status'])] : []
}

/** What makes pods, as far as its template says what they will be. Of a CronJob the template is in the template of its Jobs. */
export function leanOwner<T extends { readonly metadata: object }>(owner: T): T {
  const { spec } = owner as { spec?: Fields }
  const job = (spec?.jobTemplate as { spec?: Fields } | undefined)?.spec
  const template = leanTemplate((job ?? spec)?.template as LeanTemplate | undefined)
  return {
    ...owner,
    metadata: leanMetadata(owner.metadata),
    spec: job ? { jobTemplate: { spec: { template } } } : { template },
    status: {},
  }
}

interface LeanTemplate {
  readonly metadata?: object
  readonly spec?: Fields
}

function leanTemplate(template: LeanTemplate | undefined): LeanTemplate {
  const { metadata = {}, spec } = template ?? {}
  const containers = listOf(spec?.containers)
  const lean = leanContainers(containers)
  return {
    metadata: only(leanMetadata(metadata) as Fields, ['labels', 'annotations']),
    spec: {
      ...only(spec, ['serviceAccountName', 'hostNetwork']),
      containers: lean.map((each, index) => ({ ...each, ...switchesOf(containers[index] ?? null) })),
      initContainers: leanContainers(spec?.initContainers),
    },
  }
}

/** Of istiod its image, which tells its version, and what decides about the mesh in its environment. */
function switchesOf(container: Fields | null): Fields {
  if (container?.name !== 'discovery') return {}
  return {
    ...only(container, ['image']),
    env: listOf(container.env).flatMap(each => (isSwitch(each?.name) ? [only(each, ['name', 'value'])] : [])),
  }
}

function isSwitch(name: unknown): boolean {
  return typeof name === 'string' && /^(?:(?:PILOT|AMBIENT)_[A-Z0-9_]+|CLUSTER_ID|REVISION)$/.test(name)
}

/** Of a CRD the schemas of the versions that are served. */
export function leanDefinition<T extends { readonly metadata: object }>(definition: T): T {
  const { spec } = definition as { spec?: Fields }
  const versions = Array.isArray(spec?.versions) ? spec.versions.filter(each => each?.served === true) : []
  return {
    ...definition,
    metadata: leanMetadata(definition.metadata),
    spec: { ...only(spec, ['group', 'names']), versions: versions.map(each => only(each, ['name', 'served', 'schema'])) },
    status: {},
  }
}

function leanMetadata(metadata: object): object {
  const { managedFields: _, annotations, ...rest } = metadata as { managedFields?: unknown; annotations?: Readonly<Record<string, string>> }
  if (!annotations) return rest
  const { [lastApplied]: __, [injected]: ___, ...kept } = annotations
  return { ...rest, annotations: kept }
}

function leanContainers(containers: unknown): readonly Fields[] {
  // Only of the proxy the image matters: its tag is the proxy's version.
  const fieldsOf = (container: Fields | null) =>
    container?.name === 'istio-proxy' ? ['name', 'ports', 'restartPolicy', 'image'] : ['name', 'ports', 'restartPolicy']
  return listOf(containers).map(container => only(container, fieldsOf(container)))
}

function listOf(value: unknown): readonly (Fields | null)[] {
  return Array.isArray(value) ? value : []
}

function only(fields: Fields | null | undefined, names: readonly string[]): Fields {
  const kept: Record<string, unknown> = {}
  for (const name of names) if (fields?.[name] !== undefined) kept[name] = fields[name]
  return kept
}

const trimmers: Readonly<Partial<Record<Kind, Lean>>> = {
  Pod: leanPod,
  WorkloadOwner: leanOwner,
  CustomResourceDefinition: leanDefinition,
}

/** How objects of a kind are trimmed. */
export function leanOf(kind: Kind): Lean {
  return trimmers[kind] ?? lean
}
