// The names in the brackets of a condition key, as they are looked up in a request.
// Source: istio/istio:pilot/pkg/security/authz/model/generator.go, util.go (extractNameInBrackets, extractNameInNestedBrackets).

export interface BracketedKey {
  readonly base: Base
  /** Of a claim the way into it, of a header one; undefined where Istio cannot read the key. */
  readonly names?: readonly string[]
}

const bases = ['request.headers', 'request.auth.claims'] as const
type Base = (typeof bases)[number]

/** Undefined for keys of other attributes. */
export function readBracketedKey(key: string): BracketedKey | undefined {
  const base = bases.find(each => key.startsWith(each))
  if (!base) return undefined
  const rest = key.slice(base.length)
  if (!/^\[.*\]$/su.test(rest)) return { base }
  const nested = base === 'request.auth.claims' && /^(?:\[[^[\]]*\])+$/.test(rest)
  return { base, names: nested ? rest.slice(1, -1).split('][') : [rest.slice(1, -1)] }
}
