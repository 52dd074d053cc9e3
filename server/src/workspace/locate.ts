// Where objects are written. Their files are read again: a world keeps objects, not texts.
import type { AuthorizationPolicy, Resource } from '../core/istio/resources.ts'
import type { Locate, Location } from '../core/report/decisionReport.ts'
import type { Lines } from '../core/yaml/lines.ts'
import type { Span } from '../core/yaml/tree.ts'

export interface PlacedText {
  /** As people are shown it. */
  readonly file: string
  readonly lines: Lines
}

/** The file behind a URI; undefined where it cannot be read. */
export type TextOf = (uri: string) => Promise<PlacedText | undefined>

/** Of a part of an object, else of its name; undefined for what no file says. */
export type PlaceIn = (object: Pick<Resource, 'source' | 'at'>, part: Span | undefined) => Location | undefined

export async function placing(objects: Iterable<Pick<Resource, 'source'>>, textOf: TextOf): Promise<PlaceIn> {
  const texts = new Map<string, PlacedText | undefined>()
  for (const { source } of objects) {
    if (source.from === 'file' && !texts.has(source.uri)) texts.set(source.uri, await textOf(source.uri))
  }
  return ({ source, at }, part) => {
    const found = source.from === 'file' ? texts.get(source.uri) : undefined
    return found && { file: found.file, range: found.lines.range(part ?? at.name ?? at.kind) }
  }
}

export async function locating(policies: Iterable<AuthorizationPolicy>, textOf: TextOf): Promise<Locate> {
  const place = await placing(policies, textOf)
  return (policy, rule) => place(policy, rule === undefined ? undefined : policy.rules[rule]?.span)
}
