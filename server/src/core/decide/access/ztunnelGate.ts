// What ztunnel lets through at a port: DENY, then ALLOW (authorization/ztunnel.ts).
import { canonical, parseAddress } from '../../istio/values/addressBlock.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { waypointAllows } from '../ambient/allowWaypoint.ts'
import { policiesInForce } from '../ambient/inForce.ts'
import type { Facts } from '../ambient/matches.ts'
import { ambientMtls, deniedBy } from '../ambient/peerAuthentication.ts'
import { type Clauses, keyOf } from '../ambient/ztunnelPolicy.ts'
import type { Decider } from '../authorization/decision.ts'
import type { Gate, GateRule, Judgement } from './gate.ts'
import { matchesOf, ofTruth } from './gate.ts'
import type { Place } from './place.ts'
import type { Term } from './term.ts'
import { judgeIdentity, type Who } from './who.ts'
import { ztunnelRule } from './ztunnelTerms.ts'

export function ztunnelGate(place: Place, who: Who, mesh: Mesh): Gate {
  const { workload } = place.to
  const facts = factsOf(place, who)
  const judge = (term: Term<Facts>) => judgeIdentity(term, who, facts) ?? judgeTerm(term, facts, place)
  const ruleOf = (effect: 'allow' | 'deny', by: Decider, clauses: Clauses, missing: string | undefined): GateRule => {
    const matches = matchesOf(ztunnelRule(clauses), judge)
    return {
      effect,
      by,
      matches: missing === undefined ? matches : matches.map(each => ({ ...each, missing: [...each.missing, missing] })),
    }
  }
  const enforced = policiesInForce(workload, mesh).filter(({ publication }) => !publication.policy.dryRun)
  const waypoints = waypointAllows(workload, mesh)
  const ofPolicies = enforced.flatMap(({ publication: { policy, rules }, missing }) =>
    rules.flatMap(({ rule, clauses }) =>
      clauses ? [ruleOf(policy.action === 'DENY' ? 'deny' : 'allow', { policy, rule }, clauses, missing)] : [],
    ),
  )
  const ofWaypoints = waypoints.flatMap(each =>
    'policy' in each ? each.policy.rules.map(clauses => ruleOf('allow', { published: keyOf(each.policy) }, clauses, undefined)) : [],
  )
  const allows = [
    ...enforced.filter(({ publication }) => publication.policy.action !== 'DENY').map(({ missing }) => missing),
    ...waypoints.map(each => ('missing' in each ? each.missing : undefined)),
  ]
  const uncertain = allows.filter(each => each !== undefined)
  return {
    rules: [...ofMtls(place, who, mesh), ...ofPolicies, ...ofWaypoints].filter(({ matches }) => matches.length > 0).toSorted(deniesFirst),
    closed: allows.length > uncertain.length ? true : uncertain.length > 0 ? { missing: uncertain } : false,
    missing: unlisted(workload, 'AuthorizationPolicy', mesh),
  }
}

function deniesFirst(a: GateRule, b: GateRule): number {
  return Number(b.effect === 'deny') - Number(a.effect === 'deny')
}

/** The DENY policies that istiod makes of PeerAuthentications stop plaintext only. */
function ofMtls({ to: { workload, port } }: Place, who: Who, mesh: Mesh): readonly GateRule[] {
  if (who.is !== 'nobody') return []
  const { denies, key = '' } = deniedBy(ambientMtls(mesh, workload), { identity: 'none', port })
  const missing = [...(denies.is === 'unknown' ? denies.missing : []), ...unlisted(workload, 'PeerAuthentication', mesh)]
  if (denies.is === 'no' && missing.length === 0) return []
  return [{ effect: 'deny', by: { published: key }, matches: [{ identity: [], when: [], missing }] }]
}

function unlisted({ namespace }: Workload, kind: 'AuthorizationPolicy' | 'PeerAuthentication', mesh: Mesh): readonly string[] {
  const plural = kind === 'AuthorizationPolicy' ? 'AuthorizationPolicies' : 'PeerAuthentications'
  const namespaces = [...new Set([namespace, mesh.settings.rootNamespace])]
  return namespaces.filter(each => !mesh.complete(kind, each)).map(each => `the ${plural} of namespace ${each}`)
}

function judgeTerm({ condition, holds }: Term<Facts>, facts: Facts, { isPortGiven }: Place): Judgement {
  if (condition.subject.aspect === 'port' && !isPortGiven) return { is: 'open', when: condition }
  const truth = holds(facts)
  return truth.is === 'unknown' ? { is: 'open', when: condition } : ofTruth(truth)
}

function factsOf({ to: { workload, port, ip } }: Place, who: Who): Facts {
  const [only, ...others] = workload.pods
  const written = ip ?? (others.length === 0 ? only?.ip : undefined)
  const address = written === undefined ? undefined : parseAddress(written)
  return {
    identity: who.is === 'identity' ? who.identity : 'none',
    port,
    ...(address ? { destinationIp: canonical(address) } : {}),
  }
}
