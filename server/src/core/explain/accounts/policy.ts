// Refused by AuthorizationPolicies, or only watched by them.
import { policiesInForce } from '../../decide/ambient/inForce.ts'
import { unjudged } from '../../decide/ambient/rule.ts'
import { inForceAt } from '../../decide/authorization/inForce.ts'
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import type { NamedPolicy, NearMiss } from '../explanation.ts'
import type { PolicyName } from '../policyName.ts'
import type { Refusal } from '../refusal.ts'
import type { Scene } from '../scene.ts'
import {
  type Account,
  agreement,
  callIn,
  doubtsAbout,
  found,
  intermediary,
  isAllow,
  keyOf,
  named,
  ownerName,
  route,
  ruleOf,
  type Situation,
} from './account.ts'

export function denied({ policy }: Extract<Refusal, { kind: 'denied' }>, at: Situation): Account {
  const name = named(policy, at)
  const doubts = [...doubtsAbout(name), ...notDeny(name)]
  const rule = policy.rule === undefined ? '' : `, rule ${policy.rule},`
  return {
    happened: `DENY policy ${keyOf(policy)}${rule} refused ${callIn(at)}${route(at)}.`,
    policies: [name],
    means: [...doubts, 'A DENY rule that matches refuses whatever ALLOW policies say.', ...intermediary(at), ...agreement(at, policy)],
    repair: doubts.length > 0 ? findPolicy(policy) : [exceptCaller(policy, at), 'If it is not meant to pass, correct the client.'],
  }
}

function notDeny({ policy }: NamedPolicy): readonly string[] {
  if (policy?.kind !== 'AuthorizationPolicy' || policy.action === 'DENY') return []
  return [`The known ${keyOf(policy)} has the action ${policy.action}, so the proxy has another version of it.`]
}

function exceptCaller(policy: PolicyName, at: Situation): string {
  const { identity } = at.client
  const exception = identity === undefined ? '' : `, or except the caller there: notPrincipals ["${identity}"]`
  return `If it is meant to pass, narrow ${ruleOf(policy)}${exception}.`
}

function findPolicy({ namespace, name }: PolicyName): readonly string[] {
  return [
    `Look at the policy in the cluster: kubectl get authorizationpolicy ${name} -n ${namespace} -o yaml.`,
    'If it is gone, see with istioctl proxy-status whether the proxy is in step with istiod.',
  ]
}

export function notAllowed(at: Situation): Account {
  const allowing = allowingAt(at)
  const empty = allowing.filter(({ rules }) => rules.length === 0)
  return {
    happened: `No ALLOW policy lets ${callIn(at)}${route(at)} in, so it is refused.`,
    policies: allowing.map(policy => found(policy)),
    means: [
      'As soon as one ALLOW policy applies to a workload, everything is refused that none of their rules matches.',
      ...empty.map(policy => `${keyOf(policy)} has no rules: it matches nothing, so alone it refuses everything.`),
      ...notKnown(allowing, at),
      ...intermediary(at),
      ...agreement(at, 'none allows'),
    ],
    repair: [...at.nearMisses.slice(0, mostRepairs).map(miss => admit(miss, at)), ...newRule(allowing, at), ...needsWaypoint(allowing, at)],
  }
}

const mostRepairs = 3

/** In force where it was refused; none where that is not known. */
function allowingAt({ to, mesh }: Scene): readonly AuthorizationPolicy[] {
  if (!to) return []
  const inForce =
    to.workload.proxy === 'ztunnel' ? policiesInForce(to.workload, mesh).map(each => each.publication.policy) : inForceAt(to, mesh).policies
  return inForce.filter(isAllow)
}

function notKnown(allowing: readonly AuthorizationPolicy[], { to, server }: Situation): readonly string[] {
  if (allowing.length > 0) return []
  if (!to) return ['Which workload that is, and so which policies apply to it, is not known here.']
  return [`No ALLOW policy of ${ownerName(server, 'this workload')} is among the known objects: it may be deleted or not synced.`]
}

function admit({ policy, rule, clause, because }: NearMiss, { client, connection }: Situation): string {
  const of = ruleOf({ ...policy, rule })
  if (clause !== 'from') return `Everything but one condition of ${of} holds: ${because}. Add what was called to it.`
  if (connection && 'plaintext' in connection.caller)
    return `Everything in ${of} holds but the caller, who shows no identity: give the client a proxy, or name its address with ipBlocks.`
  return client.identity === undefined
    ? `Everything in ${of} holds but the caller: ${because}. Add the caller to it.`
    : `Add the caller's identity to ${of}: principals ["${client.identity}"].`
}

function newRule(allowing: readonly AuthorizationPolicy[], at: Situation): readonly string[] {
  if (at.nearMisses.length > 0) return []
  const caller = at.client.identity === undefined ? '' : ` from principals ["${at.client.identity}"]`
  const where =
    allowing.length === 0
      ? 'an ALLOW policy of the workload'
      : `an ALLOW policy of ${ownerName(at.server, 'the workload')}, such as ${keyOf(allowing[0] ?? { namespace: '', name: '' })}`
  return [`If it is meant to pass, add a rule for ${callIn(at)}${caller} to ${where}.`]
}

/** ztunnel leaves out what it cannot judge, so such a policy allows nothing there. */
function needsWaypoint(allowing: readonly AuthorizationPolicy[], { refusedBy }: Situation): readonly string[] {
  if (refusedBy !== 'ztunnel') return []
  const aboutHttp = allowing.filter(({ rules }) => rules.some(rule => unjudged(rule).length > 0))
  return aboutHttp
    .slice(0, 1)
    .map(
      policy =>
        `${keyOf(policy)} asks what ztunnel does not see (${unjudged(policy.rules.find(rule => unjudged(rule).length > 0) ?? noRule).join(', ')}): attach it to a waypoint with targetRefs.`,
    )
}

const noRule = { span: { start: 0, end: 0 }, from: [], to: [], when: [] }

/** Either a DENY rule that matches, or no ALLOW rule that does. */
export function accessDenied(at: Situation): Account {
  const by =
    at.decision?.decision === 'deny' && at.decision.by && 'policy' in at.decision.by
      ? [found(at.decision.by.policy, at.decision.by.rule)]
      : []
  return {
    happened: `An AuthorizationPolicy refused ${callIn(at)}${route(at)}; the text does not tell which one.`,
    policies: by,
    means: ['Either a DENY rule matches, or ALLOW policies apply and none of their rules does.', ...agreement(at, 'refused')],
    repair: [
      'Look in the access log of the proxy of the server: response_code_details names the policy and the rule, and "none" says that no ALLOW rule matches. Paste that line.',
      ...at.nearMisses.slice(0, 1).map(miss => admit(miss, at)),
    ],
  }
}

export function policyChanged(at: Situation): Account {
  return {
    happened: `ztunnel closed an open connection${route(at)}, because a policy that has changed does not allow it any more.`,
    means: ['When policies change, ztunnel judges open connections again.', ...agreement(at, 'refused')],
    repair: [
      'If it is meant to pass, look at the policies that were changed last; new connections are refused too, and that line names the policy.',
    ],
  }
}

export function dryRun({ policy }: Extract<Refusal, { kind: 'dry-run' }>, at: Situation): Account {
  const names = policy ? [named(policy, at)] : []
  const by = policy ? ruleOf(policy) : 'the ALLOW policies in dry run'
  return {
    happened: policy
      ? `Nothing was refused: ${by} would refuse ${callIn(at)}${route(at)} if it were enforced.`
      : `Nothing was refused: no rule of ${by} matches ${callIn(at)}${route(at)}, which would be refused if they were enforced.`,
    policies: names,
    means: ['A policy with the annotation istio.io/dry-run is only watched.', ...names.flatMap(doubtsAbout)],
    repair: [`If it is meant to pass, ${policy ? `narrow ${by}` : 'allow it there'} before the annotation is removed.`],
  }
}
