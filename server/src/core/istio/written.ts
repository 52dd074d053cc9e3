// The objects of a cluster that people write, as documents: the same text for the editor, the rules and a comparison with files.
import { type WrittenYaml, writeYaml } from '../yaml/write.ts'
import type { Resource } from './resources.ts'
import { kindOf } from './schema/index.ts'

type Json = Readonly<Record<string, unknown>>

/** Written by the API server, and of no use to a reader; the copy that kubectl keeps may hold anything. */
const machines: readonly string[] = ['managedFields', 'resourceVersion', 'uid', 'generation', 'selfLink']
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What a person wrote of an object of one of Istio's kinds, with its age; undefined for every other kind. */
export function writtenPart(object: unknown): Json | undefined {
  if (!isJson(object) || typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') return undefined
  if (!kindOf(object.apiVersion, object.kind)) return undefined
  const { apiVersion, kind, metadata, spec } = object
  return { apiVersion, kind, metadata: withoutMachines(metadata), ...(spec === undefined ? {} : { spec }) }
}

function withoutMachines(metadata: unknown): unknown {
  if (!isJson(metadata)) return metadata
  const { name, namespace, labels, annotations, ...rest } = metadata
  const others = Object.fromEntries(Object.entries(rest).filter(([field]) => !machines.includes(field)))
  return { name, namespace, labels, annotations: withoutCopy(annotations), ...others }
}

function withoutCopy(annotations: unknown): unknown {
  if (!isJson(annotations) || !(lastApplied in annotations)) return annotations
  const { [lastApplied]: _, ...kept } = annotations
  return Object.keys(kept).length > 0 ? kept : undefined
}

/** The document that the places in an object of the cluster refer to; undefined for kinds that nobody writes. */
export function documentOf({ written }: Pick<Resource, 'written'>): WrittenYaml | undefined {
  return written === undefined ? undefined : writeYaml(JSON.parse(written))
}

/** Its text: what "Open as YAML" shows. */
export function yamlOf(object: Pick<Resource, 'written'>): string | undefined {
  return documentOf(object)?.text
}

function isJson(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
