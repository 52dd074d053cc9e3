// From kind and path to the schema that stands there.
import type { Path } from '../../yaml/tree.ts'
import { authorizationPolicy } from './authorizationPolicy.ts'
import { peerAuthentication } from './peerAuthentication.ts'
import { requestAuthentication } from './requestAuthentication.ts'
import type { Field, ObjectSchema, Schema } from './schema.ts'

/** Kinds whose every field is known here. What is not in this table is not judged for its structure. */
const kinds: Readonly<Record<string, ObjectSchema>> = {
  AuthorizationPolicy: authorizationPolicy,
  PeerAuthentication: peerAuthentication,
  RequestAuthentication: requestAuthentication,
}

export const kindNames: readonly string[] = Object.keys(kinds)

export function schemaOf(apiVersion: string, kind: string): ObjectSchema | undefined {
  return apiVersion.startsWith('security.istio.io/') ? own(kinds, kind) : undefined
}

/** The schema at a path below a kind; undefined for what is unknown or free-form. */
export function schemaAt(root: ObjectSchema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, step) => (schema ? child(schema, step) : undefined), root)
}

/** The field a path ends in, with its explanation. */
export function fieldAt(root: ObjectSchema, path: Path): Field | undefined {
  const last = path.at(-1)
  const parent = schemaAt(root, path.slice(0, -1))
  return parent?.type === 'object' && typeof last === 'string' ? own(parent.fields, last) : undefined
}

function child(schema: Schema, step: string | number): Schema | undefined {
  if (schema.type === 'object') return typeof step === 'string' ? own(schema.fields, step)?.schema : undefined
  if (schema.type === 'list') return typeof step === 'number' ? schema.items : undefined
  if (schema.type === 'map') return typeof step === 'string' ? schema.values : undefined
  return undefined
}

/** What stands in a table under a name that somebody wrote: `constructor` is in none. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
