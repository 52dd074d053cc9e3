// What an Envoy proxy (sidecar, gateway, waypoint) lets through at a port. It asks in the order CUSTOM, DENY, ALLOW (authorization/envoy.ts).

import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { readRequestPrincipal } from '../authorization/claimMatch.ts'
import { providerFor } from '../authorization/custom.ts'
import type { Facts } from '../authorization/facts.ts'
import { type InForce, inForceAt, type RuleInForce, rulesAt } from '../authorization/inForce.ts'
import { type EnvoyKind, observeConnection, observeRequest } from '../authorization/observe.ts'
import { anyChanges, type TokenOutcome } from '../authorization/token.ts'
import { perMesh } from '../perMesh.ts'
import { type Aspect, type Condition, conditionOn, identityAspects, overHttp, tokenAspects, withoutHttp } from './condition.ts'
import { envoyRules } from './envoyTerms.ts'
import { type Gate, type GateRule, type Judgement, matchesOf, matchKey, ofTruth, only } from './gate.ts'
import type { Place } from './place.ts'
import type { Rule, Term } from './term.ts'
import { judgeIdentity, type Who } from './who.ts'

type Protocol = 'http' | 'tcp'

/** Of several protocols the client chooses one. */
export function envoyGate(place: Place, protocols: readonly Protocol[], who: Who, mesh: Mesh): Gate {
  const views = protocols.map(protocol => viewFrom(place, protocol, who, mesh))
  const [first = [], second] = views
  return {
    rules: second ? first.flatMap((rule, index) => joined(rule, second[index])) : first.filter(matters),
    closed: rulesAt(place.to, protocols[0] ?? 'http', mesh).some(each => each.action === 'ALLOW' && !each.dryRun),
    missing: inForceAt(place.to, mesh).missing,
  }
}

/** Undefined effect: a rule that decides nothing. */
type Seen = Omit<GateRule, 'effect'> & { readonly effect: GateRule['effect'] | undefined }

function matters(rule: Seen): rule is GateRule {
  return rule.effect !== undefined && rule.matches.length > 0
}

/** What a rule says of HTTP and of other connections alike is said once, the rest of each. */
function joined(http: Seen, tcp: Seen | undefined): readonly GateRule[] {
  if (!tcp) return [http].filter(matters)
  const known = joins.get(http)
  if (known?.tcp === tcp) return known.rules
  const isSameEffect = JSON.stringify(http.effect) === JSON.stringify(tcp.effect)
  const keys = new Set(isSameEffect ? tcp.matches.map(matchKey) : [])
  const common = new Set(http.matches.map(matchKey).filter(key => keys.has(key)))
  const own = ({ matches }: Seen) => matches.filter(match => !common.has(matchKey(match)))
  const rules = [
    { ...http, matches: http.matches.filter(match => common.has(matchKey(match))) },
    { ...http, matches: only(own(http), overHttp) },
    { ...tcp, by: http.by, matches: only(own(tcp), withoutHttp) },
  ].filter(matters)
  joins.set(http, { tcp, rules })
  return rules
}

const joins = new WeakMap<Seen, { readonly tcp: Seen; readonly rules: readonly GateRule[] }>()

function viewFrom(place: Place, protocol: Protocol, who: Who, mesh: Mesh): readonly Seen[] {
  const rules = rulesAt(place.to, protocol, mesh)
  const authorizer = effectOfCustom(
    rules.filter(({ action }) => action === 'CUSTOM'),
    protocol,
    mesh,
  )
  const judges = judgesFor(place, protocol, who, mesh)
  const known = keptFor(who, mesh)
  return rules.flatMap(({ policy, rule, action, dryRun }) => {
    const effect = effects[action] ?? authorizer
    if (rule === undefined || dryRun || action === 'AUDIT') return []
    const apart = envoyRules(policy, protocol, mesh)[rule] ?? []
    const kept = action !== 'CUSTOM' && isAlikeEverywhere(apart) ? known : undefined
    const found = kept?.get(apart)
    if (found) return [found]
    const judge = action === 'CUSTOM' ? judges.beforeToken : judges.afterToken
    const seen: Seen = { effect, by: { policy, rule }, matches: effect ? matchesOf(apart, judge) : [] }
    kept?.set(apart, seen)
    return [seen]
  })
}

const effects: Readonly<Partial<Record<RuleInForce['action'], 'allow' | 'deny'>>> = { DENY: 'deny', ALLOW: 'allow' }

type Kept = WeakMap<Rule<Facts>, Seen>

/** Rules that ask for nothing that a place decides; what is left of them for somebody is made once for all places. */
const kept = perMesh(() => new WeakMap<Who, Kept>())

function keptFor(who: Who, mesh: Mesh): Kept {
  const known = kept(mesh).get(who) ?? new WeakMap()
  kept(mesh).set(who, known)
  return known
}

function isAlikeEverywhere(rule: Rule<Facts>): boolean {
  const known = alikeEverywhere.get(rule) ?? rule.flat(2).every(({ condition }) => ofNoPlace.includes(condition.subject.aspect))
  alikeEverywhere.set(rule, known)
  return known
}

const alikeEverywhere = new WeakMap<Rule<Facts>, boolean>()

const ofNoPlace: readonly Aspect[] = [...identityAspects, 'method', 'path', 'host', 'header', 'address', 'client address', 'SNI']

function effectOfCustom(rules: readonly RuleInForce[], protocol: Protocol, mesh: Mesh): GateRule['effect'] | undefined {
  if (rules.length === 0) return undefined
  const provider = providerFor(rules, protocol, mesh)
  switch (provider.is) {
    case 'asked':
      return { ask: provider.name }
    case 'unusable':
      return 'deny'
    case 'silent':
      return undefined
    default:
      return provider satisfies never
  }
}

interface Judges {
  readonly beforeToken: (term: Term<Facts>) => Judgement
  readonly afterToken: (term: Term<Facts>) => Judgement
}

function judgesFor(place: Place, protocol: Protocol, who: Who, mesh: Mesh): Judges {
  const { to } = place
  const inForce = inForceAt(to, mesh)
  const connection = { caller: { plaintext: true } as const, to }
  const identity = { values: who.is === 'nobody' ? [] : [who.is === 'identity' ? who.identity.principal : ''] }
  const proxy: EnvoyKind = to.workload.proxy === 'gateway' || to.workload.proxy === 'waypoint' ? to.workload.proxy : 'sidecar'
  const observe = (token: TokenOutcome | undefined): Facts =>
    protocol === 'tcp'
      ? observeConnection(connection, identity, mesh)
      : observeRequest({ connection, request: {}, proxy, identity }, token, mesh)
  const judge = (facts: Facts) => (term: Term<Facts>) => judgeIdentity(term, who, facts) ?? judgeTerm(term, facts, place, inForce)
  return { beforeToken: judge(observe(undefined)), afterToken: judge(observe(anyToken(inForce))) }
}

/** Where nothing looks for a token, none is ever there. */
function anyToken({ jwtRules, missingJwtRules }: InForce): TokenOutcome {
  if (jwtRules.length + missingJwtRules.length === 0) return { is: 'none', headers: new Map() }
  return { is: 'unknown', missing: ['the token'], headers: anyChanges(jwtRules) }
}

/** Every request has them. */
const neverAbsent: readonly Aspect[] = ['method', 'path', 'host']

function judgeTerm({ condition, holds }: Term<Facts>, facts: Facts, { isPortGiven }: Place, inForce: InForce): Judgement {
  const { aspect } = condition.subject
  if (aspect === 'port' && !isPortGiven) return { is: 'open', when: condition }
  if (neverAbsent.includes(aspect) && condition.values.includes('*')) return { is: condition.negated ? 'no' : 'yes' }
  const truth = holds(facts)
  if (truth.is !== 'unknown') return ofTruth(truth)
  return tokenAspects.includes(aspect) ? judgeToken(condition, inForce) : { is: 'open', when: condition }
}

/** Only tokens that a RequestAuthentication accepts have claims, and each is of one of its issuers. */
function judgeToken(condition: Condition, { jwtRules, missingJwtRules }: InForce): Judgement {
  const issuers = missingJwtRules.length > 0 ? [] : jwtRules.map(({ issuer }) => issuer?.value ?? '')
  const isKnown = issuers.length > 0 && issuers.every(each => each !== '')
  const isPossible = (value: string) => isPlaceholder(value) || issuers.some(readRequestPrincipal(value).issuer)
  const values = condition.subject.aspect === 'token' && isKnown ? condition.values.filter(isPossible) : condition.values
  if (values.length === 0) return { is: condition.negated ? 'yes' : 'no' }
  return {
    is: 'open',
    when: conditionOn(condition.subject, condition.negated, values),
    ...(jwtRules.length === 0 ? { missing: missingJwtRules } : {}),
  }
}
