// Explanations as data: the shape that scripts, editors and agents are given.
import type { Explained, Explanation, NamedPolicy, NearMiss, Party } from '../explain/explanation.ts'
import type { AuthorizationAction } from '../istio/resources.ts'
import type { Presence } from '../mesh/mesh.ts'
import type { Range } from '../yaml/lines.ts'
import { type DecisionReport, decisionReport, type Location } from './decisionReport.ts'

/** Where a policy, or one of its rules, is written; undefined for what no file says. */
export type LocatePolicy = (policy: NonNullable<NamedPolicy['policy']>, rule: number | undefined) => Location | undefined

export interface ExplainReport {
  readonly version: 1
  readonly entries: Explained['entries']
  readonly explanations: readonly ExplanationReport[]
}

export interface ExplanationReport
  extends Pick<Explanation, 'kind' | 'count' | 'line' | 'text' | 'happened' | 'refusedBy' | 'requests' | 'means' | 'repair'> {
  readonly policies: readonly PolicyReport[]
  readonly client: Party | null
  readonly server: Party | null
  readonly nearMisses: readonly NearMissReport[]
  /** What the known policies decide; null where the line tells too little. */
  readonly decision: Omit<DecisionReport, 'version'> | null
}

interface Placed {
  /** `namespace/name` */
  readonly policy: string
  readonly rule: number | null
  readonly file: string | null
  readonly range: Range | null
}

export interface PolicyReport extends Placed {
  readonly kind: NamedPolicy['kind']
  readonly action: AuthorizationAction | null
  readonly presence: Presence
}

export interface NearMissReport extends Placed, Pick<NearMiss, 'clause' | 'because'> {}

export function explainReport({ explanations, entries }: Explained, locate: LocatePolicy): ExplainReport {
  return { version: 1, entries, explanations: explanations.map(each => reportOf(each, locate)) }
}

function reportOf({ client, server, policies, nearMisses, decision, ...told }: Explanation, locate: LocatePolicy): ExplanationReport {
  const { kind, count, line, text, happened, refusedBy, requests, means, repair } = told
  return {
    ...{ kind, count, line, text, happened, refusedBy },
    policies: policies.map(each => policyReport(each, locate)),
    client: client ?? null,
    server: server ?? null,
    ...{ requests, means, repair },
    nearMisses: nearMisses.map(({ policy, rule, clause, because }) => ({ ...placed(policy, rule, locate), clause, because })),
    decision: decision ? withoutVersion(decisionReport(decision, locate)) : null,
  }
}

function policyReport({ kind, namespace, name, rule, presence, policy }: NamedPolicy, locate: LocatePolicy): PolicyReport {
  const place = policy ? placed(policy, rule, locate) : { policy: `${namespace}/${name}`, rule: rule ?? null, file: null, range: null }
  return { kind, ...place, action: policy?.kind === 'AuthorizationPolicy' ? policy.action : null, presence }
}

function placed(policy: NonNullable<NamedPolicy['policy']>, rule: number | undefined, locate: LocatePolicy): Placed {
  const { file = null, range = null } = locate(policy, rule) ?? {}
  return { policy: `${policy.namespace}/${policy.name}`, rule: rule ?? null, file, range }
}

function withoutVersion({ version: _, ...report }: DecisionReport): Omit<DecisionReport, 'version'> {
  return report
}
