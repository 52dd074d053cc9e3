// Who can call a workload, and what one can call, in words: those that get the same stand together, with the rules that decide.
import { harmless } from '../certificate/harmless.ts'
import type { Callable } from '../decide/access/callableBy.ts'
import type { Callers } from '../decide/access/callers.ts'
import type { Access } from '../decide/access/callersOf.ts'
import type { Condition } from '../decide/access/condition.ts'
import type { Identity } from '../decide/access/identities.ts'
import { type AccessDecider, nameOf, type Outcome, outcomeKey } from '../decide/access/outcome.ts'
import type { Refusal } from '../decide/access/refusals.ts'
import type { ThroughWaypoint } from '../decide/access/throughWaypoint.ts'
import { paint } from './authorize.ts'
import { conjunctionTexts, refusalText } from './conditions.ts'
import { columns } from './table.ts'
import { count, list, wrap } from './words.ts'

export interface Words {
  /** Where what decided is written: `policies/pay.yaml:14`; undefined for what no file says. */
  readonly placeOf: (by: AccessDecider) => string | undefined
  /** Colour repeats what words say. */
  readonly color: boolean
  /** Columns of the terminal. */
  readonly width?: number
}

export function accessText({ to: { workload, port }, enforcer, waypoints, ...callers }: Access, words: Words): string {
  const where = port === undefined ? '' : ` on port ${port}`
  const lines = [
    `Who can call ${workload.namespace}/${workload.name}${where}${enforcedBy(enforcer)}`,
    ...callersLines(callers, words),
    ...waypoints.flatMap(each => waypointLines(each, words)),
  ]
  return `${lines.join('\n')}\n`
}

export function callableText({ from: { workload, identity }, targets }: Callable, words: Words): string {
  const as = identity ? `, as ${identity.principal}` : workload.proxy === 'none' ? ', in plaintext: it has no proxy' : ''
  const rows = targets.map(({ workload: target, enforcer, outcome }) => ({
    name: harmless(`${target.namespace}/${target.name}`),
    outcome:
      enforcer === 'none' && outcome.decision === 'allow' ? { ...outcome, reason: 'No proxy, so nothing is enforced there.' } : outcome,
  }))
  const lines = [
    `What ${workload.namespace}/${workload.name} can call${as}`,
    ...(rows.length > 0 ? sections(rows, words) : ['', 'No other workload is known here.']),
  ]
  return `${lines.join('\n')}\n`
}

function enforcedBy(enforcer: Access['enforcer']): string {
  return enforcer === 'none' ? '' : ` · ${enforcer}`
}

interface Row {
  /** Harmless. */
  readonly name: string
  readonly outcome: Outcome
}

function callersLines({ callers, others, foreign, plaintext, checksTokens }: Callers, words: Words): readonly string[] {
  const known = callers.map(({ identity, outcome }) => ({ name: callerName(identity), outcome }))
  const anybody = [
    { name: 'any other identity', outcome: others },
    ...foreign.map(({ trustDomain, outcome }) => ({ name: harmless(`any identity of ${trustDomain}`), outcome })),
    { name: plaintextName(plaintext.workloads), outcome: plaintext.outcome },
  ]
  const token = checksTokens ? ['', 'A token that is sent must be valid, or the request is refused.'] : []
  return [...sections([...anybody, ...known], words), ...token]
}

/** Those who show it; of an account that nobody uses its name; of another trust domain the whole identity. */
function callerName({ principal, namespace, serviceAccount, workloads }: Identity): string {
  if (workloads.length > 0) return all(workloads.map(harmless))
  return harmless(principal.startsWith('cluster.local/') ? `account ${namespace}/${serviceAccount}` : principal)
}

function plaintextName(workloads: readonly string[]): string {
  return workloads.length > 0 ? `plaintext (${all(workloads.map(harmless))})` : 'plaintext'
}

/** Who can call is what was asked, so nobody is left out. */
function all(names: readonly string[]): string {
  return list(names, Number.POSITIVE_INFINITY)
}

const order = ['allow', 'conditional', 'unknown', 'deny'] as const
const titles = { allow: 'Allowed', conditional: 'Allowed when', unknown: 'Not known', deny: 'Denied' } as const
const colors = { allow: 32, conditional: 33, unknown: 33, deny: 31 } as const

/** What is not known is followed by what the known objects alone come to. */
function sections(rows: readonly Row[], words: Words): readonly string[] {
  const likely = rows.flatMap(({ name, outcome: { asFarAsKnown } }) => (asFarAsKnown ? [{ name, outcome: asFarAsKnown }] : []))
  const known = likely.length > 0 ? ['', 'As far as the known objects say:', ...plainSections(likely, words)] : []
  return [...plainSections(rows, words), ...known]
}

function plainSections(rows: readonly Row[], words: Words): readonly string[] {
  return order.flatMap(decision => {
    const found = rows.filter(({ outcome }) => outcome.decision === decision)
    if (found.length === 0) return []
    const width = words.width === undefined ? undefined : words.width - 2
    const shown = groups(found).map(group => ({ who: all(group.names), rules: groupRules(group, words) }))
    // Beside each other as long as that leaves room for the rules.
    const table = (rows: typeof shown) =>
      columns(
        rows.flatMap(({ who, rules }) => rules.map((rule, index) => [index === 0 ? who : '', ...rule])),
        width,
      )
    const isLong = ({ who }: (typeof shown)[number]) => who.length > widestNames
    const stacked = shown
      .filter(isLong)
      .flatMap(({ who, rules }) => [
        ...wrap(who, width ?? Number.POSITIVE_INFINITY),
        ...columns(rules, width === undefined ? undefined : width - 2).map(line => `  ${line}`),
      ])
    const lines = [...table(shown.filter(each => !isLong(each))), ...stacked]
    return ['', paint(titles[decision], colors[decision], words.color), ...lines.map(line => `  ${line}`)]
  })
}

interface Group {
  readonly names: readonly string[]
  readonly outcome: Outcome
}

function groups(rows: readonly Row[]): readonly Group[] {
  const keys = new Map<Outcome, string>()
  const keyOf = (outcome: Outcome) => {
    const key = keys.get(outcome) ?? `${outcomeKey(outcome)} ${outcome.reason}`
    keys.set(outcome, key)
    return key
  }
  const found = new Map<string, { readonly names: string[]; readonly outcome: Outcome }>()
  for (const { name, outcome } of rows) {
    const group = found.get(keyOf(outcome))
    if (group) group.names.push(name)
    else found.set(keyOf(outcome), { names: [name], outcome })
  }
  return [...found.values()]
}

const mostLines = 8
const widestNames = 44

/** On which condition, by which rule: a line for each condition. */
function groupRules({ outcome }: Group, words: Words): readonly (readonly string[])[] {
  const rules = ruleLines(outcome, words)
  const hidden = rules.length - mostLines
  return hidden > 0 ? [...rules.slice(0, mostLines), [`and ${count(hidden, 'more condition')}`]] : rules
}

function ruleLines({ decision, ways, unless, by, reason, missing }: Outcome, words: Words): readonly (readonly string[])[] {
  if (decision === 'unknown') return [[harmless(missing.join(', '))]]
  if (decision !== 'conditional') {
    const [first] = by
    return [first ? [ruleText(first, words)] : [reason.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, letter => letter.toLowerCase())]]
  }
  const allowing = ways.map(({ when, by: rule }, index) => [
    `${index > 0 ? 'or ' : ''}${conditionsText(when)}`,
    rule ? ruleText(rule, words) : 'no ALLOW policy applies',
  ])
  return [...allowing, ...unless.map(each => [harmless(limitText(each)), ruleText(each.by, words)])]
}

/** In a line by itself: what refuses all but one thing leaves that one. */
function limitText(refusal: Refusal): string {
  const text = refusalText(refusal)
  return /^(?:unless|if) /.test(text) ? text : `only ${text}`
}

function conditionsText(when: readonly Condition[]): string {
  return harmless(conjunctionTexts(when).join(', ')) || 'anything'
}

function ruleText(by: AccessDecider, { placeOf }: Words): string {
  const place = placeOf(by)
  const name = 'peerAuthentication' in by ? `PeerAuthentication ${nameOf(by)}` : nameOf(by)
  return harmless(place === undefined ? name : `${name} · ${place}`)
}

function waypointLines({ service, gate }: ThroughWaypoint, words: Words): readonly string[] {
  const calls = service === undefined ? 'Calls to its own address' : `Calls to Service ${service}`
  if (gate.is === 'unknown')
    return ['', `Not known: whether ${calls.replace('Calls', 'calls')} pass a waypoint, because of ${gate.missing}.`]
  const { decision, by, reason } = gate.behind
  const [first] = by
  const behind = { allow: 'lets it in', conditional: 'lets it in on conditions', unknown: `may let it in: ${reason}`, deny: 'refuses it' }[
    decision
  ]
  return [
    '',
    `${calls} pass waypoint ${gate.waypoint} first. ztunnel then ${behind}${first ? ` (${ruleText(first, words)})` : ''}. There:`,
    ...callersLines(gate, words),
  ]
}
