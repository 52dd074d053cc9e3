// What `check` says beside the given files: of the objects that the cluster itself has, and of files that differ from them.
import { apiKind, type Resource } from '../core/istio/resources.ts'
import type { ClusterLayer } from '../core/mesh/build.ts'
import { driftOf, nodeOf, pathText } from '../core/report/policies/drift.ts'
import { liveFile } from '../core/report/policies/liveFindings.ts'
import { policyKinds } from '../core/report/policies/standing.ts'
import { list } from '../core/report/words.ts'
import type { Severity } from '../core/rules/rule.ts'
import type { Finding } from '../core/rules/run.ts'
import type { InputFile } from './world.ts'

/** No rule: it says nothing of the object, only of where it is. */
export const differsFromCluster = 'differs-from-cluster'

/** Each object that people write as a file of its own, named `cluster:<context>/<kind>/<namespace>/<name>`. */
export function filesOfCluster({ world }: ClusterLayer): readonly InputFile[] {
  return world.objects.flatMap(object => {
    const file = liveFile(object)
    return file ? [{ ...file, path: file.uri }] : []
  })
}

const mostPaths = 5

/**
 * Of the policies of the files. Silent about what is not certain to be applied as it stands: what a kustomization lists, a template makes, names no
 * namespace, or several files say.
 */
export function drifts(inputs: readonly InputFile[], { layer }: ClusterLayer, severity: Severity): (file: InputFile) => readonly Finding[] {
  const certain = inputs.filter(({ role }) => role === undefined).flatMap(({ resources }) => resources.filter(isNamed))
  const times = new Map<string, number>()
  for (const object of certain) times.set(keyOf(object), (times.get(keyOf(object)) ?? 0) + 1)
  return file =>
    file.role !== undefined
      ? []
      : file.resources.flatMap(object => {
          const live = isNamed(object) && times.get(keyOf(object)) === 1 ? layer.counterpart(object) : undefined
          const drift = live && driftOf(nodeOf(file, object), live)
          const [first] = drift ?? []
          return live && drift && first ? [finding(object, live, drift.map(pathText), { path: first, severity })] : []
        })
}

function isNamed({ kind, name, at }: Resource): boolean {
  return policyKinds.some(each => each === kind) && name !== '' && at.namespace !== undefined
}

function keyOf({ kind, namespace, name }: Resource): string {
  return `${kind}/${namespace}/${name}`
}

function finding(
  object: Resource,
  { source: live }: Resource,
  paths: readonly string[],
  { path, severity }: Pick<Finding, 'path' | 'severity'>,
): Finding {
  const { apiVersion, namespace, name, at, source } = object
  const context = live.from === 'cluster' ? live.context : ''
  const cluster = context.startsWith('snapshot of ') ? `The ${context}` : context === '' ? 'The cluster' : `The cluster "${context}"`
  return {
    rule: differsFromCluster,
    severity,
    istio: 'accepts',
    refusedBy: [],
    message: `${cluster} has something else at ${list(paths, mostPaths)}. Apply the file, or write into it what the cluster has.`,
    span: at.name ?? at.kind,
    path,
    document: source.from === 'file' ? source.document : 0,
    object: { apiVersion, kind: apiKind(object), namespace, name },
    codes: [],
    fixes: [],
    related: [],
  }
}
