// Who can call a workload, and what one can call, as data: the shape that scripts, editors and agents are given.
import type { Callable, Target } from '../decide/access/callableBy.ts'
import type { CallerAccess, Callers } from '../decide/access/callers.ts'
import type { Access } from '../decide/access/callersOf.ts'
import type { AccessDecider, Outcome, Way } from '../decide/access/outcome.ts'
import type { Refusal } from '../decide/access/refusals.ts'
import type { ThroughWaypoint } from '../decide/access/throughWaypoint.ts'
import type { Resource } from '../istio/resources.ts'
import type { Span } from '../yaml/tree.ts'
import { conjunctionTexts, whenTexts } from './conditions.ts'
import type { Location } from './decisionReport.ts'

/** Of a part of an object, else of its name; undefined for what no file says. */
export type Place = (object: Pick<Resource, 'source' | 'at'>, part: Span | undefined) => Location | undefined

export type AccessReport = ReturnType<typeof accessReport>
export type CallableReport = ReturnType<typeof callableReport>

export function accessReport({ to, enforcer, waypoints, ...callers }: Access, place: Place) {
  return {
    version: 1,
    to: { workload: nameOf(to.workload), port: to.port ?? null },
    enforcer,
    ...callersReport(callers, place),
    waypoints: waypoints.map(each => waypointReport(each, place)),
  } as const
}

export function callableReport({ from: { workload, identity }, targets }: Callable, place: Place) {
  return {
    version: 1,
    from: { workload: nameOf(workload), principal: identity?.principal ?? null },
    targets: targets.map(target => targetReport(target, place)),
  } as const
}

function callersReport({ callers, others, foreign, plaintext, checksTokens }: Callers, place: Place) {
  // Those that the same rules concern share an outcome, and there can be thousands.
  const known = new Map<Outcome, OutcomeReport>()
  const report = (outcome: Outcome) => {
    const made = known.get(outcome) ?? outcomeReport(outcome, place)
    known.set(outcome, made)
    return made
  }
  return {
    callers: callers.map(({ identity, outcome }: CallerAccess) => ({
      principal: identity.principal,
      workloads: identity.workloads,
      ...report(outcome),
    })),
    others: report(others),
    foreign: foreign.map(({ trustDomain, outcome }) => ({ trustDomain, ...report(outcome) })),
    plaintext: { workloads: plaintext.workloads, ...report(plaintext.outcome) },
    checksTokens,
  }
}

function waypointReport({ service: name, gate }: ThroughWaypoint, place: Place) {
  const service = name ?? null
  if (gate.is === 'unknown') return { service, waypoint: null, missing: gate.missing }
  const { waypoint, behind, is: _, ...callers } = gate
  return { service, waypoint, ...callersReport(callers, place), behind: outcomeReport(behind, place) }
}

function targetReport({ workload, enforcer, outcome }: Target, place: Place) {
  return { workload: nameOf(workload), enforcer, ...outcomeReport(outcome, place) }
}

type OutcomeReport = ReturnType<typeof outcomeReport>

/** `when` says all in words; `ways` and `unless` say which rule asks for what. */
function outcomeReport(outcome: Outcome, place: Place) {
  const { decision, ways, unless, reason, missing, asFarAsKnown } = outcome
  return {
    ...briefReport(outcome, place),
    ...(decision === 'unknown' ? { asFarAsKnown: asFarAsKnown ? briefReport(asFarAsKnown, place) : null } : {}),
    reason,
    ways: ways.map(({ when, by: rule }: Way) => ({ when: conjunctionTexts(when), by: rule ? ruleName(rule) : null })),
    unless: unless.map(({ when, by: rule, authorizer }: Refusal) => ({
      when: conjunctionTexts(when),
      by: ruleName(rule),
      provider: authorizer ?? null,
    })),
    missing,
  }
}

function briefReport(outcome: Outcome, place: Place) {
  const { decision, by } = outcome
  return { decision, when: whenTexts(outcome), by: by.map(each => deciderReport(each, place)) }
}

function deciderReport(by: AccessDecider, place: Place) {
  if ('published' in by) return { ...ruleName(by), kind: 'AuthorizationPolicy', action: null, file: null, range: null }
  if ('peerAuthentication' in by) {
    const { peerAuthentication: policy } = by
    const { file = null, range = null } = place(policy, policy.mode?.span) ?? {}
    return { policy: nameOf(policy), rule: null, kind: policy.kind, action: null, file, range }
  }
  const { policy, rule } = by
  const { file = null, range = null } = place(policy, policy.rules[rule]?.span) ?? {}
  return { ...ruleName(by), kind: policy.kind, action: policy.action, file, range }
}

function ruleName(by: Exclude<AccessDecider, { readonly peerAuthentication: unknown }>) {
  return 'published' in by ? { policy: null, published: by.published, rule: null } : { policy: nameOf(by.policy), rule: by.rule }
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
