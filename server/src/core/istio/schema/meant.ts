// A key that is no field was mostly meant to be one.
import type { Mapping } from '../../yaml/tree.ts'
import { nearest } from '../nearest.ts'
import { fieldNamed } from './fields.ts'
import type { ObjectSchema } from './schema.ts'

/** Tells the field meant by a key that is none; undefined where none is near, or where it is written too. */
export function fieldsMeant(schema: ObjectSchema, node: Mapping): (key: string) => string | undefined {
  const written = new Set(node.entries.map(entry => entry.key.text))
  const free = Object.keys(schema.fields).filter(field => !written.has(field))
  return key => {
    const letters = key.replaceAll(/[_-]/g, '').toLowerCase()
    return free.find(field => field.toLowerCase() === letters) ?? nearest(key, free)
  }
}

/** The fields that keys of this mapping were meant to be: what is missing only by a slip of the fingers. */
export function misspeltFields(schema: ObjectSchema, node: Mapping): ReadonlySet<string> {
  const slips = node.entries.filter(({ key }) => fieldNamed(schema, key.text) === undefined)
  const meant = fieldsMeant(schema, node)
  return new Set(slips.flatMap(({ key }) => meant(key.text) ?? []))
}
