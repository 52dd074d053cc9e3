// Where objects are written: in the inputs, else on the disk.
import { fileURLToPath } from 'node:url'
import type { AuthorizationPolicy, Resource } from '../core/istio/resources.ts'
import type { Locate, Location } from '../core/report/decisionReport.ts'
import { Lines } from '../core/yaml/lines.ts'
import { disk } from '../workspace/files.ts'
import { locating as locatingIn, type PlacedText, type PlaceIn, placing as placingIn, type TextOf } from '../workspace/locate.ts'
import { type InputFile, shown } from './world.ts'

/** Where a part of an object is written. */
export type { PlaceIn } from '../workspace/locate.ts'

export function locating(policies: Iterable<AuthorizationPolicy>, inputs: readonly InputFile[]): Promise<Locate> {
  return locatingIn(policies, textIn(inputs))
}

export function placing(objects: Iterable<Resource>, inputs: readonly InputFile[]): Promise<PlaceIn> {
  return placingIn(objects, textIn(inputs))
}

function textIn(inputs: readonly InputFile[]): TextOf {
  const files = new Map(inputs.map(({ uri, path, lines }) => [uri, { file: path, lines }]))
  return async uri => files.get(uri) ?? onDisk(uri)
}

async function onDisk(uri: string): Promise<PlacedText | undefined> {
  if (!uri.startsWith('file:')) return undefined
  const path = fileURLToPath(uri)
  const text = await disk.read(path).catch(() => undefined)
  return text === undefined ? undefined : { file: shown(path), lines: new Lines(text) }
}

/** `policies/pay.yaml:14` */
export function placeText({ file, range }: Location): string {
  return `${file}:${range.start.line + 1}`
}
