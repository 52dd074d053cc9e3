// The rules of ALLOW policies that would let a connection in if one condition less were asked.

import { ruleAtZtunnel } from '../decide/ambient/rule.ts'
import type { Connection } from '../decide/authorization/connection.ts'
import type { Step } from '../decide/authorization/decision.ts'
import type { Facts } from '../decide/authorization/facts.ts'
import { observeConnection, observeRequest, presented } from '../decide/authorization/observe.ts'
import { compileRule } from '../decide/authorization/rule.ts'
import { trustDomainsOf } from '../decide/authorization/trustDomain.ts'
import type { AuthorizationPolicy, AuthorizationRule } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { NearMiss } from './explanation.ts'

/** In the order of the steps; none where the answer hangs on what is not known. */
export function nearMisses(connection: Connection, steps: readonly Step[], mesh: Mesh): readonly NearMiss[] {
  const facts = factsOf(connection, mesh)
  return steps.flatMap(step => {
    if (!('policy' in step) || step.rule === undefined || step.action !== 'ALLOW' || step.dryRun || step.matched !== 'no') return []
    const clause = onlyObstacle(step.policy, step.rule, facts, connection, mesh)
    return clause ? [{ policy: step.policy, rule: step.rule, clause, because: step.because }] : []
  })
}

function factsOf(connection: Connection, mesh: Mesh): Facts {
  const { request, caller, to } = connection
  const identity = presented(caller)
  const { proxy } = to.workload
  const isEnvoy = proxy === 'sidecar' || proxy === 'gateway' || proxy === 'waypoint'
  return request && isEnvoy
    ? observeRequest({ connection, request, proxy, identity }, undefined, mesh)
    : observeConnection(connection, identity, mesh)
}

function onlyObstacle(policy: AuthorizationPolicy, index: number, facts: Facts, { to, request }: Connection, mesh: Mesh) {
  const { namespace, action, source } = policy
  const atZtunnel = to.workload.proxy === 'ztunnel'
  const written = policy.rules[index]
  const rule = written && atZtunnel ? ruleAtZtunnel(written, action) : written
  if (!rule) return undefined
  const protocol = request && !atZtunnel ? 'http' : 'tcp'
  const context = { namespace, action, trustDomains: trustDomainsOf(mesh.settings), protocol, templated: source.from === 'file' } as const
  const holdsWithout = (less: AuthorizationRule) => compileRule(less, context)(facts).is === 'yes'
  if (rule.from.length > 0 && holdsWithout({ ...rule, from: [] })) return 'from'
  if (rule.to.length > 0 && holdsWithout({ ...rule, to: [] })) return 'to'
  return rule.when.some(each => holdsWithout({ ...rule, when: rule.when.filter(other => other !== each) })) ? 'when' : undefined
}
