// What an Envoy proxy (sidecar, gateway, waypoint) decides: handshake, then CUSTOM, token, DENY, ALLOW.
// Source: istio/istio:pilot/pkg/networking/core/listener_builder.go, pilot/pkg/security/authz/builder/builder.go.
import type { Mesh } from '../../mesh/mesh.ts'
import { appProtocolOf } from './appProtocol.ts'
import type { Connection, HttpRequest } from './connection.ts'
import { askProvider } from './custom.ts'
import { type Decision, decisionWith, type Step } from './decision.ts'
import type { Facts } from './facts.ts'
import { type Handshake, handshake } from './handshake.ts'
import { isRefusedPath } from './httpPath.ts'
import { type InForce, inForceAt, type RuleInForce, rulesAt, rulesFor } from './inForce.ts'
import { type EnvoyKind, observeConnection, observeRequest } from './observe.ts'
import { conclude, Judged, missingOf, nameOf, passed, type Stage } from './stage.ts'
import { anyChanges, checkToken, type TokenOutcome } from './token.ts'

type Accepted = Handshake & { readonly is: 'done' }

export function authorizeAtEnvoy(connection: Connection, enforcer: EnvoyKind, mesh: Mesh): Decision {
  const { request } = connection
  const shaken = handshake(connection, mesh)
  if (shaken.is === 'not captured') {
    return { decision: 'allow', enforcer: 'none', layer: 'none', reason: shaken.because, steps: [], ...(request ? { status: 200 } : {}) }
  }
  if (shaken.is === 'refused') return { decision: 'deny', enforcer, layer: shaken.layer, reason: shaken.because, steps: [] }
  const onConnection = () => evaluateConnection(connection, shaken, enforcer, mesh)
  const onRequest = () => (request ? evaluateRequest(connection, request, shaken, enforcer, mesh) : notHttp(connection, shaken, enforcer))
  switch (appProtocolOf(connection.to, mesh)) {
    case 'http':
      return onRequest()
    case 'tcp':
      return onConnection()
    case 'sniffed':
      return request ? onRequest() : onConnection()
    case 'unknown':
      return either(onRequest(), onConnection(), connection)
  }
}

/** Where it is not known what the port is declared to speak: what both ways lead to. */
function either(onRequest: Decision, onConnection: Decision, { to, request }: Connection): Decision {
  const likely = request ? onRequest : onConnection
  if (onRequest.decision !== onConnection.decision) {
    const reason = `Not known, and it decides: what port ${to.port} is declared to speak.`
    return decisionWith({ decision: 'unknown', enforcer: likely.enforcer, layer: 'none', reason }, () => likely.steps)
  }
  if (onRequest.status === onConnection.status) return likely
  const { decision, enforcer, layer, reason, by } = likely
  return decisionWith({ decision, enforcer, layer, reason, ...(by ? { by } : {}) }, () => likely.steps)
}

function notHttp({ to }: Connection, { missing }: Accepted, enforcer: EnvoyKind): Decision {
  const reason = `Port ${to.port} speaks HTTP, and the connection does not.`
  return { decision: 'deny', enforcer, layer: 'http', reason, steps: [], ...(missing.length > 0 ? {} : { status: 400 }) }
}

function evaluateConnection(connection: Connection, { identity, missing }: Accepted, enforcer: EnvoyKind, mesh: Mesh): Decision {
  const facts = observeConnection(connection, identity, mesh)
  const inForce = inForceAt(connection.to, mesh)
  const rules = rulesAt(connection.to, 'tcp', mesh)
  const judge = judging(facts, facts)
  const judged = rulesFor(rules, identity).map(judge)
  const custom = () => askProvider(of('CUSTOM', judged), rules, connection, 'tcp', mesh)
  // A connection is closed, not answered.
  const { status: _, ...outcome } = conclude([() => gap(missing), custom, ...byRules(judged, rules, inForce)])
  return decisionWith({ ...outcome, enforcer }, stepsOf(rules, judge))
}

function evaluateRequest(
  connection: Connection,
  request: HttpRequest,
  { identity, missing }: Accepted,
  proxy: EnvoyKind,
  mesh: Mesh,
): Decision {
  if (request.path !== undefined && isRefusedPath(request.path)) {
    const reason = 'Envoy answers 400 to a path with "#", before it looks at any policy.'
    return { decision: 'deny', enforcer: proxy, layer: 'http', reason, steps: [], ...(missing.length > 0 ? {} : { status: 400 }) }
  }
  const inForce = inForceAt(connection.to, mesh)
  const token = withUnseenRules(checkToken(request, inForce.jwtRules), request, inForce)
  const requested = { connection, request, proxy, identity }
  const before = observeRequest(requested, undefined, mesh)
  const after = observeRequest(requested, token, mesh)
  const rules = rulesAt(connection.to, 'http', mesh)
  const judge = judging(before, after)
  const judged = rulesFor(rules, identity).map(judge)
  const custom = () => askProvider(of('CUSTOM', judged), rules, connection, 'http', mesh)
  const outcome = conclude([() => gap(missing), custom, () => byToken(token), ...byRules(judged, rules, inForce)])
  return decisionWith({ ...outcome, enforcer: proxy }, stepsOf(rules, judge))
}

type Judge = (rule: RuleInForce) => Judged

/** CUSTOM policies are asked before the token is looked at. */
function judging(beforeToken: Facts, afterToken: Facts): Judge {
  return rule => new Judged(rule, rule.action === 'CUSTOM' ? beforeToken : afterToken)
}

/** Of the mesh they hold nothing: decisions are kept longer than meshes. */
function stepsOf(rules: readonly RuleInForce[], judge: Judge): () => readonly Step[] {
  return () => rules.map(rule => stepOf(judge(rule)))
}

function gap(missing: readonly string[]): Stage {
  return missing.length > 0 ? { is: 'unknown', missing } : passed
}

/** A rule that nobody has seen could still find the token and accept or refuse it; one that accepts it is enough. */
function withUnseenRules(token: TokenOutcome, request: HttpRequest, { jwtRules, missingJwtRules }: InForce): TokenOutcome {
  if (missingJwtRules.length === 0 || request.token === 'none' || token.is === 'accepted') return token
  return { is: 'unknown', missing: missingJwtRules, headers: anyChanges(jwtRules) }
}

function byToken(token: TokenOutcome): Stage {
  if (token.is === 'unknown') return { is: 'unknown', missing: token.missing }
  return token.is === 'refused' ? { is: 'refused', layer: 'jwt', status: token.status, because: token.because } : passed
}

/** Policies that nobody has seen: none of them lets in what a known DENY refuses. */
function byRules(judged: readonly Judged[], rules: readonly RuleInForce[], { missing }: InForce): readonly (() => Stage)[] {
  const enforced = judged.filter(({ rule }) => !rule.dryRun)
  const allow = () => {
    const isGuarded = rules.some(({ action, dryRun }) => action === 'ALLOW' && !dryRun)
    const stage = isGuarded ? byAllow(of('ALLOW', enforced)) : unguarded
    return missing.length > 0 && stage.is === 'refused' ? gap(missing) : stage
  }
  return [() => gap(missing), () => byDeny(of('DENY', enforced)), allow]
}

function byDeny(judged: readonly Judged[]): Stage {
  const hit = judged.find(({ truth }) => truth.is === 'yes')
  if (hit)
    return { is: 'refused', layer: 'rbac', status: 403, by: hit.rule, because: `${nameOf(hit.rule)}, denies it: ${hit.truth.because}.` }
  const missing = missingOf(judged)
  return missing.length > 0 ? { is: 'unknown', missing, refusal: 403 } : passed
}

const unguarded: Stage = { is: 'passed', because: 'No ALLOW policy applies, and no other policy refuses it.' }

function byAllow(judged: readonly Judged[]): Stage {
  const hit = judged.find(({ truth }) => truth.is === 'yes')
  if (hit) return { is: 'passed', by: hit.rule, because: `${nameOf(hit.rule)}, allows it: ${hit.truth.because}.` }
  const missing = missingOf(judged)
  if (missing.length > 0) return { is: 'unknown', missing, refusal: 403 }
  return { is: 'refused', layer: 'rbac', status: 403, because: 'ALLOW policies apply, and none of their rules matches.' }
}

function of(action: RuleInForce['action'], judged: readonly Judged[]): readonly Judged[] {
  return judged.filter(({ rule }) => rule.action === action)
}

function stepOf({ rule: { policy, action, dryRun, rule }, truth }: Judged): Step {
  return { policy, action, dryRun, matched: truth.is, because: truth.because, ...(rule === undefined ? {} : { rule }) }
}
