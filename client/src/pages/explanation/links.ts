// Where an explanation names a policy's file and line, and what is opened there. Pure.
import type { NamedPlace, RulePlace } from '../../../../server/src/protocol.ts'

export interface PlaceLink {
  readonly line: number
  readonly start: number
  readonly end: number
  readonly place: RulePlace
}

/** Lines that end with a place, ` · policies/pay.yaml:14`; places come in the order of the lines. */
export function linksIn(text: string, places: readonly NamedPlace[]): readonly PlaceLink[] {
  const links: PlaceLink[] = []
  for (const [line, written] of text.split('\n').entries()) {
    const place = places[links.length]
    if (!place) break
    if (!written.endsWith(` · ${place.name}`)) continue
    links.push({ line, start: written.length - place.name.length, end: written.length, place })
  }
  return links
}

/** The address of a place, as editors open it: `file:///policies/pay.yaml#L14,7`. */
export function fragmentOf({ range: { start } }: RulePlace): string {
  return `L${start.line + 1},${start.character + 1}`
}
