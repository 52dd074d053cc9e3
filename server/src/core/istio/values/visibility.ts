// `exportTo`: the namespaces that see an object. Source: istio/istio:pkg/config/visibility, pkg/config/validation (validateExportTo).
import type { Located } from '../../yaml/tree.ts'
import { isDns1123Label } from './hostName.ts'

export const ownNamespace = '.'
export const everywhere = '*'
export const nowhere = '~'

/** Whose `exportTo` it is: a ServiceEntry can be hidden from everybody, a rule for chosen workloads is always private. */
export type Exported = 'object' | 'ServiceEntry' | 'rule with workloadSelector'

/** An entry of `exportTo` that Istio refuses: why, as the beginning of a sentence, and what to do. */
export interface BadExport {
  readonly entry: Located<string>
  readonly reason: string
  readonly advice: string
}

/** In the order of the list; `namespace` is the one of the object, where it is known. */
export function checkExportTo(entries: readonly Located<string>[], namespace: string | undefined, of: Exported): readonly BadExport[] {
  const seen = new Set<string>()
  const bad: BadExport[] = []
  for (const entry of entries) {
    const key = entry.value === ownNamespace ? (namespace ?? ownNamespace) : entry.value
    const fault = seen.has(key) ? duplicate(entry.value, key) : invalid(entry.value, key, of)
    if (fault === undefined) seen.add(key)
    else bad.push({ entry, ...fault })
  }
  return bad.length > 0 ? bad : [...combinations(entries, namespace, of)]
}

type Fault = Omit<BadExport, 'entry'>

function duplicate(value: string, key: string): Fault {
  const reason = value === key ? `"${value}" is listed twice` : `"${value}" means the namespace "${key}", which is listed too`
  return { reason, advice: 'Remove one of them.' }
}

function invalid(value: string, key: string, of: Exported): Fault | undefined {
  if (value === nowhere) {
    return of === 'ServiceEntry' ? undefined : { reason: 'Only a ServiceEntry can be exported to nobody ("~")', advice: 'Write ".".' }
  }
  if (key === everywhere || key === ownNamespace || isDns1123Label(key)) return undefined
  return { reason: `"${value}" is neither ".", "*" nor the name of a namespace`, advice: 'Write one of these.' }
}

const advice = 'Keep it alone, or remove it.'

/** Entries that are right each for itself but not together. */
function* combinations(entries: readonly Located<string>[], namespace: string | undefined, of: Exported): Generator<BadExport> {
  const written = (value: string) => (entries.length > 1 ? entries.find(each => each.value === value) : undefined)
  const certain = namespace !== undefined || entries.length > 1
  const beyond = entries.find(({ value }) => value !== ownNamespace && value !== namespace && (certain || value === everywhere))
  const all = written(everywhere)
  const none = written(nowhere)
  if (of === 'rule with workloadSelector' && beyond) {
    const reason = 'A rule with "workloadSelector" is seen only in its own namespace'
    yield { entry: beyond, reason, advice: 'Write ".", or leave "exportTo" out.' }
  } else if (all) yield { entry: all, reason: '"*" means every namespace and cannot be listed with others', advice }
  else if (none) yield { entry: none, reason: '"~" means nobody and cannot be listed with others', advice }
}
