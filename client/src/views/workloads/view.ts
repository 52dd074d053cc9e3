// What of the mesh is shown, in words: the filter and what workloads are gathered by. Pure.
import type { Grouping, MeshView, Trait } from '../../../../server/src/protocol.ts'

export const traits: Readonly<Record<Trait, { readonly title: string; readonly detail: string; readonly short: string }>> = {
  'with-findings': { title: 'Findings only', detail: 'Workloads that need attention', short: 'findings only' },
  'not-strict': { title: 'Without STRICT', detail: 'Workloads that accept plaintext on some port', short: 'without STRICT' },
  'no-proxy': { title: 'No proxy', detail: 'Workloads that take no part in the mesh', short: 'no proxy' },
}

export const groupings: Readonly<Record<Grouping | 'namespace', { readonly title: string; readonly detail: string }>> = {
  namespace: { title: 'By namespace', detail: 'Namespaces and their workloads' },
  mode: { title: 'By mode', detail: 'DISABLE, PERMISSIVE, STRICT, no proxy' },
  proxy: { title: 'By proxy', detail: 'Sidecar, ztunnel, waypoint, gateway, none' },
  finding: { title: 'By finding', detail: 'What needs attention first' },
}

export function isFiltered({ text, only }: MeshView): boolean {
  return (text ?? '').trim() !== '' || (only?.length ?? 0) > 0
}

/** `Filter: "checkout", no proxy. Grouped by mode.` Empty where everything is shown as usual. */
export function viewWords({ text, only = [], group }: MeshView): string {
  const written = (text ?? '').trim()
  const filters = [...(written ? [`"${written}"`] : []), ...only.map(trait => traits[trait].short)]
  const sentences = [
    ...(filters.length > 0 ? [`Filter: ${filters.join(', ')}.`] : []),
    ...(group ? [`Grouped ${groupings[group].title.toLowerCase()}.`] : []),
  ]
  return sentences.join(' ')
}

/** What was remembered, as far as it still means something. */
export function readView(remembered: unknown): MeshView {
  if (remembered === null || typeof remembered !== 'object') return {}
  const { text, only, group } = remembered as Readonly<Record<string, unknown>>
  const known = Array.isArray(only) ? only.filter(isTrait) : []
  return {
    ...(typeof text === 'string' && text.trim() ? { text } : {}),
    ...(known.length > 0 ? { only: known } : {}),
    ...(isGrouping(group) ? { group } : {}),
  }
}

function isTrait(value: unknown): value is Trait {
  return typeof value === 'string' && Object.hasOwn(traits, value)
}

function isGrouping(value: unknown): value is Grouping {
  return typeof value === 'string' && value !== 'namespace' && Object.hasOwn(groupings, value)
}
