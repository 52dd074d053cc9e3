// Rules by the callers they name: of the thousands that can be in force at one workload, a connection is held against those that it can match.
import { isPlaceholder } from '../../istio/values/placeholder.ts'

/**
 * What of an identity a rule can ask for by name: the whole of it, or a namespace in it. A rule that names callers matches nobody who has
 * none of its keys.
 */
export type CallerKey = string

export function namespaceKey(namespace: string): CallerKey {
  return `/ns/${namespace}/`
}

/** Of a SPIFFE ID without `spiffe://`; `ns` may stand in it several times. */
export function keysOf(identity: string): readonly CallerKey[] {
  const parts = identity.split('/')
  const namespaces = parts.filter((_, at) => at > 1 && at < parts.length - 1 && parts[at - 1] === 'ns')
  return [identity, ...namespaces.map(namespaceKey)]
}

/** Whether a value stands for itself alone. */
export function isExact(value: string): boolean {
  return !value.includes('*') && !isPlaceholder(value)
}

export class CallerIndex<Rule> {
  private readonly rules: readonly Rule[]
  private readonly unnamed: number[] = []
  private readonly named = new Map<CallerKey, number[]>()

  /** `callersOf`: the keys one of which is needed; undefined for a rule that others can match too. */
  constructor(rules: readonly Rule[], callersOf: (rule: Rule) => readonly CallerKey[] | undefined) {
    this.rules = rules
    for (const [place, rule] of rules.entries()) {
      const keys = callersOf(rule)
      if (!keys) this.unnamed.push(place)
      for (const key of keys ?? []) {
        const places = this.named.get(key)
        if (places) places.push(place)
        else this.named.set(key, [place])
      }
    }
  }

  /** In the order of the rules. */
  rulesFor(keys: readonly CallerKey[]): readonly Rule[] {
    const places = new Set([...this.unnamed, ...keys.flatMap(key => this.named.get(key) ?? [])])
    return [...places].toSorted((a, b) => a - b).flatMap(place => this.rules[place] ?? [])
  }
}
