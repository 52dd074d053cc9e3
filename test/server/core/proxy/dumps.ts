// Whole dumps of recorded proxies (test/data/proxy), and ways to change them as a mesh would.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Json, JsonObject } from '../../../../server/src/core/proxy/json.ts'

const file = join(import.meta.dirname, '../../../data/proxy/dumps.json.gz')
const recorded: Readonly<Record<string, Json>> = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'))

export function dump(name: string): JsonObject {
  return structuredClone(recorded[name]) as JsonObject
}

/** Each object of the tree, for a change by hand. */
export function* objectsIn(value: Json | undefined): Generator<Record<string, Json>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, Json>
  for (const child of Object.values(value)) yield* objectsIn(child)
}

/** A copy with a change to each of its objects. */
export function changed(document: JsonObject, change: (object: Record<string, Json>) => void): JsonObject {
  const copy = structuredClone(document)
  for (const object of objectsIn(copy)) change(object)
  return copy
}

/** With other listeners in the place of its own. */
export function withListeners(document: JsonObject, listeners: JsonObject): JsonObject {
  const isListeners = (config: Json) => JSON.stringify(config).slice(0, 120).includes('ListenersConfigDump')
  return { configs: [...(document.configs as Json[]).filter(config => !isListeners(config)), ...(listeners.configs as Json[])] }
}
