// `exportTo`: the namespaces that see an object. Source: istio/istio:pkg/config/visibility, pkg/config/validation (validateExportTo).
import type { Located } from '../../yaml/tree.ts'
import { isDns1123Label } from './hostName.ts'

export const ownNamespace = '.'
export const everywhere = '*'
export const nowhere = '~'

/** Whose `exportTo` it is: a ServiceEntry can be hidden from everybody, a rule for chosen workloads is always private. */
export type Exported = 'object' | 'ServiceEntry' | 'rule with workloadSelector'

/** An entry of `exportTo` that Istio refuses; the sentence says why. */
export interface BadExport {
  readonly entry: Located<string>
  readonly reason: string
}

/** In the order of the list; `namespace` is the one of the object, where it is known. */
export function checkExportTo(entries: readonly Located<string>[], namespace: string | undefined, of: Exported): readonly BadExport[] {
  const seen = new Set<string>()
  const bad: BadExport[] = []
  for (const entry of entries) {
    const key = entry.value === ownNamespace ? (namespace ?? ownNamespace) : entry.value
    const reason = seen.has(key) ? duplicate(entry.value, key) : invalid(entry.value, key, of)
    if (reason === undefined) seen.add(key)
    else bad.push({ entry, reason })
  }
  return bad.length > 0 ? bad : [...combinations(entries, namespace, of)]
}

function duplicate(value: string, key: string): string {
  return value === key ? `"${value}" stands here twice.` : `"${value}" is the namespace "${key}", which stands here too.`
}

function invalid(value: string, key: string, of: Exported): string | undefined {
  if (value === nowhere) return of === 'ServiceEntry' ? undefined : 'Only a ServiceEntry can be exported to nobody ("~").'
  if (key === everywhere || key === ownNamespace || isDns1123Label(key)) return undefined
  return `"${value}" is neither ".", "*" nor the name of a namespace.`
}

/** Entries that are right each for itself but not together. */
function* combinations(entries: readonly Located<string>[], namespace: string | undefined, of: Exported): Generator<BadExport> {
  const written = (value: string) => (entries.length > 1 ? entries.find(each => each.value === value) : undefined)
  const certain = namespace !== undefined || entries.length > 1
  const beyond = entries.find(({ value }) => value !== ownNamespace && value !== namespace && (certain || value === everywhere))
  const all = written(everywhere)
  const none = written(nowhere)
  if (of === 'rule with workloadSelector' && beyond) {
    yield { entry: beyond, reason: 'A rule with "workloadSelector" is seen in its own namespace only, so "." is all that can stand here.' }
  } else if (all) yield { entry: all, reason: '"*" means every namespace, so nothing else can stand beside it.' }
  else if (none) yield { entry: none, reason: '"~" means nobody, so nothing else can stand beside it.' }
}
