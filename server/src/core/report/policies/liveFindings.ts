// What the rules say of an object as the cluster has it: places are those of its YAML, which `documentOf` makes.
import { perMesh } from '../../decide/perMesh.ts'
import type { SourceFile } from '../../istio/file.ts'
import { apiKind, type Resource } from '../../istio/resources.ts'
import { documentOf } from '../../istio/written.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { check, type Finding, type RuleSettings } from '../../rules/run.ts'
import { Lines } from '../../yaml/lines.ts'

/** `structure: all`: no other extension reads these objects. */
export const everyRule: RuleSettings = { severities: {}, structure: 'all' }

/** Of an object of the cluster, in the mesh that it is part of; none for kinds that nobody writes. Worked out once for both. */
export function liveFindings(object: Resource, mesh: Mesh, settings: RuleSettings = everyRule): readonly Finding[] {
  const known = knownFindings(object, mesh, settings)
  if (known) return known
  const file = liveFile(object)
  const findings = file ? check(file, mesh, settings) : []
  found(mesh).set(object, { settings, findings })
  return findings
}

/** Without working them out. */
export function knownFindings(object: Resource, mesh: Mesh, settings: RuleSettings = everyRule): readonly Finding[] | undefined {
  const known = found(mesh).get(object)
  return known?.settings === settings ? known.findings : undefined
}

const found = perMesh(() => new WeakMap<Resource, { readonly settings: RuleSettings; readonly findings: readonly Finding[] }>())

/** An object of the cluster as the only document of a file. */
export function liveFile(object: Resource): SourceFile | undefined {
  const document = documentOf(object)
  if (!document) return undefined
  const { text, root } = document
  const span = { start: 0, end: text.length }
  const only = { index: 0, span, root, problems: [], templated: false, resources: [object], ours: true, judged: 'whole' } as const
  return { uri: liveUri(object), text, lines: new Lines(text), documents: [{ ...only, namespace: object.namespace }], resources: [object] }
}

/** `cluster:prod-eu/AuthorizationPolicy/shop/pay`: how an object of a cluster is named where a file would be. */
export function liveUri(object: Resource): string {
  const context = object.source.from === 'cluster' ? object.source.context : ''
  return `cluster:${[context, apiKind(object), object.namespace, object.name].map(encodeURIComponent).join('/')}`
}
