// What ztunnel decides at the destination for a connection that reaches it directly, over HBONE or in plaintext.
// Source: istio/ztunnel:src/state.rs (assert_rbac), src/tls/certificate.rs (the trust domain of the peer); the policies: decide/ambient.
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import { type Address, canonical, parseAddress } from '../../istio/values/addressBlock.ts'
import { formatPrincipal } from '../../istio/values/principal.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { waypointAllows } from '../ambient/allowWaypoint.ts'
import { type InForce, policiesFor, policiesInForce, policiesWithoutForce, type WithoutForce } from '../ambient/inForce.ts'
import { type Facts, ruleMatches } from '../ambient/matches.ts'
import { ambientMtls, deniedBy } from '../ambient/peerAuthentication.ts'
import { type ConvertedRule, canMatch } from '../ambient/rule.ts'
import { keyOf } from '../ambient/ztunnelPolicy.ts'
import type { Caller, Connection, Destination } from './connection.ts'
import { type Decider, type Decision, decisionWith, type Step } from './decision.ts'
import { reworded, type Truth, unknown } from './truth.ts'

/** HTTP and the ports of Services play no part: ztunnel sees the pod's port, the peer's address and the peer's identity. */
export function authorizeAtZtunnel(connection: Connection, mesh: Mesh): Decision {
  const refused = refusedInHandshake(connection.caller, mesh)
  // Who knows the mesh's settings knows the trust domain.
  const isGuess = 'identity' in connection.caller && !mesh.settings.known && !mesh.complete('MeshConfig')
  if (refused && isGuess) return { ...notKnown(['the trust domain of the mesh']), enforcer: 'ztunnel', layer: 'none', steps: [] }
  if (refused) return { decision: 'deny', enforcer: 'ztunnel', layer: 'tls', reason: refused, steps: [] }
  const facts = factsOf(connection)
  const inForce = policiesInForce(connection.to.workload, mesh)
  const ofIstiod = [...judgeMtls(connection, facts, mesh), ...judgeWaypoints(connection, facts, mesh)]
  const judged = [...policiesFor(inForce, facts).map(each => new JudgedPolicy(each, facts)), ...ofIstiod]
  const guards = [...inForce.filter(isGuard), ...ofIstiod.filter(({ action }) => action === 'ALLOW')]
  const withoutForce = policiesWithoutForce(connection.to.workload, mesh)
  const unseen = unlisted('AuthorizationPolicy', connection, mesh)
  return decisionWith(
    { ...decide(judged, guards, unseen), enforcer: 'ztunnel', layer: 'ztunnel' },
    stepsOf(inForce, facts, ofIstiod, withoutForce),
  )
}

/** Of the mesh they hold nothing: decisions are kept longer than meshes. */
function stepsOf(
  inForce: readonly InForce[],
  facts: Facts,
  ofIstiod: readonly Judged[],
  withoutForce: readonly WithoutForce[],
): () => readonly Step[] {
  return () => {
    const all = [...inForce.map(each => new JudgedPolicy(each, facts)), ...ofIstiod]
    return [...stepsOfAction('DENY', all), ...stepsOfAction('ALLOW', all), ...withoutForce.map(stepWithoutForce)]
  }
}

function isGuard({ publication: { policy } }: InForce): boolean {
  return policy.action !== 'DENY' && !policy.dryRun
}

/**
 * Any DENY that matches refuses; without an ALLOW everything is let in; else one of them must match. `judged`: every policy that can match
 * this caller; `guards`: every ALLOW policy that is enforced; `unseen`: where there could be others, which let in nothing that a known DENY refuses.
 */
function decide(
  judged: readonly Judged[],
  guards: readonly Pick<Judged, 'missing'>[],
  unseen: readonly string[],
): Pick<Decision, 'decision' | 'by' | 'reason'> {
  const enforced = judged.filter(each => !each.dryRun)
  const denies = enforced.filter(({ action }) => action === 'DENY')
  const allows = enforced.filter(({ action }) => action === 'ALLOW')
  const denied = anyHolds(denies)
  if (denied.is === 'yes') return { decision: 'deny', ...decidedBy(denied.first) }
  const admitted = anyHolds(allows)
  if (unseen.length > 0) return notKnown([...denied.missing, ...unseen, ...admitted.missing])
  const guarded = guards.some(({ missing }) => missing === undefined)
  if (guarded && admitted.is === 'no') return { decision: 'deny', reason: 'ALLOW policies are in force, and none of their rules matches.' }
  if (denied.is === 'no' && admitted.is === 'yes') return { decision: 'allow', ...decidedBy(admitted.first) }
  // One that matches lets in where it is in force, and keeps nobody out where it is not.
  const open = allows.length === guards.length && allows.every(({ matches }) => matches.is === 'yes')
  if (denied.is === 'no' && open)
    return { decision: 'allow', reason: 'No DENY policy matches, and no ALLOW policy keeps the connection out.' }
  return notKnown([...denied.missing, ...admitted.missing, ...guards.flatMap(each => each.missing ?? [])])
}

function notKnown(missing: readonly string[]): Pick<Decision, 'decision' | 'reason'> {
  return { decision: 'unknown', reason: `Not known, and it decides: ${[...new Set(missing)].join(', ')}.` }
}

/** Namespaces whose policies of this kind are not all known. */
function unlisted(kind: 'AuthorizationPolicy' | 'PeerAuthentication', { to: { workload } }: Connection, mesh: Mesh): readonly string[] {
  const plural = kind === 'AuthorizationPolicy' ? 'AuthorizationPolicies' : 'PeerAuthentications'
  const namespaces = [...new Set([workload.namespace, mesh.settings.rootNamespace])]
  return namespaces.filter(each => !mesh.complete(kind, each)).map(each => `the ${plural} of namespace ${each}`)
}

/** A policy, and whether it matches. */
interface Judged {
  readonly action: 'ALLOW' | 'DENY'
  readonly dryRun: boolean
  readonly steps: readonly Step[]
  readonly matches: Truth
  readonly by?: Decider | undefined
  readonly name: string
  /** Why it is not certain that it is in force. */
  readonly missing?: string
}

interface AnyHolds {
  readonly is: Truth['is']
  readonly first?: Judged
  readonly missing: readonly string[]
}

function anyHolds(policies: readonly Judged[]): AnyHolds {
  const first = policies.find(({ matches, missing }) => matches.is === 'yes' && missing === undefined)
  if (first) return { is: 'yes', first, missing: [] }
  const open = policies.filter(({ matches }) => matches.is !== 'no')
  const missing = open.flatMap(each => [
    ...(each.missing === undefined ? [] : [each.missing]),
    ...(each.matches.is === 'unknown' ? each.matches.missing : []),
  ])
  return { is: open.length > 0 ? 'unknown' : 'no', missing }
}

function decidedBy(judged: Judged | undefined): Pick<Decision, 'by' | 'reason'> {
  if (!judged) return { reason: '' }
  const { action, name, matches, by } = judged
  return { reason: `${action} policy ${name} matches: ${matches.because}.`, ...(by ? { by } : {}) }
}

/** An AuthorizationPolicy; its rules are judged when somebody asks. */
class JudgedPolicy implements Judged {
  readonly action: 'ALLOW' | 'DENY'
  readonly dryRun: boolean
  readonly missing?: string
  private readonly policy: AuthorizationPolicy
  private readonly rules: readonly JudgedRule[]

  constructor({ publication: { policy, rules }, missing }: InForce, facts: Facts) {
    this.action = policy.action === 'DENY' ? 'DENY' : 'ALLOW'
    this.dryRun = policy.dryRun
    this.policy = policy
    this.rules = rules.map(rule => new JudgedRule(rule, facts))
    if (missing !== undefined) this.missing = missing
  }

  get name(): string {
    return keyOf(this.policy)
  }

  get matches(): Truth {
    return this.best?.truth ?? { is: 'no', because: noRules }
  }

  get by(): Decider | undefined {
    return this.best && { policy: this.policy, rule: this.best.rule.rule }
  }

  get steps(): readonly Step[] {
    const { policy, action, dryRun, rules } = this
    if (rules.length === 0) return [{ policy, action, dryRun, matched: 'no', because: noRules }]
    return rules.map(({ rule: { rule }, truth }) => ({ policy, rule, action, dryRun, matched: truth.is, because: truth.because }))
  }

  private get best(): JudgedRule | undefined {
    return this.rules.find(({ truth }) => truth.is === 'yes') ?? this.rules.find(({ truth }) => truth.is === 'unknown')
  }
}

class JudgedRule {
  readonly rule: ConvertedRule
  private readonly facts: Facts
  private known: Truth | undefined

  constructor(rule: ConvertedRule, facts: Facts) {
    this.rule = rule
    this.facts = facts
  }

  get truth(): Truth {
    this.known ??= judgeRule(this.rule, this.facts)
    return this.known
  }
}

const noRules = 'it has no rules, so it matches nothing'

/** With a word about what istiod took out of the rule. */
function judgeRule({ clauses, unjudged }: ConvertedRule, facts: Facts): Truth {
  if (clauses && unjudged.length === 0) return ruleMatches(clauses, facts)
  const unseen = `ztunnel does not see ${unjudged.join(', ')}`
  if (!clauses) return { is: 'no', because: `${unseen}, so this rule is left out` }
  if (!canMatch(clauses)) return { is: 'no', because: `${unseen}, and what is left of this rule never matches` }
  const truth = ruleMatches(clauses, facts)
  return reworded(truth, () => `${truth.because} (${unseen}, so that limits nothing here)`)
}

/** The DENY policy that istiod makes of PeerAuthentications. */
function judgeMtls(connection: Connection, facts: Facts, mesh: Mesh): readonly Judged[] {
  const outcomes = ambientMtls(mesh, connection.to.workload)
  const { denies, key } = deniedBy(outcomes, facts)
  const name = key ?? outcomes.flatMap(({ references }) => references)[0]
  // They stop plaintext only.
  const unseen = facts.identity === 'none' ? unlisted('PeerAuthentication', connection, mesh) : []
  if (unseen.length > 0) {
    const matches = unknown([...(denies.is === 'unknown' ? denies.missing : []), ...unseen])
    return [name === undefined ? open('DENY', matches) : published('DENY', name, matches)]
  }
  if (name === undefined) return []
  const dangling = outcomes.length === 1 && outcomes[0]?.dangling.includes(name)
  const matches: Truth = dangling
    ? { is: 'no', because: 'istiod names this policy at the workload and does not publish it, so ztunnel skips it' }
    : denies
  return [published('DENY', name, matches)]
}

/** The ALLOW policies that istiod makes for waypoints. */
function judgeWaypoints({ to: { workload } }: Connection, facts: Facts, mesh: Mesh): readonly Judged[] {
  return waypointAllows(workload, mesh).map(each => {
    if ('missing' in each) return { ...open('ALLOW', unknown([each.missing])), missing: each.missing }
    const [clauses = []] = each.policy.rules
    return published('ALLOW', keyOf(each.policy), ruleMatches(clauses, facts))
  })
}

/** Whether there is one is not known, and so not whom it concerns. */
function open(action: 'ALLOW' | 'DENY', matches: Truth): Judged {
  return { action, dryRun: false, name: '', matches, steps: [] }
}

function published(action: 'ALLOW' | 'DENY', name: string, matches: Truth): Judged {
  const step: Step = { published: name, action, dryRun: false, matched: matches.is, because: matches.because }
  return { action, dryRun: false, name, matches, by: { published: name }, steps: [step] }
}

function stepsOfAction(action: Judged['action'], judged: readonly Judged[]): readonly Step[] {
  return judged.filter(each => each.action === action).flatMap(({ steps }) => steps)
}

function stepWithoutForce(publication: WithoutForce): Step {
  const { policy } = publication
  const { action, dryRun } = policy
  const because =
    publication.is === 'published' ? 'its selector is empty, and ztunnel attaches such a policy to no workload' : leftOut[publication.why]
  return { policy, action, dryRun, matched: 'no', because: because.replace('{action}', action) }
}

const leftOut = {
  'dry-run': 'it is a dry run, which istiod keeps from ztunnel unless AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY is set',
  targetRefs: 'its targetRefs name waypoints and gateways, not ztunnel',
  action: 'ztunnel does not support the {action} action, so it does not get this policy',
} as const

/** Undefined where the handshake succeeds. Unlike sidecars, ztunnel accepts its own trust domain only. */
export function refusedInHandshake(caller: Caller, { settings }: Mesh): string | undefined {
  if ('plaintext' in caller) return undefined
  if ('spiffeId' in caller) return `ztunnel reads identities of Istio's form only, and refuses ${caller.spiffeId} in the handshake.`
  const { trustDomain } = caller.identity
  if (trustDomain === settings.trustDomain) return undefined
  const alias = settings.trustDomainAliases.includes(trustDomain) ? ', although it is an alias of it' : ''
  return `ztunnel accepts the trust domain ${settings.trustDomain} only, and refuses ${trustDomain} in the handshake${alias}.`
}

function factsOf({ caller, sourceIp, to }: Connection): Facts {
  const source = addressOf(sourceIp)
  const destination = addressOf(to.ip ?? onlyAddress(to))
  return {
    identity: 'identity' in caller ? { ...caller.identity, principal: formatPrincipal(caller.identity) } : 'none',
    port: to.port,
    ...(source ? { sourceIp: source } : {}),
    ...(destination ? { destinationIp: destination } : {}),
  }
}

function addressOf(text: string | undefined): Address | undefined {
  const address = text === undefined ? undefined : parseAddress(text)
  return address && canonical(address)
}

/** Undefined where the workload has several pods: which of them is meant is not said. */
function onlyAddress({ workload: { pods } }: Destination): string | undefined {
  return pods.length === 1 ? pods[0]?.ip : undefined
}
