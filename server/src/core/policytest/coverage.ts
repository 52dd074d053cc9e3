// Which rules of a mesh the cases of its tests have put to use.
import type { Mesh } from '../mesh/mesh.ts'
import { type CaseResult, keyOf } from './run.ts'

export interface RuleCoverage {
  /** `namespace/name`. */
  readonly policy: string
  /** Counted from 0. */
  readonly rule: number
  /** How many cases it decided. */
  readonly decided: number
}

/** Every rule that can decide, by name; those of AUDIT policies and of dry runs never do. Tests of several meshes are added up. */
export function coverageOf(runs: readonly { readonly mesh: Mesh; readonly results: readonly CaseResult[] }[]): readonly RuleCoverage[] {
  const rules = new Map<string, RuleCoverage>()
  for (const mesh of new Set(runs.map(each => each.mesh))) {
    for (const policy of mesh.all('AuthorizationPolicy')) {
      if (policy.dryRun || policy.action === 'AUDIT') continue
      for (const rule of policy.rules.keys()) rules.set(`${keyOf(policy)} ${rule}`, { policy: keyOf(policy), rule, decided: 0 })
    }
  }
  for (const { decision } of runs.flatMap(each => each.results)) {
    if (!decision?.by || 'published' in decision.by) continue
    const { policy, rule } = decision.by
    const key = `${keyOf(policy)} ${rule}`
    rules.set(key, { policy: keyOf(policy), rule, decided: (rules.get(key)?.decided ?? 0) + 1 })
  }
  return [...rules.values()].toSorted((a, b) => (a.policy < b.policy ? -1 : a.policy > b.policy ? 1 : a.rule - b.rule))
}
