// Takes from an object of the API server what is large or private and decides nothing, before anything else reads it.
// A pod shrinks to a tenth: reading whole ones costs twice the time of parsing them.

type Fields = Readonly<Record<string, unknown>>

/** kubectl keeps a copy of the whole applied object there, which may hold anything. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

export function lean<T extends { readonly metadata: object }>(object: T): T {
  return { ...object, metadata: leanMetadata(object.metadata) }
}

/** Values of environment variables, which are sometimes secret, stay out too. */
export function leanPod<T extends { readonly metadata: object }>(pod: T): T {
  const { spec, status } = pod as { spec?: Fields; status?: Fields }
  return {
    ...pod,
    metadata: leanMetadata(pod.metadata),
    spec: {
      ...only(spec, ['serviceAccountName', 'nodeName', 'hostNetwork']),
      containers: leanContainers(spec?.containers),
      initContainers: leanContainers(spec?.initContainers),
    },
    status: only(status, ['phase', 'podIP', 'conditions']),
  }
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
  const { [lastApplied]: __, ...kept } = annotations
  return { ...rest, annotations: kept }
}

function leanContainers(containers: unknown): readonly Fields[] {
  return Array.isArray(containers) ? containers.map(container => only(container, ['name', 'ports', 'restartPolicy'])) : []
}

function only(fields: Fields | null | undefined, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap(name => (fields?.[name] === undefined ? [] : [[name, fields[name]]])))
}
