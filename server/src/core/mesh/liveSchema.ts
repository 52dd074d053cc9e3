// What the CRDs of the mesh say, where they are known: they decide which fields exist.
import type { SourceFile } from '../istio/file.ts'
import { type OpenApiSchema, openApiBelow } from '../istio/openApi.ts'
import type { CustomResourceDefinition, Resource } from '../istio/resources.ts'
import { groupOf } from '../istio/schema/index.ts'
import type { Visit } from '../istio/schema/walk.ts'
import type { Mesh } from './mesh.ts'

/** The schema of a version that is served; undefined where no CRD is known. */
export function liveSchemaOf(mesh: Pick<Mesh, 'find'>, apiVersion: string, kind: string): OpenApiSchema | undefined {
  return definitionOf(mesh, apiVersion, kind)?.versions.get(apiVersion.slice(apiVersion.indexOf('/') + 1))
}

/** The schema that the CRD has for this very value. */
export function liveSchemaAt(mesh: Pick<Mesh, 'find'>, { object, parent, key }: Visit): OpenApiSchema | undefined {
  if (!parent) return liveSchemaOf(mesh, object.apiVersion, object.kind)
  const above = liveSchemaAt(mesh, parent)
  return above && (key ? openApiBelow(above, key.text) : above.items)
}

/** Whether this CRD is the one that will judge: a CRD in some file may be of another version than the cluster's. */
export function decides(mesh: Pick<Mesh, 'find' | 'complete'>, apiVersion: string, kind: string): boolean {
  const definition = definitionOf(mesh, apiVersion, kind)
  return definition !== undefined && (definition.source.from === 'cluster' || mesh.complete('CustomResourceDefinition'))
}

/** Whether a CRD has rules that must be evaluated, or these files have expressions themselves. */
export function needsCel({ all }: Pick<Mesh, 'all'>, files: readonly SourceFile[]): boolean {
  const filters = (object: Resource) => object.kind === 'Telemetry' && object.filters
  return all('CustomResourceDefinition').some(({ hasRules }) => hasRules) || files.some(({ resources }) => resources.some(filters))
}

function definitionOf({ find }: Pick<Mesh, 'find'>, apiVersion: string, kind: string): CustomResourceDefinition | undefined {
  return find('CustomResourceDefinition', '', `${pluralOf(kind)}.${groupOf(apiVersion)}`)
}

/** As the plurals of Istio's kinds are made: `serviceentries`, `gateways`. */
function pluralOf(kind: string): string {
  return `${kind.toLowerCase().replace(/(?<![aeiou])y$/, 'ie')}s`
}
