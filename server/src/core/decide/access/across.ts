// One answer for all ports of a workload, where no port is asked for: what differs between kinds of ports becomes a condition on the port.
import { groupBy } from '../../mesh/groupBy.ts'
import { atPorts, type Condition, conditionsKey, negation } from './condition.ts'
import { type AccessDecider, denied, nameOf, type Outcome, outcomeKey, undecided, type Way } from './outcome.ts'
import { anyPort } from './place.ts'
import type { Refusal } from './refusals.ts'
import { isPossible } from './satisfiable.ts'

export interface AtPorts {
  /** With 0: all that no other kind has. */
  readonly ports: readonly number[]
  readonly outcome: Outcome
}

export function across(kinds: readonly AtPorts[]): Outcome {
  const different = [...groupBy(kinds, ({ outcome }) => outcomeKey(outcome)).values()].map(alike)
  const [only, second] = different
  if (only && !second) return only.outcome
  const by = [...new Map(different.flatMap(({ outcome }) => outcome.by).map(each => [nameOf(each), each])).values()]
  const missing = different.flatMap(({ outcome }) => outcome.missing)
  if (missing.length > 0) return undecided(missing)
  if (different.every(({ outcome }) => outcome.decision === 'deny')) return denied(by, reasonsOf(different))
  return mixed(different, by)
}

function alike(kinds: readonly AtPorts[]): AtPorts {
  const [first] = kinds
  if (!first) throw new Error('a group has a member')
  return { outcome: first.outcome, ports: kinds.flatMap(({ ports }) => ports) }
}

function reasonsOf(kinds: readonly AtPorts[]): string {
  return [...new Set(kinds.map(({ outcome }) => outcome.reason))].join(' ')
}

function mixed(kinds: readonly AtPorts[], by: readonly AccessDecider[]): Outcome {
  return {
    decision: 'conditional',
    ways: gathered<Way>(kinds, ({ ways }) => ways),
    unless: gathered<Refusal>(kinds, ({ unless }) => unless),
    by,
    reason: 'It depends on the port.',
    missing: [],
  }
}

/** What holds at all kinds of ports is said once, the rest for the ports where it does. */
function gathered<T extends Way | Refusal>(kinds: readonly AtPorts[], of: (outcome: Outcome) => readonly T[]): readonly T[] {
  const all = kinds.flatMap(({ outcome, ports }) => of(outcome).map(rule => ({ rule, ports })))
  return [...groupBy(all, ({ rule }) => keyOf(rule)).values()].flatMap(same => {
    const [first] = same
    if (!first) return []
    if (same.length === kinds.length) return [first.rule]
    const when = there(
      first.rule.when,
      same.flatMap(({ ports }) => ports),
      kinds.flatMap(({ ports }) => ports),
    )
    return when ? [{ ...first.rule, when }] : []
  })
}

function keyOf(rule: Way | Refusal): string {
  const authorizer = 'authorizer' in rule ? (rule.authorizer ?? '') : ''
  return `${rule.by ? nameOf(rule.by) : ''}\0${authorizer}\0${conditionsKey(rule.when)}`
}

/** Undefined where none of these ports meets the conditions. */
function there(when: readonly Condition[], ports: readonly number[], all: readonly number[]): readonly Condition[] | undefined {
  if (ports.includes(anyPort)) {
    const others = [...when, negation(atPorts(all.filter(port => !ports.includes(port))))]
    return isPossible(others) ? others : undefined
  }
  const [ofPort, others] = [when.filter(isOfPort), when.filter(each => !isOfPort(each))]
  const left = ports.filter(port => ofPort.every(({ values, negated }) => values.some(value => Number(value) === port) !== negated))
  return left.length > 0 ? [...others, atPorts(left.toSorted((a, b) => a - b))] : undefined
}

function isOfPort({ subject }: Condition): boolean {
  return subject.aspect === 'port'
}
